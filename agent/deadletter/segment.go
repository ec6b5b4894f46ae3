package deadletter

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// file is what a segment is written through; tests put in one that fails.
type file interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
	Truncate(size int64) error
	Close() error
}

// segment is one file of frames.
type segment struct {
	path    string
	seq     int
	mark    mark
	size    int64 // sound bytes
	charged int64 // what it counts towards the store's bound
	live    int   // entries not removed
	synced  int64 // bytes that no failed sync has put in doubt
	sealed  bool  // nothing more is written to it
	file    file  // nil unless it is the one being written
}

var segmentName = regexp.MustCompile(`^dead-(\d{8})-([0-9a-f]{16})\.seg$`)

// listSegments finds a folder's segments, oldest first.
func listSegments(dir string) ([]*segment, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []*segment
	for _, entry := range names {
		parts := segmentName.FindStringSubmatch(entry.Name())
		if parts == nil {
			continue
		}
		g := &segment{path: filepath.Join(dir, entry.Name())}
		g.seq, _ = strconv.Atoi(parts[1])
		_, _ = hex.Decode(g.mark[:], []byte(parts[2]))
		found = append(found, g)
	}
	slices.SortFunc(found, func(a, b *segment) int { return a.seq - b.seq })
	return found, nil
}

// newSegment makes up the name of the segment that follows seq.
func newSegment(dir string, seq int) *segment {
	g := &segment{seq: seq}
	_, _ = rand.Read(g.mark[:])
	g.path = filepath.Join(dir, fmt.Sprintf("dead-%08d-%x.seg", seq, g.mark))
	return g
}

// append writes a frame behind the last one. After an error the segment ends where it ended before.
func (g *segment) append(frame []byte) error {
	if _, err := g.file.WriteAt(frame, g.size); err != nil {
		// The next frame overwrites what this one left; cutting it off now only keeps the file tidy.
		_ = g.file.Truncate(g.size)
		return err
	}
	g.size += int64(len(frame))
	return nil
}

// sync makes what was written durable.
func (g *segment) sync() error {
	if g.file == nil || g.synced == g.size {
		return nil
	}
	if err := g.file.Sync(); err != nil {
		return err
	}
	g.synced = g.size
	return nil
}

// read returns the frame at an offset.
func (g *segment) read(at int64, size int) ([]byte, error) {
	f := g.file
	if f == nil {
		opened, err := os.Open(g.path)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		f = opened
	}
	b := make([]byte, size)
	if _, err := f.ReadAt(b, at); err == io.EOF {
		return nil, ErrDamaged
	} else if err != nil {
		return nil, err
	}
	if len(frameAt(b, g.mark)) != size {
		return nil, ErrDamaged
	}
	return b, nil
}

// setState changes the state byte of the frame at an offset.
func (g *segment) setState(at int64, state byte) error {
	f, err := os.OpenFile(g.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err = f.WriteAt([]byte{state}, at+stateAt); err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// seal ends writing to the segment.
func (g *segment) seal() error {
	g.sealed = true
	if g.file == nil {
		return nil
	}
	err := g.file.Close()
	g.file = nil
	return err
}
