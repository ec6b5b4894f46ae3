package source

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"testing"

	"github.com/idwatch/idwatch/parsers"
)

// An agent that is told to end takes whole lines of a pipe and leaves the rest to the next one; a pipe that is closed ends the input.
func TestPipeIsHandedOn(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	first := text(0, 1)
	if _, err := io.WriteString(w, text(1, 1)+first[:7]); err != nil {
		t.Fatal(err)
	}
	k := &notingTaker{taker: &taker{}, came: make(chan struct{}, 8)}
	input := func() *Stdin { return NewStdin(r, k, parsers.Split, slog.New(slog.DiscardHandler)) }
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- input().Run(ctx) }()
	<-k.came
	stop()
	if _, err := io.WriteString(w, first[7:]); err != nil { // the rest of the line comes in time
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := io.WriteString(w, text(2, 1)); err != nil { // nobody reads
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := input().Run(t.Context()); err != nil {
		t.Error(err)
	}
	want := slices.Concat(records(1, 1), records(0, 1), records(2, 1))
	if k.compact(); !slices.Equal(k.records, want) {
		t.Errorf("got %q, want %q", k.records, want)
	}
}

// notingTaker tells of each batch.
type notingTaker struct {
	*taker
	came chan struct{}
}

func (k *notingTaker) Put(ctx context.Context, records [][]byte, safe func()) error {
	err := k.taker.Put(ctx, records, safe)
	k.came <- struct{}{}
	return err
}
