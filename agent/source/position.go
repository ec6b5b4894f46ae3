package source

import "slices"

// position is how far a file has been read: all before Offset is safe.
type position struct {
	fileID
	Path     string `json:"path"` // the name it was read under; says which log it belongs to, and nothing else
	Offset   int64  `json:"offset"`
	Unit     int64  `json:"unit"` // where Split has to begin to come by Offset; Offset itself where it need not
	Whole    bool   `json:"whole,omitempty"`
	Start    string `json:"start"`     // fingerprint of the first bytes, of those in front of Offset at most
	StartLen int    `json:"start_len"` // how many
	Marks    []mark `json:"marks,omitempty"`
	Size     int64  `json:"size"`  // the file's size
	Mtime    int64  `json:"mtime"` // and time of change when the bytes in front of Offset were read
	Done     bool   `json:"done,omitempty"`
	Seen     int64  `json:"seen"` // number of the save before which the file was last there

	start   start // of what has been taken, safe or not
	pending int   // batches that are taken and not yet safe
	present bool  // the file was there when it was last looked for
}

// start is a fingerprint of a content's first bytes.
type start struct {
	hash string
	n    int // how many bytes
}

func startOf(head []byte) start { return start{hashOf(head), len(head)} }

func (p *position) startRead() start { return start{p.Start, p.StartLen} }

// copy shares nothing with the position.
func (p *position) copy() position {
	c := *p
	c.Marks = slices.Clone(p.Marks)
	return c
}

// advance moves the position to a later one of the same file.
func (p *position) advance(to position) {
	p.Offset, p.Unit, p.Whole, p.Done = to.Offset, to.Unit, to.Whole, to.Done
	p.Start, p.StartLen, p.Size, p.Mtime = to.Start, to.StartLen, to.Size, to.Mtime
	if len(to.Marks) > 0 {
		p.Marks = append(p.Marks, to.Marks...)
		p.Marks = p.Marks[max(0, len(p.Marks)-marksKept):]
	}
}

// startsLike reports whether content that begins with start can be what was read.
func (p *position) startsLike(start []byte) bool {
	return p.StartLen <= len(start) && hashOf(start[:p.StartLen]) == p.Start
}

// lastMark is the mark furthest on within size; ok is false when there is none.
func (p *position) lastMark(size int64) (m mark, ok bool) {
	for i := len(p.Marks) - 1; i >= 0; i-- {
		if p.Marks[i].Offset <= size {
			return p.Marks[i], true
		}
	}
	return mark{}, false
}

// progress brings the batches of one file back into order as they become safe.
type progress struct {
	store   *Positions
	of      *position
	waiting []*step
}

type step struct {
	to   position
	safe bool
}

// add enters a batch that is about to be put. The function it returns says that the batch is safe.
func (p *progress) add(to position) (safe func()) {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	s := &step{to: to}
	p.waiting = append(p.waiting, s)
	p.of.pending++
	p.store.reach(p.of, to)
	return func() { p.settle(s) }
}

func (p *progress) settle(s *step) {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	if s.safe {
		return
	}
	s.safe = true
	p.store.touch()
	for len(p.waiting) > 0 && p.waiting[0].safe {
		p.of.advance(p.waiting[0].to)
		p.waiting = p.waiting[1:]
		p.of.pending--
	}
}

// isSettled reports whether every batch is safe.
func (p *progress) isSettled() bool {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	return p.of.pending == 0
}
