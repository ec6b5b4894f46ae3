package source

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// life is a log that is written, rotated and read for a while.
type life struct {
	*rig
	pattern string
	written int
	torn    string // the rest of a line of which the beginning is written
	clock   int64  // file times rise with every step, which they otherwise do not in so short a time
	crashed bool
}

// FuzzLifeOfALog lets a writer, a rotation and the reader act in any order, with crashes. No record may be missing in the end,
// and without a crash none may be there twice.
func FuzzLifeOfALog(f *testing.F) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		steps := make([]byte, 10+random.IntN(30))
		for i := range steps {
			steps[i] = byte(random.Uint32())
		}
		f.Add(steps, seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, steps []byte, glob bool) {
		inBubble(t, func(r *rig) {
			l := &life{rig: r, pattern: "log"}
			if glob {
				l.pattern = "log*"
			}
			l.append("")
			l.start(l.pattern)
			for _, step := range steps[:min(len(steps), 60)] {
				l.step(step)
			}
			l.finishLine()
			l.settle()
			l.release(false)
			l.settle()
			l.check()
		})
	})
}

func (l *life) step(b byte) {
	switch b % 10 {
	case 0, 1, 2:
		l.finishLine()
		l.append(text(l.written, int(b/10)*int(b/10)+1))
		l.written += int(b/10)*int(b/10) + 1
	case 3:
		l.finishLine()
		line := text(l.written, 1)
		l.written++
		l.append(line[:20])
		l.torn = line[20:]
	case 4:
		l.finishLine()
		l.shift()
		l.rename("log", "log.1")
		l.append("")
	case 5:
		l.finishLine()
		l.shift()
		l.write("log.1", l.read("log"))
		l.touch("log.1")
		l.write("log", "")
		l.touch("log")
	case 6:
		if _, err := os.Stat(l.path("log.1")); err == nil {
			l.compress("log.1")
		}
	case 7:
		l.settle()
	case 8:
		l.pass(time.Duration(b) * time.Millisecond)
		if b > 100 {
			l.release(!l.taker.hold)
		}
	case 9:
		l.again(b > 200)
	}
}

// release makes all batches safe, the last one first, and says whether those to come are not.
func (l *life) release(hold bool) {
	l.taker.set(func() {
		for _, safe := range slices.Backward(l.taker.safes) {
			safe()
		}
		l.taker.safes, l.taker.hold = nil, hold
	})
}

// again restarts the reader, after a crash with the positions that were saved by chance. Batches that are not safe by
// then never get safe.
func (l *life) again(crash bool) {
	saved, err := os.ReadFile(l.positions())
	l.stop()
	l.crashed = l.crashed || len(l.taker.safes) > 0
	l.taker.set(func() { l.taker.safes, l.taker.hold = nil, false })
	if crash && err == nil {
		l.crashed = true
		if err := os.WriteFile(l.positions(), saved, 0o600); err != nil {
			l.Fatal(err)
		}
	}
	l.start(l.pattern)
}

// shift makes room for a new log.1.
func (l *life) shift() {
	for n := 30; n > 0; n-- {
		for _, ext := range []string{"", ".gz"} {
			from := fmt.Sprintf("log.%d%s", n, ext)
			if _, err := os.Stat(l.path(from)); err == nil {
				l.rename(from, fmt.Sprintf("log.%d%s", n+1, ext))
			}
		}
	}
}

func (l *life) append(content string) {
	l.add("log", content)
	l.touch("log")
}

func (l *life) touch(name string) {
	l.clock++
	at := time.Unix(1_700_000_000+l.clock, 0)
	if err := os.Chtimes(l.path(name), at, at); err != nil {
		l.Fatal(err)
	}
}

func (l *life) finishLine() {
	if l.torn != "" {
		l.append(l.torn)
		l.torn = ""
	}
}

func (l *life) check() {
	l.Helper()
	got := map[string]int{}
	for _, record := range l.taker.records {
		got[record]++
	}
	for _, record := range strings.Split(strings.TrimSpace(text(0, l.written)), "\n") {
		switch n := got[record]; {
		case l.written == 0:
		case n == 0:
			l.Fatalf("%.20s is missing", record)
		case n > 1 && !l.crashed:
			l.Fatalf("%.20s came %d times", record, n)
		}
		delete(got, record)
	}
	for record := range got {
		l.Fatalf("%.60q was never written", record)
	}
}
