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
	"slices"
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

// readFrame reads the frame at the beginning of b.
func readFrame(b []byte) (key uint64, record []byte, err error) {
	if len(b) < headBytes {
		return 0, nil, errDamaged
	}
	n := binary.LittleEndian.Uint32(b[4:])
	if n > recordMost || int(n) > len(b)-headBytes {
		return 0, nil, errDamaged
	}
	end := headBytes + int(n)
	if crc32.Checksum(b[4:end], polynomial) != binary.LittleEndian.Uint32(b) {
		return 0, nil, errDamaged
	}
	return binary.LittleEndian.Uint64(b[8:]), b[headBytes:end], nil
}

// frames reads one frame of a segment after the other, some at a time: segments are many and large.
type frames struct {
	from *bufio.Reader
	room []byte // of the last frame
}

func framesOf(file io.ReaderAt, size int64) *frames {
	return &frames{from: bufio.NewReaderSize(io.NewSectionReader(file, 0, size), readBytes)}
}

// next is the next frame, valid until the one after it is asked for. Its error is io.EOF at the end.
func (f *frames) next() (key uint64, record []byte, err error) {
	head, err := f.from.Peek(headBytes)
	if err == io.EOF && len(head) > 0 {
		return 0, nil, errDamaged
	}
	if err != nil {
		return 0, nil, err
	}
	size := headBytes + int(min(binary.LittleEndian.Uint32(head[4:]), recordMost+1))
	f.room = slices.Grow(f.room[:0], size)[:size]
	n, err := io.ReadFull(f.from, f.room)
	if err != nil && err != io.ErrUnexpectedEOF {
		return 0, nil, err
	}
	return readFrame(f.room[:n])
}

// load reads a segment of an earlier process. From damage on, which is a crash's torn end mostly, its bytes are set aside.
func (s *Store) load(name string) error {
	var number uint32
	if _, err := fmt.Sscanf(filepath.Base(name), "%08d.cold", &number); err != nil {
		return nil // not ours
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open cold store: %w", err)
	}
	g := &segment{number: number, file: file}
	s.segments = append(s.segments, g)
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read cold store: %w", err)
	}
	for in := framesOf(file, info.Size()); ; {
		key, record, err := in.next()
		if err == io.EOF {
			break
		}
		if err == errDamaged {
			s.stats.Damaged++
			if err := setAside(name, file, g.size, info.Size()); err != nil {
				return err
			}
			break
		}
		if err != nil {
			return fmt.Errorf("read cold store: %w", err)
		}
		s.note(key, placeOf(number, g.size, frameSize(record)))
		g.size += frameSize(record)
	}
	s.stats.Bytes += g.size
	return nil
}

// setAside moves the bytes of a segment from good on, which are damaged, into a file beside it.
func setAside(name string, file *os.File, good, size int64) error {
	damaged := make([]byte, size-good)
	if _, err := file.ReadAt(damaged, good); err != nil {
		return fmt.Errorf("read damage: %w", err)
	}
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
	offset := int64(0)
	for in := framesOf(g.file, g.size); ; {
		key, record, err := in.next()
		if err == io.EOF {
			break
		}
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
	}
	return s.giveUp(g)
}
