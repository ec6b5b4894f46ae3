package pipeline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/idwatch/idwatch/agent/spool"
)

const (
	stateName   = "state"
	newEnding   = ".new"
	asideEnding = ".damaged"
)

func (p *Pipeline) statePath() string { return filepath.Join(p.settings.Dir, stateName) }

// restore goes on from the saved state, and returns the place that it covers. A state that cannot be read is set aside: the engine then
// starts with an empty memory and takes again what the spool still has.
func (p *Pipeline) restore(oldest spool.Position) (spool.Position, error) {
	s := places{engine: oldest, outbox: p.outbox.log.Position(stateReader)}
	file, err := os.Open(p.statePath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return oldest, fmt.Errorf("open state: %w", err)
	default:
		defer file.Close()
		read, err := p.detector.restore(bufio.NewReaderSize(file, 1<<20), p.detector.liveSettings(p.settings))
		if err == nil {
			s = read
			break
		}
		aside := p.statePath() + asideEnding
		p.settings.Logger.Error("state is damaged or of another version, detections start anew from the spool", "err", err, "kept", aside)
		if err := os.Rename(p.statePath(), aside); err != nil {
			return oldest, fmt.Errorf("set state aside: %w", err)
		}
		p.detector.letters = nil
	}
	next := p.spool.Next()
	if s.engine.Number > next.Number { // of another spool
		s.engine = next
	}
	return s.engine, p.detector.goOn(s, next)
}

// Save saves places and the detections' memory. When it fails the old state stays, and with it the part of the spool that it needs.
func (p *Pipeline) Save() error {
	p.stating.Lock()
	defer p.stating.Unlock()
	if p.detector == nil {
		return p.savePlaces()
	}
	s, err := p.writeState()
	if errors.Is(err, syscall.ENOSPC) && p.reserve.Release() {
		s, err = p.writeState()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("save state: %w", err), p.savePlaces())
	}
	p.spool.Keep(engineReader, s.engine)
	p.outbox.log.Keep(stateReader, s.outbox)
	return errors.Join(p.savePlaces(), p.outbox.log.Save(nil))
}

// writeState puts the file into its place only when all of it is on disk.
func (p *Pipeline) writeState() (s places, err error) {
	path := p.statePath()
	file, err := os.OpenFile(path+newEnding, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return s, err
	}
	defer func() {
		if err != nil {
			os.Remove(path + newEnding)
		}
	}()
	defer file.Close()
	if s, err = p.writeInto(file); err != nil {
		return s, err
	}
	if err := file.Sync(); err != nil {
		return s, err
	}
	if err := os.Rename(path+newEnding, path); err != nil {
		return s, err
	}
	return s, spool.Disk{}.SyncDir(filepath.Dir(path))
}

func (p *Pipeline) writeInto(w io.Writer) (places, error) {
	out := bufio.NewWriterSize(w, 1<<20)
	s, err := p.detector.snapshot(out)
	return s, errors.Join(err, out.Flush())
}
