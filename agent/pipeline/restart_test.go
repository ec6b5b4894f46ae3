package pipeline

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// copyDir is what a crash leaves of a folder: all that has reached the disk by now.
func copyDir(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "reserve" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := filepath.Join(to, strings.TrimPrefix(path, dir))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		return os.WriteFile(name, b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

var (
	revisionOf = regexp.MustCompile(`"revision":(\d+)`)
	madeOf     = regexp.MustCompile(`"ingested":"[^"]*",|,?"created":"[^"]*"`)
)

// lastRevisions is what counts of the alerts that were sent: the last revision of each, without its number and times, unless it was
// taken back or is part of another.
func lastRevisions(outs ...*fakeOutput) map[string]string {
	type revision struct{ number, text string }
	last := map[string]revision{}
	sent := map[string]string{}
	for _, out := range outs {
		for _, stream := range []string{alerts, signals} {
			for _, d := range out.sent(stream) {
				if _, there := sent[d.ID]; there {
					continue // an output takes an id once
				}
				sent[d.ID] = string(d.Body)
				alert, number, _ := strings.Cut(d.ID, "-")
				text := madeOf.ReplaceAllString(revisionOf.ReplaceAllString(string(d.Body), ""), "")
				if old, there := last[alert]; !there || len(number) > len(old.number) || number > old.number && len(number) == len(old.number) {
					last[alert] = revision{number, text}
				}
			}
		}
	}
	found := map[string]string{}
	for alert, r := range last {
		if !strings.Contains(r.text, `"withdrawn":true`) && !strings.Contains(r.text, `"folded_into"`) {
			found[alert] = r.text
		}
	}
	return found
}

// work is what is put in, batch by batch, out of order.
func work() (batches [][][]byte) {
	r := rand.New(rand.NewPCG(4, 4))
	order := r.Perm(300)
	for len(order) > 0 {
		n := min(len(order), 1+r.IntN(12))
		var texts [][]byte
		for _, i := range order[:n] {
			texts = append(texts, entry(i))
		}
		batches, order = append(batches, texts), order[n:]
	}
	return batches
}

// quietFor is long enough for all that is open to settle.
const quietFor = 20 * time.Minute

// toTheDay moves the bubble's clock to when the records are of.
func toTheDay() { <-time.After(time.Until(time.Date(2026, 9, 1, 8, 10, 0, 0, time.UTC))) }

// TestCrashChangesNothing: the process is killed again and again. At the end every record was delivered, the balance adds up and the alerts
// are those of a run that was not disturbed.
func TestCrashChangesNothing(t *testing.T) {
	batches := work()
	calm := &fakeOutput{}
	synctest.Test(t, func(t *testing.T) {
		toTheDay()
		p, feed := start(t, Settings{Output: calm, Detect: watching(100)})
		for _, b := range batches {
			put(t, feed, b, nil)
			<-time.After(time.Second)
		}
		<-time.After(quietFor)
		finish(t, p)
	})
	want := lastRevisions(calm)
	if len(want) == 0 {
		t.Fatal("nothing was detected")
	}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { crashAndCompare(t, seed, batches, want) }) })
	}
}

func crashAndCompare(t *testing.T, seed uint64, batches [][][]byte, want map[string]string) {
	t.Helper()
	toTheDay()
	r := rand.New(rand.NewPCG(seed, 9))
	l := &lives{t: t, dir: t.TempDir()}
	l.begin()
	for _, b := range batches {
		put(t, l.feed, b, nil)
		if r.IntN(3) > 0 {
			<-time.After(time.Duration(r.IntN(3000)) * time.Millisecond)
		}
		if r.IntN(6) == 0 {
			if err := l.p.Save(); err != nil {
				t.Fatal(err)
			}
		}
		if r.IntN(5) > 0 {
			continue
		}
		if r.IntN(2) == 0 {
			synctest.Wait()
		}
		l.crash()
	}
	<-time.After(quietFor)
	finish(t, l.p)
	checkBalance(t, l.p, Balance{In: 300, Delivered: 300})
	ids := map[string]bool{}
	for _, out := range l.outs {
		for _, id := range out.numbers() {
			ids[id] = true
		}
	}
	if len(ids) != 300 || len(l.outs) < 3 {
		t.Errorf("got %d records delivered in %d lives, want 300 in some", len(ids), len(l.outs))
	}
	if got := lastRevisions(l.outs...); !maps.Equal(got, want) {
		t.Errorf("got %d alerts, want %d", len(got), len(want))
		for id, text := range want {
			if got[id] != text {
				t.Errorf("%s:\ngot  %s\nwant %s", id, got[id], text)
				break
			}
		}
	}
}

// lives are pipelines on one folder, of which each but the last was killed.
type lives struct {
	t    *testing.T
	dir  string
	outs []*fakeOutput
	p    *Pipeline
	feed *Feed
}

func (l *lives) begin() {
	l.t.Helper()
	out := &fakeOutput{}
	l.outs = append(l.outs, out)
	l.p, l.feed = start(l.t, Settings{Dir: l.dir, Output: out, Detect: watching(100), Parsers: 2})
}

// crash kills the pipeline, which is to say that another one goes on with what is on the disk, and nothing more of this one is sent.
func (l *lives) crash() {
	l.t.Helper()
	out := l.outs[len(l.outs)-1]
	out.mu.Lock()
	out.killed = true
	out.mu.Unlock()
	left := copyDir(l.t, l.dir)
	ctx, stop := context.WithCancel(l.t.Context())
	stop()
	if err := l.p.Close(ctx); err != nil {
		l.t.Fatal(err)
	}
	l.dir = left
	l.begin()
}

// A damaged state is set aside, and the engine comes to the same by what the spool still has.
func TestDamagedState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lives{t: t, dir: t.TempDir()}
		l.begin()
		put(t, l.feed, entries(0, 10), nil)
		synctest.Wait()
		if err := l.p.Save(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(l.dir, stateName)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("state: got mode %v, want 0600", info.Mode())
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		l.crash()
		put(t, l.feed, entries(10, 12), nil)
		finish(t, l.p)
		checkBalance(t, l.p, Balance{In: 12, Delivered: 12})
		if _, err := os.Stat(filepath.Join(l.dir, stateName+asideEnding)); err != nil {
			t.Errorf("the damaged state was not kept: %v", err)
		}
	})
}

// Records that damage has taken are counted, and the rest is delivered.
func TestDamagedSpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		p, feed := start(t, Settings{Dir: dir, Output: &fakeOutput{answer: gateway(nil).answer}, Detect: watching(100)})
		for n := range 20 {
			put(t, feed, entries(10*n, 10*n+10), nil)
		}
		giveUp(t, p, time.Second)
		files, err := filepath.Glob(filepath.Join(dir, "spool", "*.seg"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		b, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(files[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		out := &fakeOutput{}
		p, _ = start(t, Settings{Dir: dir, Output: out, Detect: watching(100)})
		finish(t, p)
		checkBalance(t, p, Balance{In: 200, Delivered: 190, Lost: 10})
		if got := len(out.numbers()); got != 190 {
			t.Errorf("got %d events, want 190", got)
		}
	})
}
