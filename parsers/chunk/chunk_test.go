package chunk

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/record"
)

var update = flag.Bool("update", false, "rewrite testdata")

var epoch = time.Unix(0, 0).UTC()

// shown is a piece as golden files show it.
type shown struct {
	Kind     string `json:"kind"`
	Reason   string `json:"reason,omitempty"`
	Bytes    int    `json:"bytes"`
	Time     string `json:"time,omitempty"`
	Metadata string `json:"metadata,omitempty"`
	Resource string `json:"resource,omitempty"`
	Record   string `json:"record,omitempty"`
}

var kindNames = map[Kind]string{
	Record: "record", GroupStart: "group start", GroupEnd: "group end",
	Unreadable: "unreadable", Truncated: "truncated", Damaged: "damaged",
}

func show(p Piece) shown {
	s := shown{Kind: kindNames[p.Kind], Reason: string(p.Reason), Bytes: len(p.Bytes), Metadata: asJSON(p.Metadata), Resource: asJSON(p.Resource)}
	if !p.Time.IsZero() {
		s.Time = p.Time.Format(time.RFC3339Nano)
	}
	if p.Kind == Record {
		text, err := p.AppendRecord(nil, "")
		s.Record = string(text)
		if err != nil {
			s.Reason = err.Error()
		}
	}
	return s
}

func asJSON(b []byte) string {
	if b == nil {
		return ""
	}
	text, _, _ := appendValue(nil, b, 1)
	return string(text)
}

func TestGolden(t *testing.T) {
	for name, data := range goldenChunks(t) {
		t.Run(name, func(t *testing.T) {
			var got []shown
			for p := range Pieces(data) {
				got = append(got, show(p))
			}
			text, err := json.MarshalIndent(got, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".msgpack", data)
			golden(t, name+".golden.json", append(text, '\n'))
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// A chunk cut anywhere has the same pieces up to the cut, and then says that it is cut: nothing else.
func TestCutAtEveryByte(t *testing.T) {
	for name, data := range goldenChunks(t) {
		t.Run(name, func(t *testing.T) {
			whole := slices.Collect(Pieces(data))
			for cut := range data {
				checkCut(t, data, whole, cut)
			}
		})
	}
}

// checkCut compares the pieces of data[:cut] with those of data.
func checkCut(t *testing.T, data []byte, whole []Piece, cut int) {
	t.Helper()
	at := 0
	for p := range Pieces(data[:cut]) {
		full := whole[0]
		whole = whole[1:]
		switch at += len(p.Bytes); {
		case p.Kind == Truncated && at == cut && (full.Kind == Damaged || len(full.Bytes) > len(p.Bytes)):
		case p.Kind == Damaged && at == cut && full.Kind == Damaged && p.Reason == full.Reason:
		case p.Kind == full.Kind && bytes.Equal(p.Bytes, full.Bytes):
		default:
			t.Fatalf("cut at %d: got %s of %d bytes, want %s of %d", cut, kindNames[p.Kind], len(p.Bytes), kindNames[full.Kind], len(full.Bytes))
		}
	}
	if at != cut {
		t.Fatalf("cut at %d: got pieces of %d bytes", cut, at)
	}
}

// A record is the same whether it comes as text or as a map.
func TestLineAndMapAreOneRecord(t *testing.T) {
	for _, line := range vendorLines(t) {
		want := canonical(t, []byte(line))
		bodies := [][]byte{packed(line)}
		for _, key := range lineKeys {
			bodies = append(bodies, object(key, str(line)), object(key, packed(line)))
		}
		for _, body := range bodies {
			p := Piece{Body: body}
			got, err := p.AppendRecord(nil, "")
			if err != nil {
				t.Fatal(err)
			}
			if got := canonical(t, got); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
}

func canonical(t *testing.T, text []byte) string {
	t.Helper()
	var r record.Record
	if err := r.Parse(text); err != nil {
		t.Fatal(err)
	}
	return string(record.AppendCanonical(nil, r.Root()))
}

func TestConfiguredKey(t *testing.T) {
	lines := vendorLines(t)
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"wins over the shape": {object("eventType", str("a"), "published", str("b"), "payload", str(lines[0])), lines[0]},
		"wins over log":       {object("log", str(lines[1]), "payload", str(lines[0])), lines[0]},
		"any text":            {object("log", str(lines[1]), "payload", str("text")), "text"},
		"absent":              {object("log", str(lines[1])), lines[1]},
		"no text":             {object("payload", []byte{1}, "a", []byte{2}), `{"payload":1,"a":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			p := Piece{Body: c.body}
			got, err := p.AppendRecord(nil, "payload")
			if err != nil || string(got) != c.want {
				t.Errorf("got %s (%v), want %s", got, err, c.want)
			}
		})
	}
}
