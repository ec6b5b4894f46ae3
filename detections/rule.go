package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Rule says what a detection is about. Its metadata are the documentation.
type Rule struct {
	ID          string // function of alert ids: never changed once released
	Name        string
	Description string   // the attack in two or three sentences
	Severity    int      // Elastic's scale: 21, 47, 73, 99
	Points      int      // the behaviour's own part of the score, 0–100
	Covers      []string // rows of the catalogue
	Techniques  []string // ATT&CK
	NHI         []string // OWASP Non-Human Identities Top 10, such as "NHI2:2025"
	Evidence    string   // what an analyst finds in the records
	Lookalikes  string   // what looks the same and is no attack
	Tuning      string   // what to declare in the context file
	Reference   string
	// BeyondWindows says that no deployment or maintenance brings this about: a declared window takes off little.
	BeyondWindows bool
	General       bool     // says in general what others say in particular: folds into an alert of theirs with the same evidence
	Chain         bool     // its steps are alerts of their own, which fold into it
	Author        string   // of a user's rule; ours when empty
	Tactics       []string // ATT&CK, by name, of a user's rule
	References    []string // of a user's rule
	Reads         []string // datasets that a user's rule reads
	// Judged rules say themselves which outcomes count: a refused act scores no less.
	Judged  bool
	License string
	Ruleset string
}

// Sign is a detection that one record shows by itself: an entry of a table, not code.
type Sign struct {
	Rule
	Dataset string   // the stream it stands in
	Actions []string // the vendor's words for event.action; empty: any
	// When, if set, looks into the record. The event is valid during the call only.
	When func(*ecs.Event) bool
	// Quiet signs raise no alert by themselves; other detections ask for them.
	Quiet bool
	// Weigh, if set, looks at the memory before the act; nil means that there is nothing to raise.
	Weigh func(*Case) *Finding
	// Failures too: the sign stands also in refused acts.
	Failures bool
	// Foreign signs are other products' alerts: they count as findings beside ours, and raise none.
	Foreign bool
}

// Detection is a detection with memory.
type Detection struct {
	Rule
	// On are the kinds of acts it is asked about; empty: all.
	On []ecs.Activity
	// Signs are ids of signs it is asked about too.
	Signs []string
	// Within is how long one alert of this rule on one identity goes on collecting evidence.
	Within time.Duration
	// Find looks at the act with all memory of what was before it.
	Find func(*Case) *Finding
	// Correlation, instead of Find, counts hits of users' rules.
	Correlation *Correlation
	// After, if set, has Find asked when that much time has passed since the act: what did not happen is seen then.
	After time.Duration
	// Last detections are asked after all others, and only when those raised something: Case.Raised.
	Last bool
	// Timed detections are found by the engine itself as time passes; Find is nil.
	Timed bool
}

// Finding is what a detection sees in an act.
type Finding struct {
	Evidence []*Act // what came before, in event-time order; the act itself is added by the engine
	Reason   string // one sentence a person understands
	Parts    []Part // points beside the rule's own
	Key      string // tells findings of one rule on one identity apart, such as a credential; "" when there is one at a time
	Wide     bool   // what is found is about many identities at once: one alert for all that have the same key
}

// Part is a part of a score.
type Part struct {
	Name   string
	Points int
	Reason string
}
