package source

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// cutAll runs lines over a reader and returns all records and the bytes that are left.
func cutAll(t *testing.T, r io.Reader) (records [][]byte, consumed int, rest []byte) {
	t.Helper()
	l := lines{r: r}
	for {
		some, n, err := l.next(1)
		records, consumed = append(records, some...), consumed+n
		if err != nil {
			return records, consumed, l.pending()
		}
	}
}

// However a stream arrives, its records are its lines without the blank ones, and every byte is a line's or left over.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb\r\n\n \t\nc"), uint8(3))
	f.Add([]byte("\r\n\r"), uint8(1))
	f.Add(bytes.Repeat([]byte("0123456789\n"), 2000), uint8(7))
	f.Fuzz(func(t *testing.T, content []byte, step uint8) {
		var want [][]byte
		end := bytes.LastIndexByte(content, '\n') + 1
		for _, line := range bytes.Split(content[:end], []byte("\n")) {
			if line = trim(line); len(line) > 0 {
				want = append(want, line)
			}
		}
		got, consumed, rest := cutAll(t, &stepReader{content, int(step)%16 + 1})
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("got %q, want %q", got, want)
		}
		if consumed != end || !bytes.Equal(rest, content[end:]) {
			t.Fatalf("got %d bytes and %q left, want %d and %q", consumed, rest, end, content[end:])
		}
	})
}

// stepReader gives so many bytes at a time.
type stepReader struct {
	left []byte
	step int
}

func (r *stepReader) Read(p []byte) (int, error) {
	if len(r.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.step)], r.left)
	r.left = r.left[n:]
	return n, nil
}

func TestRecordsAreNeverWrittenTo(t *testing.T) {
	content := strings.Repeat(text(0, 50), 2000)
	l := lines{r: iotest.HalfReader(strings.NewReader(content))}
	var all [][]byte
	for err := error(nil); err == nil; {
		var some [][]byte
		some, _, err = l.next(blockBytes)
		for _, record := range some {
			_ = append(record, "overwritten"...) // what a taker does with its own bytes
		}
		all = append(all, some...)
	}
	if got := string(bytes.Join(all, []byte("\n"))) + "\n"; got != content {
		t.Error("records changed after they were handed over")
	}
}

func TestLinesSkipWhatIsTooLong(t *testing.T) {
	long := strings.Repeat("y", 3*MaxRecord)
	l := lines{r: iotest.HalfReader(strings.NewReader("a\n" + long + "\nb\n"))}
	var got []string
	total := 0
	for err := error(nil); err == nil; {
		var some [][]byte
		var n int
		some, n, err = l.next(blockBytes)
		total += n
		for _, record := range some {
			got = append(got, string(record))
		}
		if l.isLong() {
			record, n := l.cutLong()
			got, total = append(got, string(record)), total+n
		}
	}
	if want := []string{"a", long[:MaxRecord+1], "b"}; !slices.Equal(got, want) {
		t.Errorf("got %d records, want %d", len(got), len(want))
	}
	if want := len(long) + 5; total != want {
		t.Errorf("got %d bytes, want %d", total, want)
	}
}
