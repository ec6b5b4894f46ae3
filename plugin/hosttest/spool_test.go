package hosttest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// datasets are where the records of the golden chunk "lines" go, one each.
var datasets = []string{"okta.system", "aws.cloudtrail", "azure.signinlogs", "hashicorp_vault.audit"}

// wantOnce checks that each record of the golden chunk is there once, however often the chunk came.
func wantOnce(t *testing.T, dir string) {
	t.Helper()
	docs := documents(t, dir)
	for _, dataset := range datasets {
		if len(docs[dataset]) != 1 {
			t.Errorf("%s: got %d documents, want 1", dataset, len(docs[dataset]))
		}
	}
}

// A host that is killed has lost nothing that it was told OK for: the next one delivers it.
func TestKilledHost(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	h := product(t)
	h.want("init a 1", "init a 0 data_dir=%s es_url=http://127.0.0.1:%s", dir, freePort(t))
	h.want("flush a lines.msgpack 1 ", "flush a %s", chunkFile(t, "lines.msgpack"))
	if err := h.kill(); err != nil {
		t.Fatal(err)
	}
	h.close()
	h = product(t)
	h.want("init a 1", "init a 1 data_dir=%s", dir) // to files
	h.want("exit a 1 ", "exit a")
	wantOnce(t, dir)
}

// Fluent Bit sends the same bytes again when it did not hear the answer. They make no second document.
func TestSameBytesAgain(t *testing.T) {
	for _, workers := range []int{0, 1, 4} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			h, dir := product(t), filepath.Join(t.TempDir(), "data")
			h.want("init a 1", "init a %d data_dir=%s", workers, dir)
			h.do("flush a %s 20", chunkFile(t, "lines.msgpack"))
			h.do("wait")
			h.want("exit a 1 ", "exit a")
			if got := h.answers(); got["1"] != 20 || len(got) != 1 {
				t.Errorf("got answers %v, want 20 times 1", got)
			}
			wantOnce(t, dir)
		})
	}
}

// Two instances of one process have a spool each. A second one on the same directory is told whose it is.
func TestOneDirectoryOneInstance(t *testing.T) {
	t.Parallel()
	h, dir := product(t), t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	h.want("init a 1", "init a 1 data_dir=%s", one)
	h.want("init b 1", "init b 1 data_dir=%s", two)
	h.want("init c 0", "init c 1 data_dir=%s", one)
	for _, name := range []string{"a", "b"} {
		h.do("flush %s %s", name, chunkFile(t, "lines.msgpack"))
	}
	h.do("wait")
	h.want("exit a 1 ", "exit a")
	h.want("exit b 1 ", "exit b")
	wantOnce(t, one)
	wantOnce(t, two)
	h.close()
	pid := strings.TrimPrefix(h.proc, "/proc/")
	if log := h.log.String(); !strings.Contains(log, "pid "+pid) {
		t.Errorf("the log does not name pid %s: %s", pid, log)
	}
}

// Ten reloads of the product, the way Fluent Bit does them, with records before and between.
func TestReloadOfTheProduct(t *testing.T) {
	h, dir := product(t), filepath.Join(t.TempDir(), "data")
	h.want("init a 1", "init a 1 data_dir=%s", dir)
	for n := range 10 {
		h.do("flush a %s", chunkFile(t, "lines.msgpack"))
		h.reload(n, dir)
	}
	h.want("exit a 1 ", "exit a")
	if got := h.answers(); got["1"] != 10 || len(got) != 1 {
		t.Errorf("got answers %v, want 10 times 1", got)
	}
}
