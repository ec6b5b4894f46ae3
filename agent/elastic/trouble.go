package elastic

import (
	"log/slog"
	"sync"
	"time"
)

// quiet is how long a trouble that comes back is not logged again, so that one which comes and goes does not fill the log.
const quiet = time.Minute

// trouble logs what goes wrong when it begins and when it is over, with the number of times between.
type trouble struct {
	log   *slog.Logger
	began string
	over  string

	mu    sync.Mutex
	what  string // empty while all is well
	why   error  // one line about it
	last  string // what was logged last
	at    time.Time
	since time.Time
	times int
	told  bool
}

func newTrouble(log *slog.Logger, began, over string) *trouble {
	return &trouble{log: log, began: began, over: over}
}

// begin notes that it went wrong once more.
func (t *trouble) begin(what string, why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if t.what == "" {
		t.since, t.times, t.told = now, 0, false
	}
	t.times++
	news := t.what != what
	t.what, t.why = what, why
	if t.told && !news || t.last == what && now.Sub(t.at) < quiet {
		return
	}
	t.told, t.last, t.at = true, what, now
	t.log.Error(t.began, "err", why)
}

// end notes that all is well.
func (t *trouble) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.what != "" {
		t.finish()
	}
}

// endOf notes that all is well as far as one thing goes.
func (t *trouble) endOf(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.what == what {
		t.finish()
	}
}

func (t *trouble) finish() {
	t.what = ""
	if t.told {
		t.log.Info(t.over, "times", t.times, "after", time.Since(t.since).Round(time.Second))
	}
}

// putOff logs that documents are not taken for now: the first time and at the end, not at each try.
type putOff struct {
	log    *slog.Logger
	tries  int
	index  string
	kind   string
	status int
	docs   int
	told   bool
}

func (p *putOff) note(index string, it *item) {
	if !p.told {
		p.docs++
		p.index, p.kind, p.status = index, it.kind, it.status
	}
}

func (p *putOff) tell() {
	if p.docs == 0 || p.told {
		return
	}
	p.told = true
	attributes := []any{"index", p.index, "type", p.kind, "status", p.status, "documents", p.docs}
	if remedy := remedies[p.kind]; remedy != "" {
		attributes = append(attributes, "remedy", remedy)
	}
	p.log.Warn("documents not taken for now, they are kept", attributes...)
}

func (p *putOff) over() {
	if p.told {
		p.log.Info("documents taken that were put off", "index", p.index, "times", p.tries)
	}
}
