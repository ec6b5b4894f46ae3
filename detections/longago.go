package detections

import "github.com/idwatch/idwatch/detections/pack"

// longAgoKept is how many alerts are remembered, at least, after their evidence is forgotten.
const longAgoKept = 1 << 16

// longAgo remembers which revision of an alert was the last that was told. An alert of that id can come back: a revoked key is
// used once more a week later. It remembers the latest in two generations and forgets the older one whole.
type longAgo struct{ young, old map[string]int }

func (t *longAgo) put(id string, revision int) {
	if t.young == nil || len(t.young) >= longAgoKept {
		t.young, t.old = make(map[string]int), t.young
	}
	t.young[id] = revision
}

func (t *longAgo) get(id string) (revision int, told bool) {
	if revision, told = t.young[id]; told {
		return revision, true
	}
	revision, told = t.old[id]
	return revision, told
}

// pack writes or reads both generations.
func (t *longAgo) pack(c *pack.Coder) {
	for _, told := range []*map[string]int{&t.young, &t.old} {
		if *told == nil {
			*told = map[string]int{}
		}
		pack.Map(c, *told, (*pack.Coder).Text, pack.Number[int])
	}
}
