package detections

// repeatsKept is how many document ids are remembered at least. Senders repeat themselves within minutes.
const repeatsKept = 1 << 17

// repeats tells whether a document was seen before. It remembers the latest ids in two generations and forgets the older one whole.
type repeats struct{ young, old map[string]struct{} }

// first reports whether an id is new, and remembers it.
func (r *repeats) first(id string) bool {
	if _, seen := r.young[id]; seen {
		return false
	}
	if _, seen := r.old[id]; seen {
		return false
	}
	if r.young == nil || len(r.young) >= repeatsKept {
		r.young, r.old = make(map[string]struct{}), r.young
	}
	r.young[id] = struct{}{}
	return true
}
