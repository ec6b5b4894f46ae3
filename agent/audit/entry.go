// Package audit keeps account of who changed what idwatch goes by: context, windows, rules, and what became of alerts and dead
// letters. Each act is on disk before it counts, and goes to a data stream of its own when the output can take it.
package audit

import (
	"crypto/rand"
	"encoding/hex"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Dataset is the event.dataset of the audit's documents.
const Dataset = "idwatch.audit"

// The acts.
const (
	ContextReload    = "context-reload"
	RulesReload      = "rules-reload"
	ReloadFailed     = "reload-failed"
	WindowOpen       = "window-open"
	WindowClose      = "window-close"
	WindowRefused    = "window-refused"
	DeadLetterRetry  = "deadletter-retry"
	DeadLetterRemove = "deadletter-remove"
	AlertAcknowledge = "alert-acknowledge"
	AlertReopen      = "alert-reopen"
	AlertNote        = "alert-note"
	AlertEscalate    = "alert-escalate"
)

// types are event.type, by act; the others are "change".
var types = map[string]string{
	WindowOpen: "creation", WindowClose: "end", WindowRefused: "denied", DeadLetterRemove: "deletion", ReloadFailed: "error", AlertEscalate: "info",
}

// Who is somebody who acts. A process is known by its user, a signal by nobody.
type Who struct {
	ID   string // user id of this machine, or what the console knows
	Name string
}

// Signal is who sends a signal, or changes a file that is read again by itself: the system does not tell.
var Signal = Who{Name: "signal"}

// FileChange is who changes a file that is watched.
var FileChange = Who{Name: "file change"}

// User is the user of a process on this machine.
func User(uid int) Who {
	w := Who{ID: strconv.Itoa(uid)}
	if u, err := user.LookupId(w.ID); err == nil {
		w.Name = u.Username
	}
	return w
}

// Entry is one act.
type Entry struct {
	Time    time.Time
	Action  string
	Who     Who
	Failed  bool
	Reason  string // one line for a person; never part of a record
	Path    string // file or folder that was read
	Hash    string // SHA-256 of it
	Changes []Change
	Window  *Window
	Alert   string   // event.id
	Letters []string // ids of dead letters
	Target  string   // whom an alert was sent to
}

// Change is what is different in one kind of thing.
type Change struct {
	Kind    string   `json:"kind"` // identities, windows, networks, rules, settings
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	Changed []string `json:"changed,omitempty"`
}

// namesMost bounds the names of a document: more of them are counted in the reason.
const namesMost = 500

// Window is a declared time.
type Window struct {
	ID, Kind, Ticket, Key string
	From, Until           time.Time
	Identities            []string
}

// document makes the entry's document. Its id begins with its time, as all do.
func (e *Entry) document(namespace string) ecs.Doc {
	var random [10]byte
	_, _ = rand.Read(random[:])
	id := strconv.FormatInt(e.Time.UnixMilli(), 16) + hex.EncodeToString(random[:])
	w := ecs.Writer{B: []byte{'{'}}
	w.Time("@timestamp", e.Time)
	w.Str("message", e.Reason)
	e.writeEvent(&w, id)
	mark := w.Open("user")
	w.Str("id", e.Who.ID)
	w.Str("name", e.Who.Name)
	w.Close(mark)
	mark = w.Open("related")
	if e.Who.Name != "" {
		w.Strings("user", []string{e.Who.Name})
	}
	w.Close(mark)
	mark = w.Open("file")
	w.Str("path", e.Path)
	hash := w.Open("hash")
	w.Str("sha256", e.Hash)
	w.Close(hash)
	w.Close(mark)
	w.Stream(Dataset, namespace, ecs.Version)
	e.writeOwn(&w)
	w.B[len(w.B)-1] = '}'
	return ecs.Doc{Stream: "logs-" + Dataset + "-" + namespace, ID: id, Body: w.B}
}

func (e *Entry) writeEvent(w *ecs.Writer, id string) {
	mark := w.Open("event")
	w.Str("kind", "event")
	w.Strings("category", []string{"configuration"})
	w.Strings("type", []string{ecs.FirstOf(types[e.Action], "change")})
	w.Str("action", e.Action)
	outcome := "success"
	if e.Failed {
		outcome = "failure"
	}
	w.Str("outcome", outcome)
	w.Str("reason", e.Reason)
	w.Str("dataset", Dataset)
	w.Str("module", "idwatch")
	w.Str("id", id)
	w.Close(mark)
}

// writeOwn writes what ECS has no place for.
func (e *Entry) writeOwn(w *ecs.Writer) {
	own := w.Open("idwatch")
	mark := w.Open("audit")
	for _, c := range e.Changes {
		kind := w.Open(c.Kind)
		w.Strings("added", c.Added[:min(len(c.Added), namesMost)])
		w.Strings("removed", c.Removed[:min(len(c.Removed), namesMost)])
		w.Strings("changed", c.Changed[:min(len(c.Changed), namesMost)])
		w.Close(kind)
	}
	if e.Window != nil {
		e.Window.write(w)
	}
	w.Str("alert", e.Alert)
	w.Str("target", e.Target)
	w.Strings("letters", e.Letters[:min(len(e.Letters), namesMost)])
	w.Close(mark)
	w.Close(own)
}

func (v *Window) write(w *ecs.Writer) {
	mark := w.Open("window")
	w.Str("id", v.ID)
	w.Str("kind", v.Kind)
	w.Str("ticket", v.Ticket)
	w.Str("key", v.Key)
	w.Strings("identities", v.Identities)
	if !v.From.IsZero() {
		w.Time("from", v.From)
	}
	if !v.Until.IsZero() {
		w.Time("until", v.Until)
	}
	w.Close(mark)
}

// Summary is what changed, in one line.
func Summary(changes []Change) string {
	var parts []string
	for _, c := range changes {
		for _, d := range []struct {
			word  string
			names []string
		}{{"added", c.Added}, {"removed", c.Removed}, {"changed", c.Changed}} {
			if n := len(d.names); n > 0 {
				parts = append(parts, strconv.Itoa(n)+" "+c.Kind+" "+d.word)
			}
		}
	}
	if len(parts) == 0 {
		return "nothing has changed"
	}
	return strings.Join(parts, ", ")
}
