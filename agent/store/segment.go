package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The window is a row of files, of which only the last is written. A file begins with segmentMagic; each block in it is a header of fixed
// size, the dataset's name, and the compressed text. The files are not synced: what a power cut takes from the window is still in
// the spool or at the output, and what it leaves half is cut off.
const (
	segmentMagic  = "idwatch window 1\n"
	segmentSuffix = ".window"
	headerBytes   = 48
	datasetMost   = 255

	segmentMost  = 16 << 20 // bytes at which the next file is begun, or a sixteenth of the window
	segmentLeast = 256 << 10
)

// blockHeader describes a block in its file.
type blockHeader struct {
	dataset     string
	at          int64 // of the packed text in the file
	size        int   // of the packed text
	sum         uint32
	records     int
	first, last int64 // event times, in milliseconds
	written     int64
}

// append appends the header as it stands in the file: its own sum first, over all the rest and the dataset.
func (h *blockHeader) append(dst []byte) []byte {
	start := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(h.dataset)))
	for _, n := range []uint32{uint32(h.size), h.sum, uint32(h.records), 0} {
		dst = binary.LittleEndian.AppendUint32(dst, n)
	}
	for _, n := range []int64{h.first, h.last, h.written} {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(n))
	}
	dst = append(dst, h.dataset...)
	binary.LittleEndian.PutUint32(dst[start:], crc32.Checksum(dst[start+4:], castagnoli))
	return dst
}

// errTorn says that a file ends in the middle of a block, or goes on with something else.
var errTorn = errors.New("window's file is damaged")

// readHeader reads the header at a place. It answers io.EOF where the file ends.
func readHeader(file io.ReaderAt, at int64) (h blockHeader, err error) {
	var raw [headerBytes + datasetMost]byte
	n, err := file.ReadAt(raw[:], at)
	if n == 0 && err == io.EOF {
		return h, io.EOF
	}
	if err != nil && err != io.EOF {
		return h, err
	}
	name := int(binary.LittleEndian.Uint32(raw[4:]))
	if n < headerBytes || name > datasetMost || n < headerBytes+name {
		return h, errTorn
	}
	if crc32.Checksum(raw[4:headerBytes+name], castagnoli) != binary.LittleEndian.Uint32(raw[:]) {
		return h, errTorn
	}
	h = blockHeader{
		dataset: string(raw[headerBytes : headerBytes+name]), at: at + headerBytes + int64(name),
		size: int(binary.LittleEndian.Uint32(raw[8:])), sum: binary.LittleEndian.Uint32(raw[12:]), records: int(binary.LittleEndian.Uint32(raw[16:])),
		first: int64(binary.LittleEndian.Uint64(raw[24:])), last: int64(binary.LittleEndian.Uint64(raw[32:])), written: int64(binary.LittleEndian.Uint64(raw[40:])),
	}
	if h.size > packedMost {
		return h, errTorn
	}
	return h, nil
}

// readHeaders reads a file's headers. whole is how far the file is good.
func readHeaders(path string) (headers []blockHeader, whole int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	magic := make([]byte, len(segmentMagic))
	if _, err := file.ReadAt(magic, 0); err != nil || string(magic) != segmentMagic {
		return nil, 0, errTorn
	}
	whole = int64(len(segmentMagic))
	for {
		h, err := readHeader(file, whole)
		if err == io.EOF {
			return headers, whole, nil
		}
		if err != nil || h.at+int64(h.size) > info.Size() {
			return headers, whole, errors.Join(errTorn, err)
		}
		headers = append(headers, h)
		whole = h.at + int64(h.size)
	}
}

// segment is one file of the window.
type segment struct {
	number int
	bytes  int64
	last   time.Time // when its last block was written
}

func segmentPath(dir string, number int) string {
	return filepath.Join(dir, fmt.Sprintf("%08d", number)+segmentSuffix)
}

// listSegments lists the files of a directory, the oldest first.
func listSegments(dir string) (list []segment, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name, ours := strings.CutSuffix(e.Name(), segmentSuffix)
		number, err := strconv.Atoi(name)
		if !ours || err != nil {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, os.ErrNotExist) {
			continue // it went meanwhile
		}
		if err != nil {
			return nil, err
		}
		list = append(list, segment{number, info.Size(), info.ModTime()})
	}
	slices.SortFunc(list, func(a, b segment) int { return a.number - b.number })
	return list, nil
}
