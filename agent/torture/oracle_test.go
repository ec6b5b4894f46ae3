package torture

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	weak "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/elastic"
	"github.com/idwatch/idwatch/agent/elastic/estest"
	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/agent/service"
)

const (
	step      = 2 * time.Second // between two records, in event time
	batchMost = 60
	// quiet is how long the engine needs to see that nothing more comes, and to say so.
	quiet = 16 * time.Second
)

// TestIntegrationOracle: whatever happens between agent and cluster, and to the agent, every record that was acknowledged is there once and
// unchanged, the alerts are those of a run that nothing happened to, a fresh record passes, and the balance adds up.
func TestIntegrationOracle(t *testing.T) {
	server := estest.Start(t)
	n, kills := number(t, "RECORDS", 4000), number(t, "KILLS", 6)
	seed := uint64(number(t, "SEED", 1))
	namespace := strings.ToLower(rand.Text())
	settings := elastic.Settings{URLs: []string{server.URL}, CAFile: server.CAFile, Username: server.Username, PasswordFile: server.PasswordFile}
	if err := elastic.Setup(t.Context(), settings, elastic.SetupOptions{}, io.Discard); err != nil {
		t.Fatal(err)
	}
	batches := batchesOf(n, weak.New(weak.NewPCG(seed, 1)))
	var calm outcome
	var resting sync.WaitGroup
	resting.Go(func() { calm = undisturbed(t, batches, namespace) })

	p := newProxy(t, server.URL, trusting(t, server.CAFile))
	l := &lives{t: t, config: configure(t, p.URL, server, namespace)}
	l.child = run(t, l.config)
	done := make(chan struct{})
	var evil sync.WaitGroup
	evil.Go(func() { p.change(weak.New(weak.NewPCG(seed, 2)), done) })
	evil.Go(func() { disturb(t, server, namespace, weak.New(weak.NewPCG(seed, 3)), done) })
	r := weak.New(weak.NewPCG(seed, 4))
	for i, b := range batches {
		if i%max(1, len(batches)/kills) == 1 {
			after := time.Duration(r.IntN(400)) * time.Millisecond
			evil.Go(func() { time.Sleep(after); l.kill() })
		}
		l.put(b)
		time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond) // so that faults and kills find it at work
	}
	close(done)
	evil.Wait()
	l.put(records(n, n+1, step)) // a fresh one, to an agent that may just have been killed
	b := settle(t, l)
	resting.Wait()
	if b.In != b.Delivered+b.Duplicate+b.Dead+b.Spooled+b.Lost || b.Spooled+b.Lost+b.Dead != 0 || b.In < int64(n+1) {
		t.Errorf("the balance: got %+v, want %d records and more, all delivered or duplicates", b, n+1)
	}
	compare(t, inCluster(t, server, namespace), calm)
	t.Logf("%d records, %d kills, proxy %v, balance %+v, %d alerts", n+1, l.kills, p.did, b, len(calm.alerts))
	if len(calm.events) != n+1 || len(calm.alerts) == 0 {
		t.Errorf("the calm run: got %d records, %d alerts, want %d and some", len(calm.events), len(calm.alerts), n+1)
	}
}

// batchesOf cuts the records into batches as inputs do.
func batchesOf(n int, r *weak.Rand) (batches [][]string) {
	for from := 0; from < n; {
		to := min(n, from+1+r.IntN(batchMost))
		batches = append(batches, records(from, to, step))
		from = to
	}
	return batches
}

// undisturbed is what comes out when nothing happens.
func undisturbed(t *testing.T, batches [][]string, namespace string) outcome {
	t.Helper()
	dir := t.TempDir()
	c, err := config.Parse("calm", fmt.Appendf(nil, "data_dir: %s/data\nconsole: {listen: 'off'}\noutputs: {file: {path: %s/out, namespace: %s}}\n", dir, dir, namespace))
	if err != nil {
		t.Error(err)
		return outcome{}
	}
	s, err := service.Open(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Error(err)
		return outcome{}
	}
	for _, b := range append(batches, records(size(batches), size(batches)+1, step)) {
		texts := make([][]byte, len(b))
		for i := range b {
			texts[i] = []byte(b[i])
		}
		if err := s.Put(t.Context(), texts, nil); err != nil {
			t.Error(err)
		}
	}
	for b := s.Balance(); b.Spooled > 0 || b.Engine < b.Next; b = s.Balance() {
		time.Sleep(10 * time.Millisecond) // nothing tells
	}
	time.Sleep(quiet)
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	return inFiles(t, filepath.Join(dir, "out"), namespace)
}

func size(batches [][]string) (n int) {
	for _, b := range batches {
		n += len(b)
	}
	return n
}

// trusting is a transport that trusts the server's authority.
func trusting(t *testing.T, caFile string) http.RoundTripper {
	t.Helper()
	pem, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
}

// configure writes a configuration that sends to a proxy.
func configure(t *testing.T, url string, server *estest.Server, namespace string) string {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf("data_dir: %s/data\nconsole: {listen: 'off'}\noutputs: {elasticsearch: {url: '%s', username: %s, password_file: %s, namespace: %s, compression: none}}\n",
		dir, url, server.Username, server.PasswordFile, namespace)
	path := filepath.Join(dir, "idwatch.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// disturb makes streams read-only for a while and rolls them over, until done is closed.
func disturb(t *testing.T, server *estest.Server, namespace string, r *weak.Rand, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(time.Duration(500+r.IntN(1500)) * time.Millisecond):
		}
		stream := streams[r.IntN(len(streams))] + namespace
		server.Call(t, "POST", "/"+stream+"/_rollover", "")
		server.Call(t, "PUT", "/"+stream+"/_settings", `{"index.blocks.write":true}`)
		time.Sleep(time.Duration(r.IntN(1000)) * time.Millisecond)
		server.Call(t, "PUT", "/"+stream+"/_settings", `{"index.blocks.write":false}`)
	}
}

// settle waits until all is delivered and the engine has nothing more to say, and ends the agent in good order.
func settle(t *testing.T, l *lives) (b pipeline.Balance) {
	t.Helper()
	limit := time.Now().Add(3 * time.Minute)
	for {
		b = l.child.balance(t)
		if b.Spooled == 0 && b.Engine >= b.Next {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("not delivered in time: %+v", b)
		}
		time.Sleep(50 * time.Millisecond) // nothing tells
	}
	time.Sleep(quiet)
	for b = l.child.balance(t); b.Waiting > 0 || b.Spooled > 0; b = l.child.balance(t) {
		time.Sleep(50 * time.Millisecond)
	}
	if err := l.child.end(); err != nil {
		t.Errorf("agent: %v", err)
	}
	return b
}
