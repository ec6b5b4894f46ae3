package hosttest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// faulty starts a host with the library that fails on demand, registered.
func faulty(t *testing.T) *host {
	t.Helper()
	h := start(t, libraries(t).faulty)
	h.want("registered 0 0", "register 5")
	return h
}

// taken are the texts that arrived in a data directory.
func taken(t *testing.T, dir string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "taken"))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for line := range bytes.Lines(data) {
		text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(line)))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

// fault switches a fault of a data directory's intake on, and returns how to switch it off.
func fault(t *testing.T, dir, name string) (mend func()) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// Old versions have a shorter structure: what lies behind it is not the plugin's.
func TestRegister(t *testing.T) {
	h := start(t, libraries(t).faulty)
	h.want("registered 0 0 type=2 language=11 flags=0 name=idwatch intact=1", "register 4")
	h.want("registered 1 0 type=2 language=11 flags=0 name=idwatch intact=1", "register 5")
	h.want("unregistered 0", "unregister 0")
	h.want("unregistered 1", "unregister 1")
}

// wanted are the texts that a golden chunk comes to, bytes that are no record by their beginning.
func wanted(t *testing.T, golden string) (texts []string) {
	t.Helper()
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	var pieces []struct {
		Kind, Reason, Record string
		Bytes                int
	}
	if err := json.Unmarshal(data, &pieces); err != nil {
		t.Fatal(err)
	}
	for _, p := range pieces {
		switch {
		case p.Reason != "":
			texts = append(texts, fmt.Sprintf("Fluent Bit chunk: %s; %d bytes, base64: ", p.Reason, p.Bytes))
		case p.Record != "":
			texts = append(texts, p.Record)
		}
	}
	return texts
}

func TestGoldenChunks(t *testing.T) {
	h := faulty(t)
	files, err := filepath.Glob(chunkFile(t, "*.msgpack"))
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".msgpack")
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			h.want("init "+name+" 1", "init %s 0 data_dir=%s", name, dir)
			h.want("flush "+name+" "+name+".msgpack 1 ", "flush %s %s", name, file)
			h.want("exit "+name+" 1 ", "exit %s", name)
			got, want := taken(t, dir), wanted(t, strings.TrimSuffix(file, ".msgpack")+".golden.json")
			if len(got) != len(want) {
				t.Fatalf("got %d texts, want %d", len(got), len(want))
			}
			for i := range want {
				if printable(t, got[i]) != want[i] && !(strings.HasPrefix(got[i], want[i]) && strings.HasSuffix(want[i], ": ")) {
					t.Errorf("text %d: got %s, want %s", i, got[i], want[i])
				}
			}
		})
	}
}

// printable is a text as golden files can hold it.
func printable(t *testing.T, text string) (shown string) {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &shown); err != nil {
		t.Fatal(err)
	}
	return shown
}

func TestWorkers(t *testing.T) {
	for _, workers := range []int{0, 1, 4} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			h, dir := faulty(t), t.TempDir()
			h.want("init a 1", "init a %d data_dir=%s", workers, dir)
			h.do("flush a %s 50", chunkFile(t, "lines.msgpack"))
			h.do("wait")
			h.want("exit a 1 ", "exit a")
			if got := h.answers(); got["1"] != 50 || len(got) != 1 {
				t.Errorf("got answers %v, want 50 times 1", got)
			}
			if got := len(taken(t, dir)); got != 200 {
				t.Errorf("got %d records, want 200", got)
			}
			h.close()
			if got := strings.Count(h.log.String(), "set workers to 1"); (got == 1) != (workers == 0) {
				t.Errorf("got %d warnings about workers", got)
			}
		})
	}
}

func TestTwoInstances(t *testing.T) {
	h, one, two := faulty(t), t.TempDir(), t.TempDir()
	h.want("init a 1", "init a 1 data_dir=%s", one)
	h.want("init b 1", "init b 4 data_dir=%s log_key=stream", two)
	h.do("flush a %s", chunkFile(t, "lines.msgpack"))
	h.do("flush b %s", chunkFile(t, "keys.msgpack"))
	h.do("wait")
	h.want("exit b 1 ", "exit b")
	h.do("flush a %s", chunkFile(t, "lines.msgpack"))
	h.do("wait")
	h.want("exit a 1 ", "exit a")
	if got := len(taken(t, one)); got != 8 {
		t.Errorf("got %d records of the first, want 8", got)
	}
	if got := taken(t, two); len(got) != 13 || got[0] != "stdout" {
		t.Errorf("got %d records of the second, the first %q", len(got), got[0])
	}
}

func TestTwoInstancesOfOneDirectory(t *testing.T) {
	t.Parallel()
	h, dir := faulty(t), t.TempDir()
	h.want("init a 1", "init a 1 data_dir=%s", dir)
	h.want("init b 0", "init b 1 data_dir=%s", dir)
	h.do("flush a %s", chunkFile(t, "lines.msgpack"))
	h.do("wait")
	h.want("exit a 1 ", "exit a")
	if got := len(taken(t, dir)); got != 4 {
		t.Errorf("got %d records, want 4", got)
	}
}

func TestBadSettings(t *testing.T) {
	h := faulty(t)
	h.want("init a 0", "init a 1 source=sources data_dir=%s", t.TempDir())
	h.want("init a 0", "init a 1 config=/no/such/file")
	h.close()
	if got := h.log.String(); strings.Count(got, "instance not started") != 2 || !strings.Contains(got, "source") {
		t.Errorf("got log %s", got)
	}
}

// reload does for the nth time what Fluent Bit does: it registers anew, ends the old instances, frees the old registration and starts the new ones.
func (h *host) reload(n int, dir string) {
	h.t.Helper()
	h.want(fmt.Sprintf("registered %d 0", n+1), "register 5")
	h.do("wait")
	h.want("exit a 1 ", "exit a")
	h.want("unregistered", "unregister %d", n)
	h.want("init a 1", "init a 1 data_dir=%s", dir)
}

// Ten reloads, each after a signal, lose nothing.
func TestReload(t *testing.T) {
	h, dir := faulty(t), t.TempDir()
	h.want("init a 1", "init a 1 data_dir=%s", dir)
	for n := range 10 {
		h.do("signal 1")
		h.do("flush a %s", chunkFile(t, "lines.msgpack"))
		h.reload(n, dir)
	}
	h.want("exit a 1 ", "exit a")
	if got := len(taken(t, dir)); got != 40 {
		t.Errorf("got %d records, want 40", got)
	}
}

// An instance that is still ending holds its directory: the new one waits for it.
func TestOverlappingReload(t *testing.T) {
	h, dir := faulty(t), t.TempDir()
	h.want("init a 1", "init a 1 data_dir=%s", dir)
	h.want("registered 1 0", "register 5")
	h.do("async init b 1 data_dir=%s", dir)
	h.do("exit a")
	h.do("wait")
	all := strings.Join(h.lines, "\n")
	if !strings.Contains(all, "exit a 1 ") || !strings.Contains(all, "init b 1") {
		t.Fatalf("got %s\n%s", all, h.log.String())
	}
	h.do("flush b %s", chunkFile(t, "lines.msgpack"))
	h.do("wait")
	h.want("exit b 1 ", "exit b")
	if got := len(taken(t, dir)); got != 4 {
		t.Errorf("got %d records, want 4", got)
	}
}

// A chunk that is refused comes again with nothing that tells so.
func TestRetriedChunk(t *testing.T) {
	t.Parallel()
	h, dir := faulty(t), t.TempDir()
	h.want("init a 1", "init a 0 data_dir=%s", dir)
	mend := fault(t, dir, "full")
	h.want("flush a lines.msgpack 2 2", "flush a %s", chunkFile(t, "lines.msgpack")) // retry after 2 s
	mend()
	h.want("flush a lines.msgpack 1 ", "flush a %s", chunkFile(t, "lines.msgpack"))
	h.want("exit a 1 ", "exit a")
	h.want("flush a lines.msgpack 2 ", "flush a %s", chunkFile(t, "lines.msgpack")) // by a worker that nobody stopped
	if got := len(taken(t, dir)); got != 4 {
		t.Errorf("got %d records, want 4", got)
	}
}

func TestPanicIsARetry(t *testing.T) {
	h, dir := faulty(t), t.TempDir()
	h.want("init a 1", "init a 1 data_dir=%s", dir)
	mend := fault(t, dir, "panics")
	h.do("signal 1")
	h.do("flush a %s 3", chunkFile(t, "lines.msgpack"))
	h.do("wait")
	mend()
	h.do("flush a %s", chunkFile(t, "lines.msgpack"))
	h.do("wait")
	h.want("exit a 1 ", "exit a")
	if got := h.answers(); got["2"] != 3 || got["1"] != 1 {
		t.Errorf("got answers %v, want 3 times 2 and once 1", got)
	}
	h.close()
	if got := h.log.String(); strings.Count(got, "panic in callback") != 3 || strings.Contains(got, "uuid") {
		t.Errorf("got log %s", got)
	}
}

func TestExitWithinSeconds(t *testing.T) {
	for _, how := range []string{"slow", "hangs"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			h, dir := faulty(t), t.TempDir()
			h.want("init a 1", "init a 1 data_dir=%s", dir)
			fault(t, dir, how)
			var answer, took int
			line := h.do("exit a")[0]
			if _, err := fmt.Sscanf(line, "exit a %d %d", &answer, &took); err != nil || answer != 1 || took > 10_000 {
				t.Errorf("got %q (%v)", line, err)
			}
		})
	}
}
