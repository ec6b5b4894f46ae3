package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// alertDocument is what explain reads of an alert's document.
type alertDocument struct {
	Time  time.Time `json:"@timestamp"`
	Event struct {
		ID     string  `json:"id"`
		Kind   string  `json:"kind"`
		Reason string  `json:"reason"`
		Score  float64 `json:"risk_score"`
	} `json:"event"`
	Rule struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"rule"`
	Own struct {
		Covers    []string `json:"covers"`
		Revision  int      `json:"revision"`
		Withdrawn bool     `json:"withdrawn"`
		Folded    string   `json:"folded_into"`
		Identity  struct {
			ID         string   `json:"id"`
			Kind       string   `json:"kind"`
			Owner      string   `json:"owner"`
			Escalation []string `json:"escalation"`
			Unowned    bool     `json:"unowned"`
		} `json:"identity"`
		Score struct {
			Parts []struct {
				Name   string `json:"name"`
				Points int    `json:"points"`
				Reason string `json:"reason"`
			} `json:"parts"`
		} `json:"score"`
		Evidence []struct {
			ID      string    `json:"id"`
			Index   string    `json:"index"`
			Time    time.Time `json:"timestamp"`
			Summary string    `json:"summary"`
		} `json:"evidence"`
		Context        []string `json:"context"`
		Gaps           []string `json:"gaps"`
		Counterfactual string   `json:"counterfactual"`
	} `json:"idwatch"`
}

// alertSearch looks for the last revisions of alerts whose id begins as asked.
type alertSearch struct {
	id    string
	found map[string]*alertDocument
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
	var d alertDocument
	if json.Unmarshal(text, &d) != nil || d.Rule.ID == "" || !strings.HasPrefix(d.Event.ID, s.id) {
		return
	}
	if have := s.found[d.Event.ID]; have == nil || have.Own.Revision <= d.Own.Revision {
		s.found[d.Event.ID] = &d
	}
}

// text explains the alert to a person.
func (d *alertDocument) text() []byte {
	var b bytes.Buffer
	own := &d.Own
	fmt.Fprintf(&b, "%s\n\n%s (%s)\n%s\n\n", d.Event.Reason, d.Rule.Name, d.Rule.ID, d.Rule.Description)
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "what\t%s, revision %d%s\n", d.standing(), own.Revision, d.fate())
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
func (d *alertDocument) standing() string {
	if d.Event.Kind == "event" {
		return "a signal, below the threshold"
	}
	return "an alert"
}

// fate says what has become of it.
func (d *alertDocument) fate() string {
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
