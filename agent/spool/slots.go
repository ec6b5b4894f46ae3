package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"
)

// saved is what Save makes durable.
type saved struct {
	next      Position
	positions map[string]Position
	note      []byte
}

// least is the oldest number that a reader needs.
func (s saved) least() uint64 {
	least := uint64(math.MaxUint64)
	for _, p := range s.positions {
		least = min(least, p.Number)
	}
	return least
}

// slots is the file of saved positions: two slots of a fixed size, written in turn, so that a torn write leaves the other one, and
// saving needs no room on a full disk.
type slots struct {
	file File
	turn uint64 // of the newest slot
}

const (
	slotsName = "positions"
	slotBytes = 4096
	slotMagic = "idwatch positions 1\n"
	maxNote   = 3 << 10
)

var errNote = errors.New("note is too long")

// openSlots opens or makes the file. When neither slot is sound it begins anew: readers start at the oldest entry.
func (l *Log) openSlots() (saved, error) {
	f, err := l.fs.Open(l.path(slotsName))
	if err != nil {
		return saved{}, l.makeSlots()
	}
	b := make([]byte, 2*slotBytes)
	n, _ := f.ReadAt(b, 0)
	best, found := saved{}, false
	l.slots = &slots{file: f}
	for _, slot := range [][]byte{b[:slotBytes], b[slotBytes:]} {
		if s, turn, ok := readSlot(slot); ok && (!found || turn > l.slots.turn) {
			best, found, l.slots.turn = s, true, turn
		}
	}
	if found {
		return best, nil
	}
	if len(bytes.Trim(b[:n], "\x00")) == 0 {
		return saved{}, l.slots.clear() // made, and nothing saved since
	}
	l.log.Error("saved positions are damaged, all that is in the spool is read again")
	if err := errors.Join(f.Close(), l.fs.Rename(l.path(slotsName), l.path(slotsName+damageEnding))); err != nil {
		return saved{}, err
	}
	return saved{}, l.makeSlots()
}

func (l *Log) makeSlots() error {
	f, err := l.fs.Create(l.path(slotsName))
	if err != nil {
		return err
	}
	l.slots = &slots{file: f}
	if err := l.slots.clear(); err != nil {
		return err
	}
	return l.fs.SyncDir(l.dir)
}

// clear takes the room that the slots need.
func (t *slots) clear() error {
	if _, err := t.file.WriteAt(make([]byte, 2*slotBytes), 0); err != nil {
		return err
	}
	return t.file.Sync()
}

// save writes the slot that is not the newest.
func (t *slots) save(s saved) error {
	if len(s.note) > maxNote {
		return errNote
	}
	turn := t.turn + 1
	slot := make([]byte, slotBytes)
	copy(slot, appendSlot(nil, s, turn))
	if _, err := t.file.WriteAt(slot, int64(turn%2)*slotBytes); err != nil {
		return err
	}
	if err := t.file.Sync(); err != nil {
		return err // the other slot stands as it was, and this one is written again before it counts
	}
	t.turn = turn
	return nil
}

func (t *slots) close() error { return t.file.Close() }

func appendSlot(b []byte, s saved, turn uint64) []byte {
	le := binary.LittleEndian
	b = append(b, slotMagic...)
	b = le.AppendUint32(b, 0)
	b = le.AppendUint64(b, turn)
	b = appendPosition(b, s.next)
	b = append(b, byte(len(s.positions)))
	names := make([]string, 0, len(s.positions))
	for name := range s.positions {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b = append(append(b, byte(len(name))), name...)
		b = appendPosition(b, s.positions[name])
	}
	b = le.AppendUint16(b, uint16(len(s.note)))
	b = append(b, s.note...)
	le.PutUint32(b[len(slotMagic):], uint32(len(b)))
	return le.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func appendPosition(b []byte, p Position) []byte {
	b = binary.LittleEndian.AppendUint64(b, p.Number)
	return binary.LittleEndian.AppendUint64(b, p.Weight)
}

// readSlot reads what appendSlot wrote, if all of it is there.
func readSlot(b []byte) (s saved, turn uint64, ok bool) {
	le := binary.LittleEndian
	rest, ok := bytes.CutPrefix(b, []byte(slotMagic))
	if !ok || len(rest) < 4 {
		return s, 0, false
	}
	size := int(le.Uint32(rest))
	if size < len(slotMagic)+12 || size+4 > len(b) || le.Uint32(b[size:]) != crc32.Checksum(b[:size], castagnoli) {
		return s, 0, false
	}
	rest = b[len(slotMagic)+4 : size] // sound, so that nothing below is cut short
	turn, rest = le.Uint64(rest), rest[8:]
	s.next, rest = readPosition(rest)
	n := int(rest[0])
	rest = rest[1:]
	s.positions = map[string]Position{}
	for range n {
		name := string(rest[1 : 1+rest[0]])
		s.positions[name], rest = readPosition(rest[1+rest[0]:])
	}
	length := le.Uint16(rest)
	s.note = slices.Clone(rest[2 : 2+length])
	return s, turn, true
}

func readPosition(b []byte) (Position, []byte) {
	le := binary.LittleEndian
	return Position{le.Uint64(b), le.Uint64(b[8:])}, b[16:]
}
