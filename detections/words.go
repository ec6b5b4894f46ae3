package detections

import (
	"hash/maphash"
	"strconv"
	"strings"
	"unsafe"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// words keeps texts and places that many acts share, once, as long as they are asked for: it forgets what was not, so that a flood of made-up
// texts fills nothing.
type words struct {
	kept     []wordSet // by hash
	seed     maphash.Seed
	room     []byte // used again for texts that are put together
	places   map[spot]*ecs.Place
	networks [1 << 8]network // by number
}

// wordSet is two texts of one hash, the one that was asked for last before the other.
type wordSet [2]string

// wordSets is how many there are: 1 MiB of them.
const wordSets = 1 << 15

// network is how an autonomous system is called.
type network struct {
	asn  uint32
	name string
}

func newWords() *words {
	return &words{kept: make([]wordSet, wordSets), seed: maphash.MakeSeed(), places: map[spot]*ecs.Place{}}
}

// of returns an owned text equal to s, which may be a view over a record.
func (w *words) of(s string) string {
	if s == "" {
		return ""
	}
	set := &w.kept[maphash.String(w.seed, s)%wordSets]
	switch s {
	case set[0]:
	case set[1]:
		set[0], set[1] = set[1], set[0]
	default:
		set[0], set[1] = strings.Clone(s), set[0]
	}
	return set[0]
}

// like is of s, which is likely equal to a text that is owned.
func (w *words) like(owned, s string) string {
	if s == owned {
		return owned
	}
	return w.of(s)
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
		n := &w.networks[a.Place.ASN%uint32(len(w.networks))]
		if n.asn != a.Place.ASN {
			n.asn, n.name = a.Place.ASN, "as"+strconv.FormatUint(uint64(a.Place.ASN), 10)
		}
		return n.name
	}
	block := a.block()
	if !block.IsValid() {
		return ""
	}
	w.room = block.AppendTo(w.room[:0])
	return w.made()
}
