// Package status is what a process says of itself at one moment: to the command line, to the console, to Prometheus and, in a
// file, to whoever finds it dead. Its JSON is the answer of "idwatch status --json".
package status

import "time"

// Status is the whole of it. Its slices are in a fixed order, so that two of them can be compared by eye.
type Status struct {
	Healthy  bool      `json:"healthy"`
	Problems []Problem `json:"problems"` // why not; empty when healthy
	Running  bool      `json:"running"`  // false: the last word of a process that has ended
	Time     time.Time `json:"time"`
	Started  time.Time `json:"started"`
	PID      int       `json:"pid"`
	DataDir  string    `json:"data_dir"`
	Console  string    `json:"console,omitempty"` // address of the listener; "" when it is off or has no port yet

	Records     Records     `json:"records"`
	Alerts      Alerts      `json:"alerts"`
	DeadLetters DeadLetters `json:"dead_letters"`
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

// DeadLetters is the store of what could not be read or was refused.
type DeadLetters struct {
	Entries  int   `json:"entries"`
	Bytes    int64 `json:"bytes"`
	MaxBytes int64 `json:"max_bytes"`
	Refused  int64 `json:"refused"` // not kept since the start, because the store was full
	Damaged  int   `json:"damaged"` // damaged places found in it
}
