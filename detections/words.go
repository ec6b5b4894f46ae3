package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// wordsKept bounds the texts that are kept once for all: a flood of made-up ones must not fill the memory.
const wordsKept = 1 << 17

// words keeps texts and places that many acts share, once.
type words struct {
	kept   map[string]string
	room   []byte // used again by join
	places map[spot]*ecs.Place
}

func newWords() *words { return &words{kept: map[string]string{}, places: map[spot]*ecs.Place{}} }

// of returns an owned text equal to s, which may be a view over a record.
func (w *words) of(s string) string {
	if s == "" {
		return ""
	}
	if have, ok := w.kept[s]; ok {
		return have
	}
	own := strings.Clone(s)
	if len(w.kept) >= wordsKept {
		clear(w.kept)
	}
	w.kept[own] = own
	return own
}

// join is of a, a separator and b, without an allocation where it was seen before.
func (w *words) join(a string, separator byte, b string) string {
	w.room = append(append(append(w.room[:0], a...), separator), b...)
	if have, ok := w.kept[string(w.room)]; ok {
		return have
	}
	return w.of(string(w.room))
}

// index is the data stream of a dataset.
func (w *words) index(dataset, namespace string) string {
	w.room = append(append(append(append(w.room[:0], "logs-"...), dataset...), '-'), namespace...)
	if have, ok := w.kept[string(w.room)]; ok {
		return have
	}
	return w.of(string(w.room))
}
