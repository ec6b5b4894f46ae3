package detections

import (
	"crypto/sha256"
	"encoding/binary"
)

// repeatsKept is how many document ids are remembered at least. Senders repeat themselves within minutes.
const repeatsKept = 1 << 17

// repeats tells whether a document was seen before. It remembers the latest ids in two generations and forgets the older one whole.
type repeats struct{ young, old map[docKey]struct{} }

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
func (r *repeats) first(id string) bool {
	key := keyOf(id)
	if _, seen := r.young[key]; seen {
		return false
	}
	if _, seen := r.old[key]; seen {
		return false
	}
	if r.young == nil || len(r.young) >= repeatsKept {
		r.young, r.old = make(map[docKey]struct{}, len(r.young)), r.young
	}
	r.young[key] = struct{}{}
	return true
}
