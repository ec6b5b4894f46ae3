package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Search asks the window for records.
type Search struct {
	Words       []string // all must stand in the record, in letters of either case
	Dataset     string   // "" is any
	From, Until time.Time
	Limit       int // 0 is 100
	// Make makes a record's document again; what it makes none of is left out.
	Make func(dataset string, text []byte) (ecs.Doc, bool)
	// Keep decides over a document; nil keeps all.
	Keep func(doc *ecs.Doc) bool
}

// Record is a record found.
type Record struct {
	At      time.Time
	Dataset string
	Text    []byte // as it came
	Doc     ecs.Doc
}

// Found is a search's answer, the youngest in event time first.
type Found struct {
	Records []Record
	Scanned int64     // records gone through
	Whole   bool      // nothing older is left to search; else go on with Until = Back
	Back    time.Time // all that is younger was gone through
	Damaged int       // blocks that could not be read
}

const foundMost = 1000

// Find searches the window until there are enough records or ctx ends, and then says how far back it came.
func (r *Reader) Find(ctx context.Context, q Search) (*Found, error) {
	if q.Limit <= 0 {
		q.Limit = 100
	}
	s := scan{query: q, words: make([][]byte, len(q.Words)), from: minTime, until: maxTime}
	s.query.Limit = min(q.Limit, foundMost)
	for i, word := range q.Words {
		s.words[i] = asWritten(word)
	}
	if !q.From.IsZero() {
		s.from = q.From.UnixMilli()
	}
	if !q.Until.IsZero() {
		s.until = q.Until.UnixMilli()
	}
	headers, damaged, err := r.headers()
	if err != nil {
		return nil, err
	}
	s.damaged = damaged
	if err := s.blocks(ctx, r.windowDir, headers); err != nil && ctx.Err() == nil {
		return nil, err
	}
	return s.answer(), nil
}

const (
	minTime = -1 << 62
	maxTime = 1 << 62
)

// asWritten is how a word stands in JSON, in small letters.
func asWritten(word string) []byte {
	quoted, _ := json.Marshal(word) // a string can always be written
	return lower(nil, quoted[1:len(quoted)-1])
}

// scan is a search on its way.
type scan struct {
	query       Search
	words       [][]byte
	from, until int64

	packed, text, small []byte

	found   []Record
	scanned int64
	damaged int
	back    int64 // the youngest time that a block not gone through can have
	whole   bool
	dropped bool // there are more than were asked for
}

// blocks goes through the blocks, that with the youngest record first. What it found is complete down to the youngest
// record that the next block can have.
func (s *scan) blocks(ctx context.Context, dir string, headers []placed) error {
	s.back = s.until
	slices.SortFunc(headers, func(a, b placed) int { return cmp.Compare(b.last, a.last) })
	for i := range headers {
		h := &headers[i]
		if h.last < s.from {
			break
		}
		if h.first >= s.until || s.query.Dataset != "" && s.query.Dataset != h.dataset {
			continue
		}
		if s.back = min(s.back, h.last+1); s.enough() {
			return nil
		}
		if err := s.read(dir, h); err != nil {
			return err
		}
		s.block(ctx, h)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	s.back, s.whole = s.from, true
	return nil
}

// read reads a block's compressed text. A file that went meanwhile has none.
func (s *scan) read(dir string, h *placed) error {
	file, err := os.Open(segmentPath(dir, h.segment))
	if errors.Is(err, fs.ErrNotExist) {
		s.packed = s.packed[:0]
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	s.packed = slices.Grow(s.packed[:0], h.size)[:h.size]
	_, err = file.ReadAt(s.packed, h.at)
	return err
}

// enough reports whether as many records are found as were asked for, none of which an unsearched block can outdo.
func (s *scan) enough() bool {
	n := 0
	for i := range s.found {
		if s.found[i].At.UnixMilli() >= s.back {
			n++
		}
	}
	return n >= s.query.Limit
}

func (s *scan) block(ctx context.Context, h *placed) {
	text, ok := unsqueeze(s.text, s.packed, h.sum)
	if !ok {
		s.damaged++
		return
	}
	s.text = text
	n := 0
	eachRecord(text, func(millis int64, record []byte) bool {
		s.scanned++
		if n++; n%64 == 0 && ctx.Err() != nil {
			return false
		}
		if millis >= s.from && millis < s.until && s.hasWords(record) {
			s.take(h.dataset, millis, record)
		}
		return true
	})
}

func (s *scan) hasWords(record []byte) bool {
	if len(s.words) == 0 {
		return true
	}
	s.small = lower(s.small[:0], record)
	for _, word := range s.words {
		if !bytes.Contains(s.small, word) {
			return false
		}
	}
	return true
}

func (s *scan) take(dataset string, millis int64, record []byte) {
	doc, ok := s.query.Make(dataset, record)
	if !ok || s.query.Keep != nil && !s.query.Keep(&doc) {
		return
	}
	s.found = append(s.found, Record{At: time.UnixMilli(millis).UTC(), Dataset: dataset, Text: bytes.Clone(record), Doc: doc})
	if len(s.found) >= 8*s.query.Limit { // a block may hold many more than are asked for
		s.dropped = s.cut() || s.dropped
	}
}

func (s *scan) sort() {
	slices.SortStableFunc(s.found, func(a, b Record) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return strings.Compare(a.Doc.ID, b.Doc.ID)
	})
	s.found = slices.CompactFunc(s.found, func(a, b Record) bool { return a.Doc.ID == b.Doc.ID }) // taken twice, as after a restart
}

// cut sorts what is found and drops what is beyond the limit, but for records of the same millisecond as the last: the next search
// goes on with older ones. It reports whether it dropped any.
func (s *scan) cut() bool {
	s.sort()
	n := min(len(s.found), s.query.Limit)
	for n > 0 && n < min(len(s.found), foundMost) && s.found[n].At.Equal(s.found[n-1].At) {
		n++
	}
	dropped := n < len(s.found)
	s.found = s.found[:n]
	return dropped
}

func (s *scan) answer() *Found {
	if !s.whole { // what is older than back may not be all that there is: it comes with the next search
		s.found = slices.DeleteFunc(s.found, func(r Record) bool { return r.At.UnixMilli() < s.back })
	}
	f := &Found{Scanned: s.scanned, Whole: s.whole, Damaged: s.damaged, Back: time.UnixMilli(s.back).UTC()}
	if s.cut() || s.dropped {
		f.Whole, f.Back = false, s.found[len(s.found)-1].At
	}
	f.Records = s.found
	return f
}

// lower appends a text with ASCII letters made small.
func lower(dst, text []byte) []byte {
	start := len(dst)
	dst = append(dst, text...)
	for i, c := range dst[start:] {
		if c-'A' < 26 {
			dst[start+i] = c | 0x20
		}
	}
	return dst
}

// placed is a block with the file that it stands in.
type placed struct {
	blockHeader
	segment int
}

// headers lists all blocks of the window. Files whose rest cannot be read are counted, but for the last, to which a block may just be written.
func (r *Reader) headers() (all []placed, damaged int, err error) {
	segments, err := listSegments(r.windowDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	for i, s := range segments {
		headers, _, err := readHeaders(segmentPath(r.windowDir, s.number))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it went meanwhile
		}
		if err != nil && i < len(segments)-1 {
			damaged++
		}
		for _, h := range headers {
			all = append(all, placed{h, s.number})
		}
	}
	return all, damaged, err
}

// Window is what the window holds.
type Window struct {
	Records, Bytes int64 // compressed
	First, Last    time.Time
}

// Window describes the window.
func (r *Reader) Window() (w Window, err error) {
	headers, _, err := r.headers()
	for i := range headers {
		h := &headers[i]
		w.Records += int64(h.records)
		w.Bytes += int64(h.size)
		if first := time.UnixMilli(h.first).UTC(); i == 0 || first.Before(w.First) {
			w.First = first
		}
		if last := time.UnixMilli(h.last).UTC(); last.After(w.Last) {
			w.Last = last
		}
	}
	return w, err
}
