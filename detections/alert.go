package detections

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"
)

// evidenceKept bounds the evidence of one alert.
const evidenceKept = 64

// Alert is one rule's finding on one identity, with all evidence that came in within the rule's window.
type Alert struct {
	ID       string // function of rule and anchor
	Rule     *Rule
	Key      string
	Who      string   // identity
	Names    []string // all names linked to it by then, sorted
	Anchor   *Act     // the first in event time of what fired
	Evidence []*Act   // in event-time order, the anchor among them
	Omitted  int      // evidence beyond evidenceKept
	Reason   string
	Parts    []Part
	Score    int
	Context  []string
	Gaps     []string
	Last     time.Time
	Found    time.Time // when it was first found, in event time
	Signal   bool      // below the threshold
	Folded   string
	Also     []string // rows of alerts of general rules that fold into this one, sorted
}

// Covers lists the rows of the catalogue that the alert covers.
func (a *Alert) Covers() []string {
	rows := slices.Clone(a.Rule.Covers)
	for _, row := range a.Also {
		if !slices.Contains(rows, row) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (a *Alert) clone() *Alert {
	c := *a
	c.Evidence, c.Parts = slices.Clone(a.Evidence), slices.Clone(a.Parts)
	c.Names = slices.Clone(a.Names)
	c.Context, c.Gaps = slices.Clone(a.Context), slices.Clone(a.Gaps)
	c.Also = slices.Clone(a.Also)
	return &c
}

// alertID is the id of an alert: a function of its rule and its anchor's document alone.
func alertID(rule string, anchor *Act) string {
	sum := sha256.Sum256([]byte(rule + "\x00" + anchor.ID))
	return base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20])
}

// alertKey is where the open alert of a rule on an identity is remembered.
func alertKey(rule, who, key string) string { return rule + "\x00" + who + "\x00" + key }

// add puts acts among the evidence, each once, in event-time order.
func (a *Alert) add(acts []*Act) {
	for _, act := range acts {
		i, found := slices.BinarySearchFunc(a.Evidence, act, byTime)
		if found {
			continue
		}
		if len(a.Evidence) >= evidenceKept {
			a.Omitted++
			continue
		}
		a.Evidence = slices.Insert(a.Evidence, i, act)
	}
}

// byTime orders acts by event time. Where that is equal, which CloudTrail's whole seconds often are, what makes comes
// before what uses, and what ends comes last; then the document id decides.
func byTime(a, b *Act) int {
	if c := a.Time.Compare(b.Time); c != 0 {
		return c
	}
	if c := a.rank() - b.rank(); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

func (a *Act) rank() int {
	switch {
	case a.Born, a.Made != "":
		return 0
	case a.Gone != "":
		return 2
	}
	return 1
}

// within reports whether all evidence of a stands in b too.
func (a *Alert) within(b *Alert) bool {
	for _, act := range a.Evidence {
		if _, found := slices.BinarySearchFunc(b.Evidence, act, byTime); !found {
			return false
		}
	}
	return true
}
