package source

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/durable"
)

// goneKept is how many positions are remembered of files that are not there: their content may come back compressed.
const goneKept = 256

// Positions remembers how far files have been read, over restarts. All file inputs of a process share one.
type Positions struct {
	path  string
	log   *slog.Logger
	write func(path string, content []byte) error // tests put in one that fails
	dirty chan struct{}
	stop  chan struct{}
	done  chan struct{}

	opened   time.Time
	failures int // saves that failed one after the other

	mu      sync.Mutex
	current map[fileID]*position
	starts  map[start][]*position // all positions, those without a file too
	short   map[int]int           // how many of them have a shorter start than usual, by its length
	looks   map[string]look       // by pattern
	owners  map[fileID]*Files     // which input reads a file
	saves   int64                 // how often this was saved
	damaged bool
}

// OpenPositions reads the file of positions at path, or begins one. A damaged file is set aside: then everything
// is read again, which costs time and no record, for the same records get the same ids.
func OpenPositions(path string, log *slog.Logger) (*Positions, error) {
	p := &Positions{
		path: path, log: log, write: durable.WriteFile, opened: time.Now(),
		dirty: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		current: map[fileID]*position{}, starts: map[start][]*position{}, short: map[int]int{},
		looks: map[string]look{}, owners: map[fileID]*Files{},
	}
	err := p.load()
	if errors.Is(err, errDamaged) {
		p.damaged = true
		err = p.setAside()
	}
	if err != nil {
		return nil, fmt.Errorf("open positions: %w", err)
	}
	go p.keepSaving()
	return p, nil
}

// get returns a copy of the position of a file.
func (p *Positions) get(id fileID) (position, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if of := p.current[id]; of != nil {
		return of.copy(), true
	}
	return position{}, false
}

// begin enters a position in the place of the file's former one.
func (p *Positions) begin(at position) *progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.current[at.fileID]; old != nil && old.pending == 0 {
		p.unindex(old)
	} else if old != nil {
		p.forgetID(old)
	}
	of := &at
	of.pending, of.present, of.Seen = 0, true, p.saves
	p.current[of.fileID] = of
	p.index(of, of.startRead())
	p.touch()
	return &progress{store: p, of: of}
}

// disown parts a position from its file, whose content it does not describe any more.
func (p *Positions) disown(id fileID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if of := p.current[id]; of != nil {
		p.forgetID(of)
		p.touch()
	}
}

// forgetID keeps a position for its content alone.
func (p *Positions) forgetID(of *position) {
	delete(p.current, of.fileID)
	of.fileID = fileID{}
	if of.Offset == 0 && of.pending == 0 {
		p.unindex(of) // no content to know again
	}
}

// index makes a position findable by the start of its content.
func (p *Positions) index(of *position, start start) {
	of.start = start
	p.starts[start] = append(p.starts[start], of)
	if start.n < startBytes {
		p.short[start.n]++
	}
}

func (p *Positions) unindex(of *position) {
	all := p.starts[of.start]
	at := slices.Index(all, of)
	if at < 0 {
		return
	}
	if p.starts[of.start] = slices.Delete(all, at, at+1); len(all) == 1 {
		delete(p.starts, of.start)
	}
	if n := of.start.n; n < startBytes {
		if p.short[n]--; p.short[n] == 0 {
			delete(p.short, n)
		}
	}
}

// reach makes a position findable by the start of what has been taken, though it is not safe yet.
func (p *Positions) reach(of *position, to position) {
	if start := to.startRead(); start != of.start {
		p.unindex(of)
		p.index(of, start)
	}
}

// like returns copies of the positions of content that begins with head, those furthest on first.
func (p *Positions) like(head []byte) []position {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []position
	collect := func(n int) {
		for _, of := range p.starts[startOf(head[:n])] {
			if of.Offset > 0 || of.pending > 0 {
				found = append(found, of.copy())
			}
		}
	}
	if len(head) >= startBytes {
		collect(startBytes)
	}
	for n := range p.short {
		if n > 0 && n <= len(head) {
			collect(n)
		}
	}
	slices.SortFunc(found, func(a, b position) int { return int(b.Offset - a.Offset) })
	return found
}

// claim makes an input the only one to read a file.
func (p *Positions) claim(id fileID, in *Files) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if owner := p.owners[id]; owner != nil && owner != in {
		return false
	}
	p.owners[id] = in
	return true
}

func (p *Positions) release(id fileID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.owners, id)
}

// look says how new the newest file of a pattern was when it was looked for. Times of files are compared with one another
// only, never with our clock.
type look struct {
	First int64 `json:"first"` // for the first time ever
	Last  int64 `json:"last"`  // when last it was known of every file what it holds
}

// firstLook returns what earlier processes saw of a pattern. If none did, it enters how new the newest file is, and the newest
// rotated one, which nobody asked for.
func (p *Positions) firstLook(pattern string, newest, rotated int64) look {
	p.mu.Lock()
	defer p.mu.Unlock()
	if seen, ok := p.looks[pattern]; ok {
		return seen
	}
	if p.damaged {
		newest, rotated = 0, 0 // nobody knows what was read: better all than nothing
	}
	p.looks[pattern] = look{newest, rotated}
	p.touch()
	return p.looks[pattern]
}

// looked enters how new the newest file is, all files there being known.
func (p *Positions) looked(pattern string, newest int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := p.looks[pattern]
	seen.Last = max(seen.Last, newest)
	p.looks[pattern] = seen
}

// saw notes that a file is there, or that it is gone.
func (p *Positions) saw(id fileID, present bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if of := p.current[id]; of != nil {
		if of.present = present; present {
			of.Seen = p.saves
		}
	}
}

// touch asks for a save. The caller holds mu.
func (p *Positions) touch() {
	select {
	case p.dirty <- struct{}{}:
	default:
	}
}
