package source

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

func TestCompressedRotatedFileIsNotReadTwice(t *testing.T) {
	for _, pattern := range []string{"log", "log*"} {
		forSizes(t, func(r *rig, n int) {
			r.write("log", text(0, n))
			r.start(pattern)
			r.rename("log", "log.1")
			r.write("log", text(n, n))
			r.settle()
			r.compress("log.1")
			r.settle()
			r.want(records(0, 2*n)...)
			r.stop()
			r.rename("log.1.gz", "log.2.gz")
			r.rename("log", "log.1")
			r.add("log.1", text(2*n, 1))
			r.compress("log.1")
			r.write("log", text(2*n+1, 1))
			r.start(pattern)
			r.want(records(0, 2*n+2)...)
			if got := r.files.Stats(); got.Files > 1 || got.Behind > 0 || got.Errors > 0 {
				r.Errorf("got %+v, want at most one file open and nothing behind", got)
			}
		})
	}
}

func TestUnreadRestOfACompressedFile(t *testing.T) {
	forSizes(t, func(r *rig, n int) {
		r.write("log", text(0, n))
		r.start("log")
		r.stop()
		r.add("log", text(n, n)+`{"torn`)
		r.compress("log")
		r.rename("log.gz", "log.1.gz")
		r.start("log")
		r.want(append(records(0, 2*n), `{"torn`)...)
	})
}

func TestCompressedFilesAreReadWhole(t *testing.T) {
	forSizes(t, func(r *rig, n int) {
		z, err := zstd.NewWriter(nil)
		if err != nil {
			r.Fatal(err)
		}
		r.write("a.gz", gzipped(text(0, n)))
		r.write("b.zst", string(z.EncodeAll([]byte(text(n, n)), nil)))
		r.write("no-extension", gzipped(text(2*n, n))+gzipped(text(3*n, n)))
		r.write("cloudtrail.json.gz", gzipped(`{"Records":[`+strings.Join(records(4*n, n), ",")+`]}`))
		r.write("empty.gz", gzipped(""))
		r.start("*")
		want := records(0, 5*n)
		r.want(want...)
		r.stop()
		r.start("*")
		r.want(want...)
		if got := r.files.Stats(); got.Files > 0 || got.Behind > 0 {
			r.Errorf("got %+v, want nothing open", got)
		}
	})
}

// A compressed file is written bit by bit; what is there is read, nothing twice, and the rest when it has come.
func TestCompressedFileThatIsBeingWritten(t *testing.T) {
	for _, content := range []string{text(0, 60), "[" + strings.Join(records(0, 60), ",\n") + "]"} {
		whole := gzipped(content)
		for n := 0; n < len(whole); n += 3 {
			inBubble(t, func(r *rig) {
				r.write("log.gz", whole[:n])
				r.start("log.gz")
				r.pass(20 * time.Second)
				if n%2 == 0 {
					r.stop()
					r.start("log.gz")
				}
				r.add("log.gz", whole[n:])
				r.pass(20 * time.Second)
				r.want(records(0, 60)...)
			})
		}
	}
}

func TestBrokenCompressedFile(t *testing.T) {
	inBubble(t, func(r *rig) {
		broken := []byte(gzipped(text(0, 3000)))
		broken[len(broken)-6] ^= 1
		r.write("log.gz", string(broken))
		r.write("other.gz", "\x1f\x8b no gzip at all, but long enough")
		r.start("*.gz")
		r.pass(time.Minute)
		if got := len(r.taker.records); got < 2900 || got > 3000 {
			t.Errorf("got %d records, want all or nearly all", got)
		}
		if got := r.files.Stats(); got.Errors != 2 || got.Files != 0 {
			t.Errorf("got %+v, want two errors and no file open", got)
		}
	})
}

func TestBombIsCut(t *testing.T) {
	b := &bounded{r: strings.NewReader(strings.Repeat("x", 100)), left: 10}
	if got, err := io.ReadAll(b); len(got) != 10 || !errors.Is(err, ErrBomb) {
		t.Errorf("got %d bytes and %v, want 10 and ErrBomb", len(got), err)
	}
}

func TestInflatersTellOfTruncation(t *testing.T) {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, whole := range []string{gzipped(text(0, 20)), string(z.EncodeAll([]byte(text(0, 20)), nil))} {
		for n := range len(whole) {
			if n < len(zstdMagic) {
				continue
			}
			r, err := newInflater(strings.NewReader(whole[:n]), []byte(whole[:4]))
			var got []byte
			if err == nil {
				got, err = io.ReadAll(r)
				r.close()
			}
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("cut at %d of %d: got %v, want an unexpected end", n, len(whole), err)
			}
			if !bytes.HasPrefix([]byte(text(0, 20)), got) {
				t.Errorf("cut at %d: got something else", n)
			}
		}
	}
}
