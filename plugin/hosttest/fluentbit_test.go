package hosttest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/waittest"
)

// fluentBit is a real Fluent Bit with the sample configuration, moved into a folder of the test.
type fluentBit struct {
	t    *testing.T
	dir  string
	conf string
	log  waittest.Log
	cmd  *exec.Cmd
}

// newFluentBit prepares a sample configuration with changes, old and new text in turn.
func newFluentBit(t *testing.T, sample, library string, changes ...string) *fluentBit {
	t.Helper()
	if os.Getenv("FLUENT_BIT") == "" {
		t.Skip("FLUENT_BIT names no program: the plugin is not tested in a real Fluent Bit")
	}
	f := &fluentBit{t: t, dir: t.TempDir()}
	for _, name := range []string{"logs", "state", "data"} {
		if err := os.Mkdir(filepath.Join(f.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f.write("idwatch.yaml", "data_dir: "+f.data()+"\n")
	changes = append(changes,
		"/usr/lib/idwatch/out_idwatch.so", library, "/etc/idwatch", f.dir, "/etc/fluent-bit", f.dir, "/var/lib/fluent-bit", filepath.Join(f.dir, "state"),
		"/var/log/audit-records", filepath.Join(f.dir, "logs"), "2020", freePort(t))
	for _, name := range []string{sample, "plugins.conf"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "packaging", "fluent-bit", name))
		if err != nil {
			t.Fatal(err)
		}
		f.write(name, strings.NewReplacer(changes...).Replace(string(text)))
	}
	f.conf = filepath.Join(f.dir, sample)
	return f
}

func (f *fluentBit) data() string { return filepath.Join(f.dir, "data") }

func (f *fluentBit) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

func (f *fluentBit) start() {
	f.t.Helper()
	f.cmd = exec.Command(os.Getenv("FLUENT_BIT"), "-c", f.conf)
	f.cmd.Stdout, f.cmd.Stderr = &f.log, &f.log
	if err := f.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = f.cmd.Process.Kill() })
}

// stop ends Fluent Bit, which must end by itself and in time.
func (f *fluentBit) stop(within time.Duration) {
	f.t.Helper()
	kill := time.AfterFunc(within, func() { _ = f.cmd.Process.Kill() })
	defer kill.Stop()
	f.signal(syscall.SIGTERM)
	if err := f.cmd.Wait(); err != nil {
		f.t.Fatalf("stop: %v\n%s", err, f.log.String())
	}
}

func (f *fluentBit) signal(s os.Signal) {
	f.t.Helper()
	if err := f.cmd.Process.Signal(s); err != nil {
		f.t.Fatalf("signal: %v\n%s", err, f.log.String())
	}
}

// eventually waits until a condition holds.
func (f *fluentBit) eventually(what string, holds func() bool) {
	f.t.Helper()
	waittest.Until(f.t, what, holds, f.log.String)
}

// arrived waits for n texts.
func (f *fluentBit) arrived(n int) []string {
	f.t.Helper()
	f.eventually(fmt.Sprintf("%d texts arrive", n), func() bool { return len(f.taken()) >= n })
	return f.taken()
}

// taken are the texts that have arrived so far.
func (f *fluentBit) taken() []string {
	if _, err := os.Stat(filepath.Join(f.data(), "taken")); err != nil {
		return nil
	}
	return taken(f.t, f.data())
}

// vendorLines are the records that the golden chunks are made of.
func vendorLines(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(chunkFile(t, "records.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestFluentBitSamples(t *testing.T) {
	for _, sample := range []string{"fluent-bit.conf", "fluent-bit.yaml"} {
		t.Run(sample, func(t *testing.T) {
			f := newFluentBit(t, sample, libraries(t).faulty)
			lines := vendorLines(t)
			f.write("logs/a.log", strings.Join(lines, "\n")+"\n\n"+strings.Repeat("x", 100_000)+"\n")
			f.start()
			got := f.arrived(5)
			f.stop(20 * time.Second)
			if !slices.Equal(got[:4], lines) || len(got) != 5 || len(got[4]) != 100_000 {
				t.Errorf("got %d texts: %.300s", len(got), got)
			}
			if strings.Contains(f.log.String(), "set workers to 1") {
				t.Error("the sample has no workers")
			}
		})
	}
}

func TestFluentBitWorkers(t *testing.T) {
	for _, workers := range []string{"0", "4"} {
		t.Run(workers, func(t *testing.T) {
			f := newFluentBit(t, "fluent-bit.yaml", libraries(t).faulty, "workers: 1", "workers: "+workers)
			f.write("logs/a.log", strings.Repeat(strings.Join(vendorLines(t), "\n")+"\n", 5000))
			f.start()
			got := f.arrived(20_000)
			f.stop(20 * time.Second)
			if len(got) != 20_000 {
				t.Errorf("got %d records, want 20000", len(got))
			}
			if warned := strings.Contains(f.log.String(), "set workers to 1"); warned != (workers == "0") {
				t.Errorf("got a warning about workers: %v", warned)
			}
		})
	}
}

// A second output of another directory gets every record too.
func TestFluentBitTwoInstances(t *testing.T) {
	second := t.TempDir()
	f := newFluentBit(t, "fluent-bit.yaml", libraries(t).faulty, "  outputs:\n",
		"  outputs:\n    - name: idwatch\n      match: '*'\n      workers: 4\n      data_dir: "+second+"\n")
	f.write("logs/a.log", strings.Join(vendorLines(t), "\n")+"\n")
	f.start()
	f.arrived(4)
	f.eventually("the second gets them too", func() bool { return len(taken(t, second)) == 4 })
	f.stop(20 * time.Second)
}

// Without workers, because of Fluent Bit itself: at a reload it leaves workers of outputs in Go behind, which crash it.
func TestFluentBitReload(t *testing.T) {
	for _, sample := range []string{"fluent-bit.conf", "fluent-bit.yaml"} {
		t.Run(sample, func(t *testing.T) {
			f := newFluentBit(t, sample, libraries(t).faulty, "workers                   1", "workers 0", "workers: 1", "workers: 0",
				"[SERVICE]\n", "[SERVICE]\n    hot_reload on\n", "service:\n", "service:\n  hot_reload: on\n")
			f.start()
			for n := range 10 {
				f.write(fmt.Sprintf("logs/%d.log", n), strings.Join(vendorLines(t), "\n")+"\n")
				f.arrived(4 * (n + 1))
				f.signal(syscall.SIGHUP)
			}
			f.write("logs/last.log", strings.Join(vendorLines(t), "\n")+"\n")
			if got := f.arrived(44); len(got) != 44 {
				t.Errorf("got %d records, want 44", len(got))
			}
			f.stop(20 * time.Second)
			if got := strings.Count(f.log.String(), "successful reload"); got != 10 {
				t.Errorf("got %d reloads, want 10", got)
			}
		})
	}
}

// What idwatch cannot take stays with Fluent Bit, over a stop and a kill.
func TestFluentBitOutage(t *testing.T) {
	f := newFluentBit(t, "fluent-bit.conf", libraries(t).faulty)
	lines := vendorLines(t)
	mend := fault(t, f.data(), "full")
	f.write("logs/a.log", lines[0]+"\n")
	f.start()
	f.eventually("the chunk is on disk", func() bool { return f.chunks() > 0 })
	f.stop(40 * time.Second)
	f.write("logs/b.log", lines[1]+"\n")
	f.start()
	f.eventually("both chunks are on disk", func() bool { return f.chunks() > 1 })
	f.signal(syscall.SIGKILL)
	_ = f.cmd.Wait()
	mend()
	f.start()
	f.eventually("both records arrive", func() bool {
		got := f.taken()
		return slices.Contains(got, lines[0]) && slices.Contains(got, lines[1])
	})
	f.stop(20 * time.Second)
}

// chunks counts the chunks on Fluent Bit's disk.
func (f *fluentBit) chunks() int {
	files, err := filepath.Glob(filepath.Join(f.dir, "state", "storage", "*", "*.flb"))
	if err != nil {
		f.t.Fatal(err)
	}
	return len(files)
}

// The product itself in a real Fluent Bit.
func TestFluentBitDocuments(t *testing.T) {
	f := newFluentBit(t, "fluent-bit.conf", libraries(t).product)
	f.write("logs/a.log", strings.Join(vendorLines(t), "\n")+"\nno record\n")
	f.start()
	f.eventually("documents of four sources and a dead letter", func() bool {
		files, err := filepath.Glob(filepath.Join(f.data(), "out", "*.ndjson"))
		return err == nil && len(files) == 5
	})
	f.stop(20 * time.Second)
	for dataset, docs := range documents(t, f.data()) {
		if len(docs) != 1 {
			t.Errorf("%s: got %d documents, want 1", dataset, len(docs))
		}
	}
}
