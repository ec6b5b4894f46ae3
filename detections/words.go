package detections

import (
	"strconv"
	"strings"
	"unsafe"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// wordsKept bounds the texts that are kept once for all: a flood of made-up ones must not fill the memory.
const wordsKept = 1 << 17

// words keeps texts and places that many acts share, once.
type words struct {
	kept   map[string]string
	near   [nearWords]string // of those, by some of their letters: most texts are few, and their map is large
	room   []byte            // used again for texts that are put together
	places map[spot]*ecs.Place
}

// nearWords is how many words are found without a look into the map, a power of two.
const nearWords = 512

func newWords() *words { return &words{kept: map[string]string{}, places: map[spot]*ecs.Place{}} }

// of returns an owned text equal to s, which may be a view over a record.
func (w *words) of(s string) string {
	switch s {
	case "":
		return ""
	case "success":
		return "success"
	case "failure":
		return "failure"
	}
	near := &w.near[(len(s)*67+int(s[0])+int(s[len(s)/2])*17+int(s[len(s)-1])*257)%nearWords]
	if *near == s {
		return *near
	}
	have, ok := w.kept[s]
	if !ok {
		have = w.keep(strings.Clone(s))
	}
	*near = have
	return have
}

// like is of s, which is likely equal to a text that is owned.
func (w *words) like(owned, s string) string {
	if s == owned {
		return owned
	}
	return w.of(s)
}

func (w *words) keep(own string) string {
	if len(w.kept) >= wordsKept {
		clear(w.kept)
	}
	w.kept[own] = own
	return own
}

// made is of the text in room.
func (w *words) made() string {
	if len(w.room) == 0 {
		return ""
	}
	return w.of(unsafe.String(unsafe.SliceData(w.room), len(w.room))) // valid until it is compared or copied
}

// join is of a, a separator and b.
func (w *words) join(a string, separator byte, b string) string {
	w.room = append(append(append(w.room[:0], a...), separator), b...)
	return w.made()
}

// after is of b after a.
func (w *words) after(a, b string) string {
	w.room = append(append(w.room[:0], a...), b...)
	return w.made()
}

// index is the data stream of a dataset.
func (w *words) index(dataset, namespace string) string {
	w.room = append(append(append(append(w.room[:0], "logs-"...), dataset...), '-'), namespace...)
	return w.made()
}

// network is what an act's Network says, written once for all acts from there.
func (w *words) network(a *Act) string {
	if a.Place != nil && a.Place.ASN != 0 {
		w.room = strconv.AppendUint(append(w.room[:0], "as"...), uint64(a.Place.ASN), 10)
		return w.made()
	}
	block := a.block()
	if !block.IsValid() {
		return ""
	}
	w.room = block.AppendTo(w.room[:0])
	return w.made()
}
