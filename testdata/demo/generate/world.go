package main

import (
	"fmt"
	"time"
)

// The four logs, named as truth.ndjson and the summary name them.
const (
	okta       = "okta"
	entra      = "entra"
	cloudtrail = "cloudtrail"
	vault      = "vault"
)

// The weeks that are told: 2026-09-01 is a Tuesday, 2026-09-21 the Monday after the abuse began.
var (
	firstDay = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC)
)

// record is one vendor record on its way to a file.
type record struct {
	source string
	at     time.Time // event time
	id     string    // the vendor's own id, which is event.id of the document
	region string    // CloudTrail only: which file it goes to
	body   any
	truth  *scene
	step   string
}

// scene says what a run of records means; ordinary records have none.
type scene struct {
	Truth    string `json:"truth"` // abuse, lookalike or response
	Story    string `json:"story"`
	Identity string `json:"identity"`
}

// world collects what everybody does.
type world struct {
	seed      uint64
	records   []record
	everybody []*person
	vault     *vaultServer

	scene *scene // what is emitted now belongs to it
	step  string
}

func newWorld(seed uint64) *world {
	w := &world{seed: seed, vault: newVaultServer()}
	w.everybody = w.people()
	return w
}

func (w *world) emit(r record) {
	r.truth, r.step = w.scene, w.step
	w.records = append(w.records, r)
}

// tell runs a part of a story; whatever it emits is marked with the scene.
func (w *world) tell(s scene, step string, part func()) {
	before, stepBefore := w.scene, w.step
	w.scene, w.step = &s, step
	part()
	w.scene, w.step = before, stepBefore
}

// dice returns the random numbers of one act: the same for the same words, whatever else happened before.
func (w *world) dice(words ...any) *dice {
	return newDice(w.seed, fmt.Sprint(words...))
}

// utc is a moment of the story, in the one spelling that its tables use.
func utc(stamp string) time.Time {
	t, err := time.Parse("01-02 15:04:05", stamp)
	if err != nil {
		panic(err)
	}
	return t.AddDate(2026, 0, 0)
}
