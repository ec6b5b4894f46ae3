package spool

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// segment is one file of frames.
type segment struct {
	name   string
	first  uint64 // number of its first entry
	made   uint64 // counts the segments of a folder: of two with one first entry, the older one was given up
	salt   salt
	size   int64 // bytes that may be read
	packed bool
	begun  time.Time // zero for one that was there when the log was opened
}

// The names say the format: a program that writes another one uses other endings.
const (
	plainEnding  = ".seg"
	packedEnding = ".zst"
	partEnding   = ".part" // being written
)

var segmentName = regexp.MustCompile(`^([0-9a-f]{16})-([0-9a-f]{16})-([0-9a-f]{16})(\.seg|\.zst)$`)

func newSegment(first, made uint64) *segment {
	g := &segment{first: first, made: made, begun: time.Now()}
	_, _ = rand.Read(g.salt[:])
	g.name = fmt.Sprintf("%016x-%016x-%x%s", first, made, g.salt, plainEnding)
	return g
}

// parseSegment reads a segment's name, nil when it is none.
func parseSegment(name string) *segment {
	parts := segmentName.FindStringSubmatch(name)
	if parts == nil {
		return nil
	}
	g := &segment{name: name, packed: parts[4] == packedEnding}
	g.first, _ = strconv.ParseUint(parts[1], 16, 64)
	g.made, _ = strconv.ParseUint(parts[2], 16, 64)
	_, _ = hex.Decode(g.salt[:], []byte(parts[3]))
	return g
}

// packedName is the name of the segment once it is compressed.
func (g *segment) packedName() string { return strings.TrimSuffix(g.name, plainEnding) + packedEnding }

// list finds the folder's segments, oldest first. Of two forms of one segment the compressed one is whole, because it got its name last.
func (l *Log) list() error {
	names, err := l.fs.Names(l.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		g := parseSegment(name)
		if strings.HasSuffix(name, partEnding) || g != nil && !g.packed && slices.Contains(names, g.packedName()) {
			if err := l.fs.Remove(l.path(name)); err != nil {
				return err
			}
			continue
		}
		if g == nil {
			continue
		}
		if g.size, err = l.sizeOf(name); err != nil {
			return err
		}
		l.segments = append(l.segments, g)
		l.made = max(l.made, g.made+1)
	}
	slices.SortFunc(l.segments, func(a, b *segment) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.made, b.made))
	})
	return l.dropGivenUp()
}

// dropGivenUp deletes segments whose first write failed: the next one began with the same entry, and nobody was told that theirs are safe.
func (l *Log) dropGivenUp() error {
	var good []*segment
	for i, g := range l.segments {
		if i+1 < len(l.segments) && l.segments[i+1].first == g.first {
			if err := l.fs.Remove(l.path(g.name)); err != nil {
				return err
			}
			continue
		}
		good = append(good, g)
	}
	l.segments = good
	return nil
}

func (l *Log) sizeOf(name string) (int64, error) {
	f, err := l.fs.Open(l.path(name))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Size()
}

// cutTail finds the end of the last segment's last sound frame and cuts off what is behind it: a write that was not finished. Such a write
// can have left some of its frames whole; those at and behind the first that is not go, too, unless entries up to known were safe.
func (l *Log) cutTail(g *segment, known uint64) (end Position, err error) {
	f, err := l.fs.Open(l.path(g.name))
	if err != nil {
		return end, err
	}
	defer f.Close()
	end.Number = g.first
	sound := int64(0)
	w := window{file: f, size: g.size}
	for {
		h, frame, where, err := w.nextFrame(sound, g.salt)
		if err != nil {
			return end, err
		}
		if frame == nil || h.number > end.Number && h.number >= known && h.number-uint64(h.back) <= end.Number {
			break
		}
		sound, end = where+h.size(), h.end()
	}
	if sound == g.size {
		return end, nil
	}
	if _, err := l.keepCopy(g, f, sound, g.size); err != nil {
		l.log.Error("end of segment not copied", "err", err)
	}
	if err := f.Truncate(sound); err != nil {
		return end, err
	}
	l.stats.Torn += g.size - sound
	l.log.Warn("unfinished write at the end of the spool cut off", "bytes", g.size-sound)
	g.size = sound
	return end, nil
}

const (
	damageEnding = ".damaged"
	// damageKept bounds one copy of damage.
	damageKept = 4 << 20
	// damageCopies bounds how many copies are made.
	damageCopies = 16
)

// keepCopy copies bytes of a segment that are no frames, for somebody to look at, and reports whether they are news.
func (l *Log) keepCopy(g *segment, f File, from, to int64) (news bool, err error) {
	name := fmt.Sprintf("%s-%d%s", g.name, from, damageEnding)
	l.mu.Lock()
	known, enough := l.kept[name], len(l.kept) >= damageCopies
	l.kept[name] = true
	l.mu.Unlock()
	if known || enough {
		return !known, nil
	}
	b := make([]byte, min(to-from, damageKept))
	if n, err := f.ReadAt(b, from); err != nil && err != io.EOF {
		b = b[:n]
	}
	out, err := l.fs.Create(l.path(name))
	if errors.Is(err, fs.ErrExist) {
		return true, nil // an earlier run kept it
	}
	if err != nil {
		return true, err
	}
	defer out.Close()
	_, err = out.WriteAt(b, 0)
	return true, err
}
