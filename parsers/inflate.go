package parsers

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// MaxInflated is how many bytes a compressed stream may give, all its members together.
const MaxInflated = 4 << 30

// zstdMemory bounds the window that a zstd stream may ask for.
const zstdMemory = 64 << 20

// ErrBomb says that a compressed stream gives more than MaxInflated.
var ErrBomb = errors.New("compressed stream inflates beyond the limit")

func isCompressed(text []byte) bool {
	return bytes.HasPrefix(text, gzipMagic) || bytes.HasPrefix(text, zstdMagic)
}

// inflated returns what r holds, inflated when its first bytes say that it is compressed.
func inflated(r io.Reader, limit int64) (io.Reader, error) {
	b := bufio.NewReaderSize(r, splitBlock)
	magic, err := b.Peek(len(zstdMagic))
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("inflate stream: %w", err)
		}
		return &bounded{r: z, left: limit}, nil
	case bytes.HasPrefix(magic, zstdMagic):
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(zstdMemory))
		if err != nil {
			return nil, fmt.Errorf("inflate stream: %w", err)
		}
		return &bounded{r: z.IOReadCloser(), left: limit}, nil
	}
	return b, nil
}

// bounded gives at most left bytes and then ErrBomb.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrBomb
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("inflate stream: %w", err)
	}
	return n, err
}
