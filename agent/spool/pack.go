package spool

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/klauspost/compress/zstd"
)

const (
	// blockBytes is how much goes into one compressed block.
	blockBytes = 1 << 20
	// packBehind is how many segments ahead of the slowest reader are left as they are: it will read them soon.
	packBehind = 2
	packPause  = time.Second
	// packAfter is how old a segment is before it is compressed, unless the log is filling up: a backlog that is read within that time, such as
	// that of a first start, would only be held up by it.
	packAfter = 30 * time.Second
	// packShare is the part of the log's bound beyond which segments are compressed however young they are.
	packShare = 4
)

var errBlock = errors.New("block does not hold what its head says")

func newPacker() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(blockBytes))
}

// packAll compresses segments that nobody will read soon, until the log is closed. While readers keep up there are none.
func (l *Log) packAll() {
	z, err := newPacker()
	if err != nil {
		l.log.Error("spool is not compressed", "err", err)
		return
	}
	defer z.Close()
	failed := map[string]bool{}
	for {
		g := l.toPack(failed, time.Now())
		if g == nil {
			select {
			case <-l.stop:
				return
			case <-time.After(packPause):
			}
			continue
		}
		if err := l.packSegment(g, z); err != nil {
			failed[g.name] = true
			l.log.Warn("segment of the spool stays uncompressed", "err", err)
		}
	}
}

// toPack is the oldest segment that is worth compressing.
func (l *Log) toPack(failed map[string]bool, now time.Time) *segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	filling := l.bytes() > l.max/packShare
	least := saved{positions: l.positions}.least()
	ahead := 0
	for i, g := range l.segments[:max(0, len(l.segments)-1)] {
		if l.segments[i+1].first <= least {
			continue
		}
		if !filling && now.Sub(g.begun) < packAfter {
			return nil
		}
		if ahead++; ahead > packBehind && !g.packed && !failed[g.name] {
			return g
		}
	}
	return nil
}

// packSegment writes a segment anew in compressed blocks. Only one that is whole is compressed: damage stays as it is found.
func (l *Log) packSegment(g *segment, z *zstd.Encoder) error {
	src, err := l.fs.Open(l.path(g.name))
	if err != nil {
		return err
	}
	defer src.Close()
	part := l.path(g.packedName() + partEnding)
	_ = l.fs.Remove(part) // of a try that failed
	dst, err := l.fs.Create(part)
	if err != nil {
		return err
	}
	size, err := l.packInto(dst, src, g, z)
	if err == nil {
		err = dst.Sync()
	}
	if err = errors.Join(err, dst.Close()); err != nil {
		return errors.Join(err, l.fs.Remove(part))
	}
	if err := l.fs.Rename(part, l.path(g.packedName())); err != nil {
		return err
	}
	if err := l.fs.SyncDir(l.dir); err != nil {
		return err
	}
	return l.replace(g, size)
}

// replace puts the compressed segment in the place of the other one, unless that is gone by now.
func (l *Log) replace(g *segment, size int64) error {
	packed := &segment{name: g.packedName(), first: g.first, salt: g.salt, size: size, packed: true}
	l.mu.Lock()
	there := false
	for i := range l.segments {
		if l.segments[i] == g {
			l.segments[i], there = packed, true
		}
	}
	if there {
		l.stats.Packed++
		l.tell() // there is more room
	}
	l.mu.Unlock()
	if !there {
		return l.fs.Remove(l.path(packed.name))
	}
	return l.fs.Remove(l.path(g.name))
}

var errUnsound = errors.New("segment is damaged")

// packInto writes blocks of g's frames to dst.
func (l *Log) packInto(dst, src File, g *segment, z *zstd.Encoder) (size int64, err error) {
	w := window{file: src, size: g.size}
	var block, out []byte
	h := head{kind: packedFrame, number: g.first}
	flush := func() error {
		if h.count == 0 {
			return nil
		}
		out = appendFrame(out[:0], g.salt, h, z.EncodeAll(block, nil))
		if _, err := dst.WriteAt(out, size); err != nil {
			return err
		}
		size += int64(len(out))
		h = head{kind: packedFrame, number: h.end().Number, before: h.end().Weight}
		block = block[:0]
		return nil
	}
	for at := int64(0); at < g.size; {
		f, frame, where, err := w.nextFrame(at, g.salt)
		if err != nil {
			return 0, err
		}
		if frame == nil || where != at || f.number != h.end().Number || f.kind != plainFrame {
			return 0, errUnsound
		}
		at += f.size()
		if h.count == 0 {
			h.before = f.before
		}
		block = binary.LittleEndian.AppendUint32(block, uint32(len(frame)-headLen))
		block = binary.LittleEndian.AppendUint32(block, f.weight)
		block = append(block, frame[headLen:]...)
		h.count++
		h.weight += f.weight
		if len(block) >= blockBytes {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	return size, flush()
}

var inflater, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxEntry+blockBytes+8))

// itemsOf appends the entries of a frame.
func itemsOf(h head, body []byte, items []Item) ([]Item, error) {
	if h.kind == plainFrame {
		return append(items, Item{At: Position{h.number, h.before}, Next: h.end(), Payload: body}), nil
	}
	block, err := inflater.DecodeAll(body, nil)
	if err != nil {
		return items, errBlock
	}
	at := Position{h.number, h.before}
	for range h.count {
		if len(block) < 8 {
			return items[:0], errBlock
		}
		n, weight := binary.LittleEndian.Uint32(block), binary.LittleEndian.Uint32(block[4:])
		if int64(n) > int64(len(block)-8) {
			return items[:0], errBlock
		}
		next := Position{at.Number + 1, at.Weight + uint64(weight)}
		items = append(items, Item{At: at, Next: next, Payload: block[8 : 8+n : 8+n]})
		block, at = block[8+n:], next
	}
	if len(block) > 0 || at != h.end() {
		return items[:0], errBlock
	}
	return items, nil
}
