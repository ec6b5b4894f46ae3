package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/idwatch/idwatch/agent/store"
)

// alertSearch looks for the last revisions of alerts whose id begins as asked.
type alertSearch struct {
	id    string
	found map[string]*store.Document
}

func (s *alertSearch) files(names []string, stdin io.Reader) error {
	in := inputs{stdin: stdin, progress: &progress{}}
	return in.each(names, func(text []byte) error {
		if bytes.Contains(text, []byte(s.id)) {
			s.look(text)
		}
		return nil
	})
}

// look takes a document that may be an alert; what is none is left out.
func (s *alertSearch) look(text []byte) {
	var d store.Document
	if json.Unmarshal(text, &d) != nil || d.Rule.ID == "" || !strings.HasPrefix(d.Event.ID, s.id) {
		return
	}
	if have := s.found[d.Event.ID]; have == nil || have.Own.Revision <= d.Own.Revision {
		s.found[d.Event.ID] = &d
	}
}

// explanation explains the alert to a person.
func explanation(d *store.Document) []byte {
	var b bytes.Buffer
	own := &d.Own
	fmt.Fprintf(&b, "%s\n\n%s (%s)\n%s\n\n", d.Event.Reason, d.Rule.Name, d.Rule.ID, d.Rule.Description)
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "what\t%s, revision %d%s\n", standing(d), own.Revision, fate(d))
	fmt.Fprintf(w, "who\t%s %s\n", own.Identity.Kind, own.Identity.ID)
	if own.Identity.Unowned {
		fmt.Fprintf(w, "owner\tnobody is named in the context file\n")
	} else {
		fmt.Fprintf(w, "owner\t%s\n", strings.Join(append([]string{own.Identity.Owner}, own.Identity.Escalation...), ", then "))
	}
	fmt.Fprintf(w, "covers\t%s\n", strings.Join(own.Covers, " "))
	for _, e := range own.Evidence {
		fmt.Fprintf(w, "%s\t%s\t%s/%s\n", e.Time.UTC().Format("2006-01-02 15:04:05"), e.Summary, e.Index, e.ID)
	}
	for _, p := range own.Score.Parts {
		fmt.Fprintf(w, "%+d\t%s\n", p.Points, p.Reason)
	}
	fmt.Fprintf(w, "= %.0f\tthe score\n", d.Event.Score)
	for _, line := range own.Context {
		fmt.Fprintf(w, "weighed\t%s\n", line)
	}
	for _, line := range own.Gaps {
		fmt.Fprintf(w, "gap\t%s\n", line)
	}
	if own.Counterfactual != "" {
		fmt.Fprintf(w, "change\t%s\n", own.Counterfactual)
	}
	w.Flush()
	return printableLines(b.Bytes())
}

// standing says what the document is.
func standing(d *store.Document) string {
	if d.Event.Kind == "event" {
		return "a signal, below the threshold"
	}
	return "an alert"
}

// fate says what has become of it.
func fate(d *store.Document) string {
	switch {
	case d.Own.Withdrawn:
		return ", withdrawn: a record that came late took its ground away"
	case d.Own.Folded != "":
		return ", part of alert " + d.Own.Folded
	}
	return ""
}

// printableLines takes from a text what could command a terminal.
func printableLines(text []byte) []byte {
	lines := strings.Split(string(text), "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return []byte(strings.Join(lines, "\n"))
}
