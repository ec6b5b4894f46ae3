package coldstore

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// A frame is a checksum over what follows it, the record's length, its key, and the record.
const headBytes = 4 + 4 + 8

var (
	errDamaged = errors.New("damaged")
	polynomial = crc32.MakeTable(crc32.Castagnoli)
)

func frameSize(record []byte) int64 { return headBytes + int64(len(record)) }

func appendFrame(dst []byte, key uint64, record []byte) []byte {
	from := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(record)))
	dst = binary.LittleEndian.AppendUint64(dst, key)
	dst = append(dst, record...)
	binary.LittleEndian.PutUint32(dst[from:], crc32.Checksum(dst[from+4:], polynomial))
	return dst
}

// readFrame reads the frame at the beginning of b. rest is what follows it.
func readFrame(b []byte) (key uint64, record, rest []byte, err error) {
	if len(b) < headBytes {
		return 0, nil, nil, errDamaged
	}
	n := binary.LittleEndian.Uint32(b[4:])
	if n > recordMost || int(n) > len(b)-headBytes {
		return 0, nil, nil, errDamaged
	}
	end := headBytes + int(n)
	if crc32.Checksum(b[4:end], polynomial) != binary.LittleEndian.Uint32(b) {
		return 0, nil, nil, errDamaged
	}
	return binary.LittleEndian.Uint64(b[8:]), b[headBytes:end], b[end:], nil
}

// load reads a segment of an earlier process. From damage on, which is a crash's torn end mostly, its bytes are set aside.
func (s *Store) load(name string) error {
	var number uint32
	if _, err := fmt.Sscanf(filepath.Base(name), "%08d.cold", &number); err != nil {
		return nil // not ours
	}
	all, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read cold store: %w", err)
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open cold store: %w", err)
	}
	g := &segment{number: number, file: file}
	s.segments = append(s.segments, g)
	for rest := all; len(rest) > 0; {
		key, record, next, err := readFrame(rest)
		if err != nil {
			s.stats.Damaged++
			if err := setAside(name, file, rest, g.size); err != nil {
				return err
			}
			break
		}
		s.note(key, placeOf(number, g.size, frameSize(record)))
		g.size += frameSize(record)
		rest = next
	}
	s.stats.Bytes += g.size
	return nil
}

// setAside moves damaged bytes from the end of a segment into a file beside it.
func setAside(name string, file *os.File, damaged []byte, good int64) error {
	if err := os.WriteFile(name+".damaged", damaged, 0o600); err != nil {
		return fmt.Errorf("set damage aside: %w", err)
	}
	if err := file.Truncate(good); err != nil {
		return fmt.Errorf("cut damage off: %w", err)
	}
	return nil
}

// roll begins a new segment.
func (s *Store) roll() error {
	if s.out != nil {
		if err := s.out.Flush(); err != nil {
			return fmt.Errorf("write cold store: %w", err)
		}
	}
	number := uint32(1)
	if n := len(s.segments); n > 0 {
		number = s.segments[n-1].number + 1
	}
	file, err := os.OpenFile(filepath.Join(s.dir, fmt.Sprintf("%08d.cold", number)), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make cold store: %w", err)
	}
	s.segments = append(s.segments, &segment{number: number, file: file})
	s.out = bufio.NewWriterSize(file, writeBytes)
	return nil
}

// tidy writes the records of the oldest segment anew while more than half of all bytes are of replaced records, and gives segments up when
// there is too much.
func (s *Store) tidy() error {
	for len(s.segments) > 2 {
		oldest := s.segments[0]
		var live int64
		for _, g := range s.segments {
			live += g.live
		}
		switch {
		case s.stats.Bytes > s.most:
			if err := s.giveUp(oldest); err != nil {
				return err
			}
		case s.stats.Bytes > 2*live+2*segmentBytes:
			if err := s.rewrite(oldest); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// giveUp drops a segment with its records.
func (s *Store) giveUp(g *segment) error {
	for key, at := range s.index {
		if at.segment() == g.number {
			delete(s.index, key)
			s.stats.Dropped++
		}
	}
	s.segments = s.segments[1:]
	return s.remove(g)
}

// rewrite appends the live records of the oldest segment to the youngest and drops it.
func (s *Store) rewrite(g *segment) error {
	all, err := io.ReadAll(io.NewSectionReader(g.file, 0, g.size))
	if err != nil {
		return fmt.Errorf("read cold store: %w", err)
	}
	offset := int64(0)
	for rest := all; len(rest) > 0; {
		key, record, next, err := readFrame(rest)
		if err != nil {
			s.stats.Failed++
			break // giveUp lets go what is behind
		}
		if at := s.index[key]; at.segment() == g.number && at.offset() == offset {
			last := s.segments[len(s.segments)-1]
			if last.size+frameSize(record) > segmentBytes {
				if err := s.roll(); err != nil {
					return err
				}
				last = s.segments[len(s.segments)-1]
			}
			if err := s.append(last, key, record); err != nil {
				return err
			}
		}
		offset += frameSize(record)
		rest = next
	}
	return s.giveUp(g)
}
