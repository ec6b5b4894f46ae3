package service

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/agent/waittest"
)

// problemsOf are the ids of a status's problems.
func problemsOf(st *status.Status) string {
	var ids []string
	for _, p := range st.Problems {
		ids = append(ids, p.ID)
	}
	return strings.Join(ids, " ")
}

// An output that takes nothing is a problem after a minute, and none when it takes something again; the file in the data
// directory says the same.
func TestOutputInTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		s := h.open(h.config())
		h.put(s, oktaFrom("192.0.2.1", 1))
		time.Sleep(time.Second)
		if st := s.Status(); !st.Healthy {
			t.Fatalf("at first: got %s", st.Line())
		}
		if err := os.RemoveAll(h.path("data/out")); err != nil {
			t.Fatal(err)
		}
		h.write("data/out", "in the way")
		if err := s.Put(t.Context(), [][]byte{[]byte(oktaFrom("192.0.2.1", 2))}, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(troubleAfter / 2)
		if st := s.Status(); !st.Healthy || st.Outputs[0].Trouble == "" {
			t.Errorf("after half a minute: got %s, trouble %q, want healthy and trouble", st.Line(), st.Outputs[0].Trouble)
		}
		time.Sleep(troubleAfter)
		st := s.Status()
		if problemsOf(st) != status.OutputUnreachable || st.Records.Spooled != 1 || st.Records.In != st.Records.Sum() {
			t.Errorf("after a minute: got %q, %+v", problemsOf(st), st.Records)
		}
		time.Sleep(status.WriteEvery)
		written, err := status.Read(h.path("data"))
		if err != nil || written.Healthy || written.Records.Spooled != 1 {
			t.Errorf("file: got %+v, %v", written, err)
		}
		if err := os.Remove(h.path("data/out")); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(h.path("data/out"), 0o700); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if st := s.Status(); !st.Healthy || st.Records.Spooled != 0 || st.Records.Delivered != 2 {
			t.Errorf("mended: got %s, %+v", st.Line(), st.Records)
		}
		h.close(s)
	})
}

// What sources usually send is known to the next process, and a source that falls silent is a problem.
func TestSilentSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		s := h.open(h.config())
		for n := range 70 {
			h.put(s, oktaFrom("192.0.2.1", n))
			time.Sleep(time.Minute)
		}
		h.close(s)
		s = h.open(h.config())
		defer h.close(s)
		time.Sleep(10 * time.Minute)
		if st := s.Status(); !st.Healthy || len(st.Sources) != 1 || st.Sources[0].Records != 70 {
			t.Errorf("soon: got %s, %+v", st.Line(), st.Sources)
		}
		time.Sleep(time.Hour)
		if st := s.Status(); problemsOf(st) != status.SourceSilent || st.Problems[0].What != "okta.system" {
			t.Errorf("after an hour: got %q", problemsOf(st))
		}
	})
}

// Records without addresses are a warning, not a problem: logs flow, and nothing can come out.
func TestRecordsThatLackSomething(t *testing.T) {
	h := newHouse(t)
	s := h.open(h.config())
	defer h.close(s)
	var texts [][]byte
	for n := range 300 {
		texts = append(texts, []byte(`{"eventType":"x","published":"2026-09-01T08:15:30.123Z","uuid":"u-`+strings.Repeat("i", n+1)+`"}`))
	}
	if err := s.Put(t.Context(), texts, nil); err != nil {
		t.Fatal(err)
	}
	h.settle(s)
	st := s.Status()
	var lacking []string
	for _, w := range st.Warnings {
		if w.ID == status.FieldLacking && w.What == "okta.system" {
			lacking = append(lacking, w.Text)
		}
	}
	if !st.Healthy || len(lacking) != 2 || !strings.Contains(strings.Join(lacking, "\n"), "have no source.ip: ") {
		t.Errorf("got healthy %v, %q, want no address and no identity", st.Healthy, lacking)
	}
}

// What has no room in memory goes to disk, and the status says so.
func TestForgottenOnDisk(t *testing.T) {
	h := newHouse(t)
	s := h.open(h.config("cache: {identities: 1000, disk: 64MiB}"))
	defer h.close(s)
	var texts [][]byte
	for n := range 3000 {
		texts = append(texts, fmt.Appendf(nil, `{"eventType":"user.session.start","published":"2026-09-01T08:%02d:00Z","uuid":"u-%d","actor":{"id":"00u%d","type":"User","alternateId":"u%d@acme.example"}}`, n/60, n, n, n))
	}
	if err := s.Put(t.Context(), texts, nil); err != nil {
		t.Fatal(err)
	}
	h.settle(s)
	var st *status.Status
	waittest.Until(t, "what the engine, at its own pace, puts on disk", func() bool { st = s.Status(); return st.Cold.Records > 0 })
	if st.Cold.Bytes == 0 || st.Cold.MaxBytes != 64<<20 || st.Cold.Misses == 0 {
		t.Errorf("got %+v, want records that take room, and names that were new", st.Cold)
	}
	if !slices.ContainsFunc(st.Warnings, func(p status.Problem) bool {
		return p.ID == status.CacheSmall && strings.Contains(p.Text, "from memory to disk")
	}) {
		t.Errorf("warnings: got %v", st.Warnings)
	}
}
