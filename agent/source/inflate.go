package source

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// A stream may inflate to inflatedFloor plus inflatedRatio times its size. Logs reach 30 times, bombs 1000 times and more.
	inflatedFloor = 1 << 30
	inflatedRatio = 200
	zstdWindow    = 128 << 20
)

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// ErrBomb says that a compressed file inflates to more than any log does.
var ErrBomb = errors.New("compressed file inflates beyond the limit")

// isCompressed tells by a stream's first bytes.
func isCompressed(magic []byte) bool {
	return bytes.HasPrefix(magic, gzipMagic) || bytes.HasPrefix(magic, zstdMagic)
}

// inflater gives a compressed stream's content, all its members one after the other.
type inflater struct {
	io.Reader
	close func()
}

// newInflater begins to inflate r, of which magic are the first bytes.
func newInflater(r io.Reader, magic []byte) (*inflater, error) {
	if bytes.HasPrefix(magic, gzipMagic) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, notYet(err)
		}
		return &inflater{z, func() {}}, nil
	}
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
	if err != nil {
		return nil, notYet(err)
	}
	return &inflater{z, z.Close}, nil
}

// notYet makes one error of what the libraries say of a file that is not written to its end.
func notYet(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// bounded gives so many bytes and then ErrBomb.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrBomb
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
