// Package inputtest runs the agent as a process of its own, kills it, and compares what its counterparts sent with what it delivered.
package inputtest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/inlet"
	"github.com/idwatch/idwatch/agent/service"
	"github.com/idwatch/idwatch/agent/supervise"
	"github.com/idwatch/idwatch/agent/supervise/supervisetest"
	"github.com/idwatch/idwatch/agent/waittest"
)

const (
	agentConfig = "IDWATCH_TEST_AGENT"   // makes the test binary the agent of this configuration
	longForm    = "IDWATCH_TEST_RECORDS" // how many records each test sends, such as 20000
	patience    = 2 * time.Minute
)

func TestMain(m *testing.M) {
	if path := os.Getenv(agentConfig); path != "" {
		os.Exit(runAgent(path))
	}
	os.Exit(m.Run())
}

// runAgent is what idwatch run does.
func runAgent(path string) int {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	c, err := config.Load(path)
	if err != nil {
		log.Error("configuration", "err", err)
		return 2
	}
	s, err := service.Open(c, log)
	if err != nil {
		log.Error("not opened", "err", err)
		return 1
	}
	manager := supervise.New(log)
	s.ReadWith(inlet.Opener{Manager: manager}.Open)
	s.WhenReading(manager.Ready)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := s.Run(ctx); err != nil {
		log.Error("ended", "err", err)
		return 1
	}
	return 0
}

// rig is an agent with its folder.
type rig struct {
	t        *testing.T
	dir      string
	records  int // how many are sent
	process  *exec.Cmd
	stdin    *os.File               // of the agent; nil for none
	manager  *supervisetest.Manager // nil for none
	cutLines bool                   // the input may be cut within a line
	seen     map[string]int         // documents by event.id
	read     map[string]int64       // how far each file of documents has been read
}

// newRig makes a folder with a configuration of these inputs.
func newRig(t *testing.T, inputs string) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), records: 2000, seen: map[string]int{}, read: map[string]int64{}}
	if n, err := strconv.Atoi(os.Getenv(longForm)); err == nil {
		r.records = n
	}
	r.write("idwatch.yaml", "data_dir: "+r.path("data")+"\nconsole: {listen: 'off'}\ninputs:\n"+strings.ReplaceAll(inputs, "DIR", r.dir))
	t.Cleanup(r.kill)
	return r
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

// write writes a file that its owner alone can read, and returns its path.
func (r *rig) write(name, text string) string {
	r.t.Helper()
	if err := os.WriteFile(r.path(name), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return r.path(name)
}

// start starts the agent.
func (r *rig) start() {
	r.t.Helper()
	log, err := os.OpenFile(r.path("log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		r.t.Fatal(err)
	}
	defer log.Close()
	r.process = exec.Command(os.Args[0], "-test.run=^$")
	r.process.Env = append(os.Environ(), agentConfig+"="+r.path("idwatch.yaml"))
	r.process.Stderr = log
	if r.stdin != nil {
		r.process.Stdin = r.stdin
	}
	launch := r.process.Start
	if r.manager != nil {
		launch = func() error { return r.manager.Launch(r.process) }
	}
	if err := launch(); err != nil {
		r.t.Fatal(err)
	}
}

// kill ends the agent as a crash would.
func (r *rig) kill() {
	if r.process != nil {
		_ = r.process.Process.Kill()
		_ = r.process.Wait()
	}
}

// stop tells the agent to end and waits until it has.
func (r *rig) stop() {
	r.t.Helper()
	if err := r.process.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
	if err := r.process.Wait(); err != nil {
		r.t.Errorf("the agent ended with %v", err)
	}
}

// crash kills the agent several times while records come in, each time when more documents have come out, and starts it again.
// between is called while no agent runs.
func (r *rig) crash(between func(n int)) {
	r.t.Helper()
	for n := 1; n <= 3; n++ {
		r.until("documents for crash "+strconv.Itoa(n), func() bool { return r.documents() >= r.records*n/5 })
		r.kill()
		if between != nil {
			between(n)
		}
		r.start()
	}
}

// until waits for a condition.
func (r *rig) until(what string, holds func() bool) {
	r.t.Helper()
	waittest.Until(r.t, what, holds, func() string {
		log, _ := os.ReadFile(r.path("log"))
		return fmt.Sprintf("%d of %d documents; the log ends with: %s", len(r.seen), r.records, log[max(0, len(log)-3000):])
	})
}

// documents reads what has been written since, and returns how many different documents there are.
func (r *rig) documents() int {
	r.t.Helper()
	files, _ := filepath.Glob(r.path("data/out/logs-*.ndjson*"))
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			r.t.Fatal(err)
		}
		news := content[min(r.read[path], int64(len(content))):]
		whole := bytes.LastIndexByte(news, '\n') + 1
		r.read[path] += int64(whole)
		for line := range bytes.Lines(news[:whole]) {
			r.document(line)
		}
	}
	return len(r.seen)
}

func (r *rig) document(line []byte) {
	dataset := gjson.GetBytes(line, "data_stream.dataset").Str
	if strings.HasPrefix(dataset, "idwatch.") {
		if dataset == "idwatch.deadletter" && !r.cutLines {
			r.t.Errorf("dead letter: %.300s", line)
		}
		return
	}
	id := gjson.GetBytes(line, "event.id").Str
	if id == "" {
		id = gjson.GetBytes(line, "hashicorp_vault.audit.request.id").Str
	}
	r.seen[id]++
}

// exactlyOnce wants each record from 0 on in the documents, and nothing else. What a crash made the agent send twice has one id,
// so that Elasticsearch has it once.
func (r *rig) exactlyOnce() {
	r.t.Helper()
	r.until("all documents", func() bool { return r.documents() >= r.records })
	repeated := 0
	for i := range r.records {
		n := r.seen[recordID(i)]
		if n == 0 {
			r.t.Errorf("record %d is missing", i)
		}
		if n > 1 {
			repeated++
		}
	}
	if len(r.seen) != r.records {
		r.t.Errorf("got %d different documents, want %d", len(r.seen), r.records)
	}
	r.t.Logf("%d records, each there; %d of them were sent again after a crash, with the same id", r.records, repeated)
}

func recordID(i int) string { return fmt.Sprintf("record-%06d", i) }

// record is Okta's, with a number.
func record(i int) string {
	return fmt.Sprintf(`{"eventType":"user.session.start","published":"2026-09-01T08:%02d:%02d.%03dZ","uuid":%q,`+
		`"actor":{"id":"00u%d","type":"User","alternateId":"user%d@acme.example"},"outcome":{"result":"SUCCESS"},"client":{"ipAddress":"192.0.2.%d"}}`,
		i/60000%60, i/1000%60, i%1000, recordID(i), i%50, i%50, i%250)
}

// freeAddress is an address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
