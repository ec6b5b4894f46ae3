// Package status is what a process says of itself at one moment: to the command line, to the console, to Prometheus and, in a
// file, to whoever finds it dead. Its JSON is the answer of "idwatch status --json".
package status

import "time"

// Status is the whole of it. Its slices are in a fixed order, so that two of them can be compared by eye.
type Status struct {
	Healthy  bool      `json:"healthy"`
	Problems []Problem `json:"problems"` // why not; empty when healthy
	Warnings []Problem `json:"warnings"` // what somebody should look at, without being a reason not to be healthy
	Running  bool      `json:"running"`  // false: the last word of a process that has ended
	Time     time.Time `json:"time"`
	Started  time.Time `json:"started"`
	PID      int       `json:"pid"`
	DataDir  string    `json:"data_dir"`
	Console  string    `json:"console,omitempty"` // address of the listener; "" when it is off or has no port yet

	Records      Records      `json:"records"`
	Alerts       Alerts       `json:"alerts"`
	Inputs       []Input      `json:"inputs"`
	Sources      []Source     `json:"sources"`
	Spool        Spool        `json:"spool"`
	Outputs      []Output     `json:"outputs"`
	DeadLetters  DeadLetters  `json:"dead_letters"`
	Cache        Cache        `json:"cache"`
	Cold         Cold         `json:"cold"`
	State        State        `json:"state"`
	Escalation   Escalation   `json:"escalation"`
	Correlations Correlations `json:"correlations"`

	DetectionsOff []string `json:"detections_off,omitempty"` // those that panicked, sorted
}

// Records is the balance: In is the sum of the others.
type Records struct {
	In        int64 `json:"in"`        // records accepted
	Delivered int64 `json:"delivered"` // answered 2xx or 409 by the output
	Duplicate int64 `json:"duplicate"` // of an id that was seen before sending
	Dead      int64 `json:"dead"`      // in the dead letters: unreadable, or refused by the output
	Spooled   int64 `json:"spooled"`   // not answered yet
	Lost      int64 `json:"lost"`      // damage found on disk
}

// Sum adds up what became of the records.
func (r Records) Sum() int64 { return r.Delivered + r.Duplicate + r.Dead + r.Spooled + r.Lost }

// Alerts counts what the detections published, revisions included.
type Alerts struct {
	Alerts  int64 `json:"alerts"`
	Signals int64 `json:"signals"`
}

// Input is one input of the configuration, or one pattern of files of it.
type Input struct {
	Name       string    `json:"name"` // such as "inputs[0] file /var/log/vault/audit.log"
	Type       string    `json:"type"`
	Source     string    `json:"source"` // how its records are read
	State      string    `json:"state"`  // running, ended, failed
	Error      string    `json:"error,omitempty"`
	Records    int64     `json:"records"` // texts handed over; an envelope is one
	Bytes      int64     `json:"bytes"`
	LagBytes   int64     `json:"lag_bytes"` // that are there and not taken
	Open       int       `json:"open"`      // files or connections
	Errors     int64     `json:"errors"`    // files, requests or messages that could not be read
	Refused    int64     `json:"refused"`   // connections
	LastRecord time.Time `json:"last_record,omitzero"`
	// Of inputs that ask others:
	Waiting int64   `json:"waiting"`     // kafka: records up to the high watermark that are not safe yet; s3: messages in work
	Lag     float64 `json:"lag_seconds"` // okta: the log is read up to now less this; kafka and s3: age of what waits
	// Of what the input's records say:
	NewestEvent time.Time   `json:"newest_event,omitzero"` // the youngest event time
	Lacks       []InputLack `json:"lacks"`
}

// InputLack is something that records of one dataset lack which an input brings.
type InputLack struct {
	Dataset string `json:"dataset"`
	Lack
}

// Input states.
const (
	Running = "running"
	Ended   = "ended"
	Failed  = "failed"
)

// Source is what is known of the records of one dataset, from whatever input.
type Source struct {
	Dataset     string    `json:"dataset"`
	Records     int64     `json:"records"`
	First       time.Time `json:"first"`        // when it was first heard, by this machine's clock
	LastHeard   time.Time `json:"last_heard"`   // when it was last heard, by this machine's clock
	NewestEvent time.Time `json:"newest_event"` // the youngest event time; what is implausibly far ahead is left out
	UsualRate   float64   `json:"usual_rate"`   // records a second, over about a day
	LongestGap  float64   `json:"longest_gap_seconds"`
	Silence     float64   `json:"silence_seconds"`      // since it was last heard
	SilentAfter float64   `json:"silent_after_seconds"` // the silence that counts as a gap; 0 as long as its habits are not known
	Silent      bool      `json:"silent"`
	Lag         float64   `json:"lag_seconds"` // from event time to arrival, as of the last records
	Lacks       []Lack    `json:"lacks"`
}

// Lack is something that the detections need and that the records of a source do not have.
type Lack struct {
	Field   string `json:"field"`
	Records int64  `json:"records"` // without it, in a row
	Effect  string `json:"effect"`  // what therefore cannot be detected, and what to do
}

// Spool is what waits on this machine.
type Spool struct {
	Records  int64     `json:"records"` // not answered yet
	Bytes    int64     `json:"bytes"`
	MaxBytes int64     `json:"max_bytes"`
	Oldest   time.Time `json:"oldest,omitzero"` // arrival of the oldest that waits, where that is known
}

// Output is one output of the configuration.
type Output struct {
	Name         string    `json:"name"`
	Delivered    int64     `json:"delivered"` // documents, alerts and dead letters included
	Refused      int64     `json:"refused"`   // documents that it will never take
	Retried      int64     `json:"retried"`   // times that a document was put off
	Requests     int64     `json:"requests"`
	Failed       int64     `json:"failed"` // requests or writes without a proper answer
	Bytes        int64     `json:"bytes"`
	TroubleSince time.Time `json:"trouble_since,omitzero"` // since when it takes nothing
	Trouble      string    `json:"trouble,omitempty"`
}

// DeadLetters is the store of what could not be read or was refused.
type DeadLetters struct {
	Entries  int   `json:"entries"`
	Bytes    int64 `json:"bytes"`
	MaxBytes int64 `json:"max_bytes"`
	Refused  int64 `json:"refused"` // not kept since the start, because the store was full
	Damaged  int   `json:"damaged"` // damaged places found in it
}

// Cache is what the detections remember.
type Cache struct {
	Identities    int   `json:"identities"`
	MaxIdentities int   `json:"max_identities"`
	Bytes         int64 `json:"bytes"`
	MaxBytes      int64 `json:"max_bytes"`
	Forgotten     int64 `json:"forgotten"` // identities forgotten for want of room
	Open          int   `json:"open"`      // records that may still change their place in time
	Late          int   `json:"late"`      // records that came after the lateness limit
	Early         int   `json:"early"`     // times that the limit was cut short for want of room
}

// Cold is what is on disk of identities and credentials that had to be forgotten.
type Cold struct {
	Records  int   `json:"records"`
	Bytes    int64 `json:"bytes"`
	MaxBytes int64 `json:"max_bytes"`
	Hits     int64 `json:"hits"`    // times that somebody forgotten was found
	Misses   int64 `json:"misses"`  // times that nobody was: most names are new
	Dropped  int   `json:"dropped"` // records given up for want of room
	Damaged  int   `json:"damaged"` // files with damage, whose bytes were set aside
	Failed   int   `json:"failed"`  // records not written or not read
}

// Correlations is what users' correlations have open.
type Correlations struct {
	Groups         int `json:"groups"`
	Records        int `json:"records"`         // in the windows of these
	DroppedGroups  int `json:"dropped_groups"`  // that could still have fired
	DroppedRecords int `json:"dropped_records"` // that had to make room in a window
	Ungrouped      int `json:"ungrouped"`       // records that lack what a correlation groups or counts by
}

// State is the detections' memory on disk.
type State struct {
	Saved time.Time `json:"saved,omitzero"`
	Error string    `json:"error,omitempty"` // why the last try did not save it
}

// Escalation is how alerts are told.
type Escalation struct {
	Targets int       `json:"targets"` // who can be told
	Waiting int       `json:"waiting"` // alerts that nobody has acknowledged and that are not at the end of their list
	Failing string    `json:"failing,omitempty"`
	Since   time.Time `json:"failing_since,omitzero"` // since when that target cannot be told
}
