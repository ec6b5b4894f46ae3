package parsers

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// splitAll collects what Split finds, compacting nothing.
func splitAll(r io.Reader) ([]string, error) {
	var got []string
	err := Split(r, func(text []byte, _ int64) error {
		got = append(got, string(text))
		return nil
	})
	return got, err
}

var splitCases = map[string]struct {
	in   string
	want []string
	err  error
}{
	"lines":              {"{\"a\":1}\n{\"b\":2}\n", []string{`{"a":1}`, `{"b":2}`}, nil},
	"blank lines":        {"\n \r\n{\"a\":1}\r\n\n{\"b\":2}", []string{`{"a":1}`, `{"b":2}`}, nil},
	"array":              {`[{"a":1}, {"b":[{"c":2}]}]`, []string{`{"a":1}`, `{"b":[{"c":2}]}`}, nil},
	"pretty array":       {"[\n  {\n    \"a\": {\n      \"b\": []\n    }\n  },\n  {\n    \"c\": 1\n  }\n]\n", []string{"{\n    \"a\": {\n      \"b\": []\n    }\n  }", "{\n    \"c\": 1\n  }"}, nil},
	"CloudTrail file":    {`{"Records":[{"a":"]}"},{"b":"\"{"}]}`, []string{`{"a":"]}"}`, `{"b":"\"{"}`}, nil},
	"envelope tail":      {`{"x":{"y":[1]},"records":[{"a":1}],"z":[{"n":1}]}` + "\n" + `{"b":2}`, []string{`{"a":1}`, `{"b":2}`}, nil},
	"event hook":         {`{"eventType":"hook","data":{"events":[{"a":1},{"b":2}]},"eventTime":"t"}`, []string{`{"a":1}`, `{"b":2}`}, nil},
	"nested names":       {`{"a":{"records":[{"b":1}]}}`, []string{`{"a":{"records":[{"b":1}]}}`}, nil},
	"garbage between":    {"{\"a\":1}\nnot json {\n{\"b\":2}\n", []string{`{"a":1}`, `not json {`, `{"b":2}`}, nil},
	"line cut in string": {"{\"a\":\"x\n{\"b\":2}\n", []string{`{"a":"x`, `{"b":2}`}, nil},
	"line cut in object": {"{\"a\":{\"c\":1},\n{\"b\":2}\n", []string{`{"a":{"c":1},`, `{"b":2}`}, nil},
	"line cut at colon":  {"{\"a\":\n{\"b\":2}\n{\"c\":3}\n", []string{`{"a":`, `{"b":2}`, `{"c":3}`}, nil},
	"cut at the end":     {"{\"a\":1}\n{\"b\":", []string{`{"a":1}`, `{"b":`}, nil},
	"cut envelope":       {`{"Records":[{"a":1},{"b":`, []string{`{"a":1}`, `{"b":`}, ErrCutStream},
	"odd elements":       {`{"Records":[1,"x,]",null,{"a":1}]}`, []string{`1`, `"x,]"`, `null`, `{"a":1}`}, nil},
	"one per line":       {"{\"Records\":[{\"a\":1},\n{\"b\":2},\n{\"c\":3}]}", []string{`{"a":1}`, `{"b":2}`, `{"c":3}`}, nil},
	"nothing":            {"", nil, nil},
}

func TestSplit(t *testing.T) {
	for name, test := range splitCases {
		t.Run(name, func(t *testing.T) {
			for reader, r := range map[string]io.Reader{
				"whole":      strings.NewReader(test.in),
				"by bytes":   iotest.OneByteReader(strings.NewReader(test.in)),
				"compressed": strings.NewReader(gzipped(test.in)),
				"zstd":       bytes.NewReader(zstandard(test.in)),
			} {
				got, err := splitAll(r)
				if !reflect.DeepEqual(got, test.want) || !errors.Is(err, test.err) {
					t.Errorf("%s: got %q, %v, want %q, %v", reader, got, err, test.want, test.err)
				}
			}
		})
	}
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.String()
}

func zstandard(text string) []byte {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return z.EncodeAll([]byte(text), nil)
}

func TestSplitEndsAtDamage(t *testing.T) {
	whole := gzipped(strings.Repeat("{\"a\":1}\n", 100))
	got, err := splitAll(strings.NewReader(whole[:len(whole)-9]))
	if err == nil {
		t.Errorf("a cut gzip stream gave no error after %d records", len(got))
	}
}

func TestSplitStopsABomb(t *testing.T) {
	bomb := gzipped(strings.Repeat(" ", 1<<20))
	count := 0
	s := splitter{emit: func([]byte, int64) error { count++; return nil }}
	err := s.read(strings.NewReader(bomb+bomb), 3<<19)
	if !errors.Is(err, ErrBomb) {
		t.Errorf("got %v, want %v: the members of a gzip stream count together", err, ErrBomb)
	}
}

func TestSplitOversizedRecord(t *testing.T) {
	giant := `{"a":"` + strings.Repeat("x", 40<<20) + `"}`
	var sizes []int
	err := Split(strings.NewReader(giant+"\n{\"b\":1}\n"), func(text []byte, _ int64) error {
		sizes = append(sizes, len(text))
		return nil
	})
	if err != nil || len(sizes) != 2 || sizes[0] < keptBytes || sizes[0] > 2*keptBytes || sizes[1] != 7 {
		t.Errorf("got sizes %v, %v: want the giant's beginning and the record after it", sizes, err)
	}
}

func TestSplitOffsets(t *testing.T) {
	in := "[{\"a\":1},\n {\"b\":2}]"
	var ends []int64
	Split(strings.NewReader(in), func(_ []byte, end int64) error { ends = append(ends, end); return nil })
	if !reflect.DeepEqual(ends, []int64{8, 18}) {
		t.Errorf("got %v, want the offsets behind the records", ends)
	}
}

// FuzzSplit: whatever the stream, its pieces stand in it in order without overlap, and what is not in a piece is
// white space, punctuation of lists or part of an envelope that gave records. Reading byte by byte changes nothing.
func FuzzSplit(f *testing.F) {
	for _, test := range splitCases {
		f.Add([]byte(test.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if isCompressed(in) {
			return
		}
		got, err := splitAll(bytes.NewReader(in))
		again, againErr := splitAll(iotest.OneByteReader(bytes.NewReader(in)))
		if !reflect.DeepEqual(got, again) || !errors.Is(err, againErr) {
			t.Fatalf("got %q, %v, byte by byte %q, %v", got, err, again, againErr)
		}
		rest := in
		for _, piece := range got {
			at := bytes.Index(rest, []byte(piece))
			if at < 0 {
				t.Fatalf("piece %q is not where it should be in %q", piece, in)
			}
			if skipped := rest[:at]; len(bytes.Trim(skipped, " \t\r\n,[]")) > 0 && !hasListName(in) {
				t.Fatalf("lost %q of %q", skipped, in)
			}
			rest = rest[at+len(piece):]
		}
		if len(bytes.Trim(rest, " \t\r\n,[]")) > 0 && !hasListName(in) {
			t.Fatalf("lost %q at the end of %q", rest, in)
		}
	})
}
