package detections

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/idwatch/idwatch/detections/latest"
	"github.com/idwatch/idwatch/detections/pack"
)

// repeatsKept is how many document ids are remembered. Senders repeat themselves within minutes.
const repeatsKept = 1 << 17

// repeats tells whether a document was seen before.
type repeats struct{ ids *latest.Map[docKey, struct{}] }

func newRepeats() repeats { return repeats{latest.New[docKey, struct{}](repeatsKept)} }

// docKey is a document's id, without a pointer that the garbage collector would follow.
type docKey [documentID / 8]uint64

// keyOf is the key of an id, which is exact for ids of our own making. Whole ECS documents bring theirs, of any length.
func keyOf(id string) (k docKey) {
	text := []byte(id)
	if len(text) != documentID {
		hash := sha256.Sum256(text)
		text = hash[:]
	}
	for i := range k {
		k[i] = binary.LittleEndian.Uint64(text[8*i:])
	}
	return k
}

// first reports whether an id is new, and remembers it.
func (r repeats) first(id string) bool {
	_, seen := r.ids.Add(keyOf(id), struct{}{})
	return !seen
}

// pack writes or reads the ids, in the order in which they came.
func (r repeats) pack(c *pack.Coder) {
	keys := make([]docKey, 0, r.ids.Len())
	for key := range r.ids.All() {
		keys = append(keys, key)
	}
	pack.List(c, &keys, pack.Most, packDocKey)
	if c.Reading() {
		for _, key := range keys {
			r.ids.Add(key, struct{}{})
		}
	}
}

func packDocKey(c *pack.Coder, k *docKey) {
	for i := range k {
		c.Fixed(&k[i])
	}
}
