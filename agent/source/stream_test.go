package source

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/parsers"
)

// readStream runs a stream to its end.
func readStream(t *testing.T, r io.Reader) ([]string, Stats, error) {
	t.Helper()
	k := &taker{}
	s := NewStream(r, k, parsers.Split, slog.New(slog.DiscardHandler))
	err := s.Run(t.Context())
	k.compact()
	return k.records, s.Stats(), err
}

func TestStreams(t *testing.T) {
	streams := arranged(0, 3000)
	streams["lines"] = text(0, 3000)
	streams["lines without end"] = "\xef\xbb\xbf" + strings.TrimSuffix(text(0, 3000), "\n")
	streams["gzip"] = gzipped(text(0, 3000))
	streams["gzipped envelope"] = gzipped(streams["envelope"])
	for name, content := range streams {
		t.Run(name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(content), iotest.OneByteReader(strings.NewReader(content)), iotest.HalfReader(strings.NewReader(content))} {
				got, stats, err := readStream(t, r)
				if err != nil || !slices.Equal(got, records(0, 3000)) {
					t.Fatalf("got %d records and %v, want 3000:\n%s", len(got), err, clip(got))
				}
				if stats.Files != 0 || stats.Bytes < 3000 {
					t.Errorf("got %+v, want no stream open and all bytes counted", stats)
				}
			}
		})
	}
}

func TestStreamThatBreaksOff(t *testing.T) {
	broken := errors.New("broken")
	for name, content := range map[string]string{"lines": text(0, 3) + `{"torn`, "pretty": "[" + strings.Join(records(0, 3), ",\n") + ",\n{\"torn"} {
		r := io.MultiReader(strings.NewReader(content), iotest.ErrReader(broken))
		got, _, err := readStream(t, r)
		if !errors.Is(err, broken) || !slices.Equal(got, append(records(0, 3), `{"torn`)) {
			t.Errorf("%s: got %q and %v, want all of it and the error", name, got, err)
		}
	}
	whole := gzipped(text(0, 100))
	for n := range len(whole) {
		got, _, err := readStream(t, strings.NewReader(whole[:n]))
		if err == nil && n > 2 {
			t.Fatalf("cut at %d: got no error", n)
		}
		for i, record := range got[:max(0, len(got)-1)] {
			if record != records(i, 1)[0] {
				t.Fatalf("cut at %d: got another record %d", n, i)
			}
		}
	}
}

func TestStreamWithLongLines(t *testing.T) {
	rubbish := strings.Repeat("rubbish ", MaxRecord/4)
	envelope := `{"Records":[` + strings.Join(records(1, 30_000), ",") + "]}"
	torn := strings.TrimSuffix(envelope, "]}")
	content := text(0, 1) + rubbish + "\n" + torn + "\n" + envelope + "\n" + text(30_001, 1)
	got, stats, err := readStream(t, strings.NewReader(content))
	want := slices.Concat(records(0, 1), []string{rubbish[:MaxRecord+1]}, records(1, 30_000), records(1, 30_001))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %d records and %v, want %d", len(got), err, len(want))
	}
	if stats.Long != 1 || stats.Errors != 1 {
		t.Errorf("got %+v, want one long line and one envelope without an end", stats)
	}
}

// A line is handed over when it has come, and not when the next one does.
func TestStreamDoesNotWaitForMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		k := &taker{}
		s := NewStream(r, k, parsers.Split, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		for i := range 3 {
			_, _ = io.WriteString(w, text(i, 1))
			<-time.After(time.Second)
			synctest.Wait()
			if len(k.records) != i+1 {
				t.Errorf("got %d records after %d lines", len(k.records), i+1)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		_ = w.Close()
	})
}
