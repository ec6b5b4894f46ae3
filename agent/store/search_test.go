package store

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// texts are the records found, the youngest first.
func texts(t *testing.T, s *Store, q Search) []string {
	t.Helper()
	q.Make = plain
	found, err := s.Find(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range found.Records {
		list = append(list, string(r.Text))
	}
	return list
}

func TestSearchFindsWordsInEitherCase(t *testing.T) {
	s := open(t, settings(t.TempDir()))
	for i, text := range []string{`{"user":"Mara"}`, `{"user":"ivo","path":"C:\\Temp"}`, `{"user":"mara","ip":"192.0.2.1"}`} {
		take(s, i, text)
	}
	s.Flush()
	for query, want := range map[string]int{"": 3, "MARA": 2, "mara 192.0.2.1": 1, `c:\temp`: 1, "nobody": 0} {
		if got := texts(t, s, Search{Words: strings.Fields(query)}); len(got) != want {
			t.Errorf("%q: got %q, want %d", query, got, want)
		}
	}
	if got := texts(t, s, Search{From: day0.Add(time.Second), Until: day0.Add(2 * time.Second)}); len(got) != 1 {
		t.Errorf("one second: got %q, want one", got)
	}
	if got := texts(t, s, Search{Dataset: "aws.cloudtrail"}); len(got) != 0 {
		t.Errorf("other dataset: got %q, want none", got)
	}
	none := func(*ecs.Doc) bool { return false }
	if got := texts(t, s, Search{Keep: none}); len(got) != 0 {
		t.Errorf("kept none: got %q, want none", got)
	}
}

// TestPagesHoldEveryRecordOnce: however the records came, in blocks that overlap, many of the same time, some twice.
func TestPagesHoldEveryRecordOnce(t *testing.T) {
	s := open(t, settings(t.TempDir()))
	var want []string
	dice := rand.New(rand.NewPCG(1, 2))
	for i := range 3000 {
		want = append(want, fmt.Sprintf(`{"n":%04d}`, i))
	}
	for n, i := range dice.Perm(len(want)) {
		take(s, i/7, want[i])
		if i%50 == 0 {
			take(s, i/7, want[i])
		}
		if n%100 == 0 {
			s.Flush()
		}
	}
	s.Flush()
	var got []string
	q := Search{Limit: 20, Make: plain}
	for {
		found, err := s.Find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range found.Records {
			got = append(got, string(r.Text))
			if i > 0 && r.At.After(found.Records[i-1].At) {
				t.Fatal("a younger record came behind an older one")
			}
		}
		if found.Whole {
			break
		}
		q.Until = found.Back
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %d records, want %d, each once", len(got), len(want))
	}
}

func TestASearchOutOfTimeSaysHowFarItCame(t *testing.T) {
	s := open(t, settings(t.TempDir()))
	for i := range 300 {
		take(s, i, fmt.Sprintf(`{"n":%d}`, i))
		if i%100 == 99 {
			s.Flush()
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	q := Search{Make: func(_ string, text []byte) (ecs.Doc, bool) {
		if bytes.Equal(text, []byte(`{"n":150}`)) {
			stop()
		}
		return plain("", text)
	}, Limit: 300}
	found, err := s.Find(ctx, q)
	if err != nil || found.Whole || len(found.Records) != 100 {
		t.Fatalf("got %d records, whole %v, %v, want the last block's hundred", len(found.Records), found.Whole, err)
	}
	q.Until = found.Back
	rest, err := s.Find(t.Context(), q)
	if err != nil || !rest.Whole || len(rest.Records) != 200 {
		t.Errorf("the rest: got %d records, whole %v, %v, want 200", len(rest.Records), rest.Whole, err)
	}
}

func TestWindowStaysInItsBounds(t *testing.T) {
	bounded := settings(t.TempDir())
	bounded.MaxBytes = 4 << 20
	s := open(t, bounded)
	noise := make([]byte, 100<<10) // does not compress
	dice := rand.NewChaCha8([32]byte{})
	for i := range 200 { // 20 MB
		dice.Read(noise)
		ev := ecs.Event{Dataset: "okta.system", Time: day0.Add(time.Duration(i) * time.Second), Original: noise}
		s.TakeEvent(&ev)
		if i%8 == 0 {
			s.Flush()
		}
	}
	s.Flush()
	w, err := s.Window()
	counted := s.Stats().WindowBytes.Load()
	if err != nil || counted > bounded.MaxBytes || w.Bytes < bounded.MaxBytes/2 || w.Bytes > counted {
		t.Errorf("got %d bytes, counted %d, %v, want up to %d", w.Bytes, counted, err, bounded.MaxBytes)
	}
	if !w.Last.Equal(day0.Add(199 * time.Second)) {
		t.Errorf("got %v as the youngest, want the last that came", w.Last)
	}
	files, err := listSegments(s.windowDir)
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for _, f := range files {
		size += f.bytes
	}
	if size != counted {
		t.Errorf("files: got %d bytes, counted %d", size, counted)
	}
}

func TestOldFilesGo(t *testing.T) {
	s := settings(t.TempDir())
	w, _, err := openWindow(s.Dir, 64<<20, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for i := range 3 {
		if err := w.next(); err != nil {
			t.Fatal(err)
		}
		if err := w.put(blockHeader{dataset: "a", size: 1, written: day0.Add(time.Duration(i) * time.Hour).UnixMilli()}, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.prune(day0.Add(100 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	if files, err := listSegments(s.Dir); err != nil || len(files) != 2 || files[0].number != 2 {
		t.Errorf("got %v, %v, want the two younger files", files, err)
	}
}

func TestWithoutBytesThereIsNoWindow(t *testing.T) {
	without := settings(t.TempDir())
	without.MaxBytes = 0
	s := open(t, without)
	take(s, 0, `{}`)
	s.Flush()
	if got := texts(t, s, Search{}); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
}
