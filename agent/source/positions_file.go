package source

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"
)

const (
	saveEvery = time.Second
	// By this time every input has looked for its files.
	settledAfter = 10 * time.Minute
)

var errDamaged = errors.New("file of positions is damaged")

// savedPositions is the file's content.
type savedPositions struct {
	Version   int             `json:"version"`
	Saves     int64           `json:"saves"`
	Patterns  map[string]look `json:"patterns"`
	Positions []position      `json:"positions"`
}

func (p *Positions) load() error {
	content, err := os.ReadFile(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var saved savedPositions
	if json.Unmarshal(content, &saved) != nil || saved.Version != 1 {
		return errDamaged
	}
	p.saves = saved.Saves
	maps.Copy(p.looks, saved.Patterns)
	for i := range saved.Positions {
		of := &saved.Positions[i]
		if of.fileID != (fileID{}) {
			p.current[of.fileID] = of
		}
		p.index(of, of.startRead())
	}
	return nil
}

// setAside keeps a damaged file for whoever wants to look at it.
func (p *Positions) setAside() error {
	p.log.Error("positions are damaged, files are read again", "kept", p.path+".damaged")
	return os.Rename(p.path, p.path+".damaged")
}

// keepSaving saves what has changed, at most once a second and less often when saving takes long.
func (p *Positions) keepSaving() {
	defer close(p.done)
	for {
		select {
		case <-p.stop:
			return
		case <-p.dirty:
		}
		began := time.Now()
		p.saveNow()
		pause := time.NewTimer(max(saveEvery, 20*time.Since(began)))
		select {
		case <-p.stop:
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}

// saveNow writes the file. A failure is tried again with the next change and at Close.
func (p *Positions) saveNow() error {
	content, err := json.Marshal(p.snapshot())
	if err == nil {
		err = p.write(p.path, content)
	}
	switch {
	case err == nil && p.failures > 0:
		p.log.Info("positions are saved again", "failures", p.failures)
		p.failures = 0
	case err != nil:
		if p.failures++; p.failures == 1 {
			p.log.Error("positions not saved", "err", err)
		}
		p.mu.Lock()
		p.touch()
		p.mu.Unlock()
	}
	return err
}

// snapshot is what is worth keeping.
func (p *Positions) snapshot() savedPositions {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prune()
	p.saves++
	saved := savedPositions{Version: 1, Saves: p.saves, Patterns: maps.Clone(p.looks)}
	for _, all := range p.starts {
		for _, of := range all {
			if of.Offset > 0 || of.fileID != (fileID{}) { // of some it is known only that they are to be read
				saved.Positions = append(saved.Positions, of.copy())
			}
		}
	}
	return saved
}

// prune forgets the oldest positions of files that are gone.
func (p *Positions) prune() {
	if time.Since(p.opened) < settledAfter {
		return
	}
	var gone []*position
	for _, all := range p.starts {
		for _, of := range all {
			if (!of.present || of.fileID == fileID{}) && of.pending == 0 {
				gone = append(gone, of)
			}
		}
	}
	if len(gone) <= goneKept {
		return
	}
	slices.SortFunc(gone, func(a, b *position) int { return int(a.Seen - b.Seen) })
	for _, of := range gone[:len(gone)-goneKept] {
		delete(p.current, of.fileID)
		p.unindex(of)
	}
}

// Close saves the positions for the last time.
func (p *Positions) Close() error {
	close(p.stop)
	<-p.done
	return p.saveNow()
}
