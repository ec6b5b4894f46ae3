package source

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// arranged is records as files arrange them that have no record a line.
func arranged(first, n int) map[string]string {
	all := strings.Join(records(first, n), ",\n")
	var pretty bytes.Buffer
	_ = json.Indent(&pretty, []byte("["+all+"]"), "", "  ")
	var objects strings.Builder
	for _, record := range records(first, n) {
		var one bytes.Buffer
		_ = json.Indent(&one, []byte(record), "", "\t")
		objects.WriteString(one.String() + "\n")
	}
	return map[string]string{
		"array":     "[" + all + "]\n",
		"pretty":    "\xef\xbb\xbf" + pretty.String(),
		"objects":   objects.String(),
		"envelope":  "{\n \"Records\": [" + all + "]}",
		"one line":  `{"Records":[` + strings.ReplaceAll(all, "\n", "") + "]}",
		"with text": `{"Records":[` + strings.ReplaceAll(all, "\n", "") + "]}\n",
	}
}

// compact undoes the indentation.
func (k *taker) compact() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, record := range k.records {
		var b bytes.Buffer
		if json.Compact(&b, []byte(record)) == nil {
			k.records[i] = b.String()
		}
	}
}

func TestFilesThatAreNotLines(t *testing.T) {
	for name := range arranged(0, 1) {
		for _, n := range []int{1, 3, 50_000} { // the last are more than one record may have
			t.Run(name, func(t *testing.T) {
				inBubble(t, func(r *rig) {
					r.write("log", arranged(0, n)[name])
					r.start("log")
					r.taker.compact()
					r.want(records(0, n)...)
					if got := r.files.Stats().Behind; got != 0 {
						t.Errorf("got %d bytes behind, want 0", got)
					}
					r.stop()
					r.add("log", "\n"+text(n, 2))
					r.start("log")
					r.taker.compact()
					r.want(records(0, n+2)...)
				})
			})
		}
	}
}

// A file that is no lines is written bit by bit, with a restart in between.
func TestFileThatIsBeingWritten(t *testing.T) {
	for name, content := range arranged(0, 3) {
		for n := 1; n < len(content); n += 5 {
			if content[:n] == `{"Records":[`+records(0, 1)[0] {
				continue // which is no more than an envelope without an end
			}
			inBubble(t, func(r *rig) {
				r.write("log", content[:n])
				r.start("log")
				r.settle()
				if n%2 == 0 {
					r.stop()
					r.start("log")
				}
				r.add("log", content[n:])
				r.settle()
				r.taker.compact()
				if len(r.taker.records) != 3 {
					t.Errorf("%s, cut at %d:", name, n)
				}
				r.want(records(0, 3)...)
			})
		}
	}
}

func TestRestartWithinAnArray(t *testing.T) {
	const n = 30_000
	for name := range arranged(0, 1) {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.taker.hold = true
				r.write("log", arranged(0, n)[name])
				r.start("log")
				r.taker.set(func() {
					if len(r.taker.safes) < 3 {
						t.Fatalf("got %d batches, want several", len(r.taker.safes))
					}
					r.taker.safes[0]()
					r.taker.hold = false
				})
				r.stop()
				first := len(r.taker.records)
				r.start("log")
				r.taker.compact()
				got := map[string]int{}
				for _, record := range r.taker.records {
					got[record]++
				}
				if again := len(r.taker.records) - first; len(got) != n || again == 0 || again >= n {
					t.Errorf("got %d different records, %d of them again; want %d, and only those again that were not safe", len(got), again, n)
				}
			})
		})
	}
}

func TestLongLines(t *testing.T) {
	long := records(10, 30_000)
	rubbish := strings.Repeat("rubbish ", MaxRecord/4)
	huge := `{"n":3,"text":"` + strings.Repeat("y", 2*MaxRecord) + `"}`
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 1)+`{"Records":[`+strings.Join(long, ",")+"]}\n"+text(1, 1)+rubbish+"\n"+text(2, 1)+huge+"\n"+text(4, 1))
		r.start("log")
		want := append(append(records(0, 3), long...), records(4, 1)...)
		r.want(append(want, rubbish[:MaxRecord+1], huge)...)
		if got := r.files.Stats(); got.Long != 1 || got.Behind != 0 || got.Errors != 0 {
			t.Errorf("got %+v, want one long line and nothing behind", got)
		}
		r.stop()
		r.start("log")
		r.want(append(want, rubbish[:MaxRecord+1], huge)...)
	})
}

func TestLongLineThatIsBeingWritten(t *testing.T) {
	envelope := `{"Records":[` + strings.Join(records(10, 30_000), ",") + "]}\n"
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 1))
		r.start("log")
		for i := range 4 {
			r.add("log", envelope[i*len(envelope)/4:(i+1)*len(envelope)/4])
			r.settle()
			if i == 1 {
				r.stop()
				r.start("log")
			}
		}
		r.add("log", text(1, 1))
		r.settle()
		r.want(append(records(0, 2), records(10, 30_000)...)...)
	})
}

func TestShapes(t *testing.T) {
	for text, want := range map[string]shape{
		"":                                   undecided,
		" \n\n":                              undecided,
		`{"a":1`:                             undecided,
		`{"a":1}`:                            byLine,
		"{\"a\":1}\n{":                       byLine,
		"rubbish":                            byLine,
		"# comment\n{":                       byLine,
		"{\"a\":1\n{\"a\":2}\n":              byLine, // a first line that is torn
		"{\"a\":\"x\n{\"a\":2}\n":            byLine,
		"[\n{\"a\":1}":                       whole,
		"[{\"a\":1}]\n":                      byLine,
		"{\n\"a\":1}\n":                      whole,
		"{\"Records\":[\n":                   whole,
		"{\"a\":1} x\n":                      byLine,
		strings.Repeat("[1,", MaxRecord/3+2): whole,
	} {
		if got := shapeOf([]byte(text), false); got != want {
			t.Errorf("got %v for %.30q, want %v", got, text, want)
		}
	}
}
