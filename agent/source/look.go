package source

import (
	"errors"
	"io/fs"
	"slices"
	"time"
)

const (
	scanEvery = time.Second
	maxOpen   = 256
)

var errOtherInput = errors.New("file is read by another input")

// scan looks for files that are new, changed or gone.
func (f *Files) scan() {
	began := time.Now()
	found, err := candidates(f.Path)
	f.fault(f.Path, err)
	if f.scanned.IsZero() {
		f.firstScan(found)
	}
	open := f.note(found)
	f.queue = f.queue[:0]
	for _, c := range found {
		if !open[c.id] && !f.isAtRest(c) {
			f.queue = append(f.queue, c)
		}
	}
	if len(f.queue) == 0 && !slices.ContainsFunc(f.tails, (*tail).isUnknown) {
		f.Positions.looked(f.Path, newestOf(found))
	}
	for range len(f.queue) - (maxOpen - len(f.tails)) {
		f.makeRoom()
	}
	f.admitNext()
	f.scanned = time.Now()
	f.scanDue = max(scanEvery, 20*f.scanned.Sub(began))
}

// firstScan finds out what is old: records that are not wanted, and rotated files that nobody asked for.
func (f *Files) firstScan(found []candidate) {
	rotated := slices.DeleteFunc(slices.Clone(found), func(c candidate) bool { return !c.rotated })
	f.seen = f.Positions.firstLook(f.Path, newestOf(found), newestOf(rotated))
	if len(rotated) == len(found) {
		f.Log.Warn("no such file yet", "path", f.Path)
	}
}

func newestOf(found []candidate) (newest int64) {
	for _, c := range found {
		newest = max(newest, c.info.ModTime().UnixNano())
	}
	return newest
}

// note tells the open files what they are called now, and which files are gone. It returns the open ones.
func (f *Files) note(found []candidate) map[fileID]bool {
	names := make(map[fileID]candidate, len(found))
	for _, c := range found {
		names[c.id] = c
		f.Positions.saw(c.id, true)
	}
	for id := range f.resting {
		if _, there := names[id]; !there {
			delete(f.resting, id)
			f.Positions.saw(id, false)
		}
	}
	open := map[fileID]bool{}
	for _, t := range f.tails {
		open[t.c.id] = true
		c, there := names[t.c.id]
		if t.left = !there || c.rotated; there {
			t.c.path = c.path
		}
	}
	return open
}

// isAtRest reports whether there is nothing new in a file.
func (f *Files) isAtRest(c candidate) bool {
	now := stampOf(c.info)
	if at, ok := f.resting[c.id]; ok {
		return at == now
	}
	p, ok := f.Positions.get(c.id)
	if !ok || !p.Done || now != (stamp{p.Size, p.Mtime}) {
		return false
	}
	f.resting[c.id] = now
	return true
}

// admitNext opens as many of the files in the queue as may be open.
func (f *Files) admitNext() {
	n := min(len(f.queue), max(0, maxOpen-len(f.tails)))
	for _, c := range f.queue[:n] {
		f.admit(c)
	}
	f.queue = f.queue[n:]
}

// admit opens a file.
func (f *Files) admit(c candidate) {
	if !f.Positions.claim(c.id, f) {
		f.fault(c.path, errOtherInput)
		return
	}
	t, err := openTail(f, c)
	if errors.Is(err, errMoved) || errors.Is(err, fs.ErrNotExist) {
		err = nil // the next scan finds it under its new name
	}
	f.fault(c.path, err)
	if t == nil {
		f.Positions.release(c.id)
		return
	}
	delete(f.resting, c.id)
	f.tails = append(f.tails, t)
}

// makeRoom closes the file that has been quiet for longest, if one is.
func (f *Files) makeRoom() {
	var quietest *tail
	for _, t := range f.tails {
		if t.isQuiet() && (quietest == nil || t.since.Before(quietest.since)) {
			quietest = t
		}
	}
	if quietest == nil {
		return
	}
	f.rest(quietest)
	f.tails = slices.DeleteFunc(f.tails, func(t *tail) bool { return t == quietest })
}

// fault tells of what is wrong with a path once, and once when it is over.
func (f *Files) fault(path string, err error) {
	was, now := f.failing[path], ""
	if err != nil {
		now = err.Error()
	}
	switch {
	case was == now:
	case err != nil:
		f.failing[path] = now
		f.errors.Add(1)
		f.Log.Error("file not read", "err", err, "path", path)
	default:
		delete(f.failing, path)
		f.Log.Info("file read again", "path", path)
	}
}
