package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/windows"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const dropsEvery = 5 * time.Second

// withWindows is a context with the signed windows that were taken.
func (s *Service) withWindows(house *detections.Context) *detections.Context {
	if s.govern.windows == nil {
		return house
	}
	all := s.govern.windows.Windows()
	if len(all) == 0 {
		return house
	}
	c := *house
	c.Windows = slices.Clone(house.Windows)
	for i := range all {
		w := &all[i]
		if end := w.End(); end.After(w.From) {
			c.Windows = append(c.Windows, detections.Window{
				Kind: w.Kind, From: w.From, Until: end, Identities: w.Identities, Sources: w.Sources, Operations: w.Operations, Ticket: w.Ticket,
			})
		}
	}
	c.Index()
	return &c
}

// watchDrops looks at the folder of dropped windows until ctx ends.
func (s *Service) watchDrops(ctx context.Context) {
	tick := time.NewTicker(dropsEvery)
	defer tick.Stop()
	told := false
	for {
		err := windows.Drops(s.config.Windows.Dir, func(signed []byte) error {
			_, err := s.takeWindow(signed, audit.Who{Name: "dropped file"})
			return err
		})
		if err != nil && !told {
			s.log.Error("dropped windows are not taken", "err", err)
		}
		told = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// takeWindow takes a signed window. One that is refused is somebody's mistake or an attack: it is noted and alerted on.
func (s *Service) takeWindow(signed []byte, who audit.Who) (windows.Window, error) {
	g := &s.govern
	if g.windows == nil {
		return windows.Window{}, control.Refusal{Status: http.StatusConflict, Text: "windows.keys names nobody who may declare windows"}
	}
	w, err := g.windows.Take(signed, time.Now())
	var refusal *windows.Refusal
	switch {
	case errors.As(err, &refusal):
		entry := audit.Entry{Time: time.Now(), Action: audit.WindowRefused, Who: who, Failed: true, Reason: refusal.Text, Window: auditWindow(&w)}
		id, _ := g.audit.Note(entry)
		s.alertWindow(refusal, &w, who, signed, id)
		return w, control.Refusal{Status: http.StatusForbidden, Text: refusal.Text}
	case err != nil:
		s.log.Error("window not taken", "err", err)
		return w, err
	}
	g.mu.Lock()
	s.pipeline.Use(s.withWindows(g.house))
	g.mu.Unlock()
	entry := audit.Entry{Action: audit.WindowOpen, Who: who, Window: auditWindow(&w), Reason: "a " + w.Kind + " window is open, signed with key " + w.Key}
	if !w.Closed.IsZero() {
		entry.Action, entry.Reason = audit.WindowClose, "a "+w.Kind+" window is closed, signed with key "+w.Key
	}
	s.Note(entry)
	return w, nil
}

func auditWindow(w *windows.Window) *audit.Window {
	if w.Key == "" {
		return nil // nobody vouches for what it says
	}
	return &audit.Window{ID: w.ID, Kind: w.Kind, Ticket: w.Ticket, Key: w.Key, From: w.From, Until: w.End(), Identities: w.Identities}
}

// refusals are the rules of alerts about windows that are not taken.
var refusals = map[string]struct {
	name, description string
	severity, score   int
}{
	windows.Forged: {"Forged deployment window", "Somebody declared a window without a trusted signature. A window lowers the score of what is done in it: " +
		"this may be an attempt to hide an attack that is about to come.", 73, 80},
	windows.Replayed: {"Replayed deployment window", "A signed window was declared a second time. Whoever can read the statements of the CI may try to use one again.", 73, 75},
	windows.Expired:  {"Expired deployment window", "A signed window came after its time: a CI that hangs, or somebody who kept a statement for later.", 47, 55},
	windows.Improper: {"Improper deployment window", "A trusted key signed a window that is longer, earlier or wider than the house allows.", 47, 60},
}

// alertWindow publishes the alert about a refused window. Its evidence is the audit's document.
func (s *Service) alertWindow(r *windows.Refusal, v *windows.Window, who audit.Who, signed []byte, auditID string) {
	now, namespace := time.Now().UTC(), s.config.Namespace()
	sum := sha256.Sum256(append([]byte(r.Rule+"\n"), signed...))
	doc := windowAlert(r, v, who, now, hex.EncodeToString(sum[:16]), namespace, auditID)
	if err := s.govern.audit.Put(doc); err == nil {
		s.taps().TakeLetters([]ecs.Doc{doc})
	}
}

// windowAlert makes the document, which has the shape of all alerts.
func windowAlert(r *windows.Refusal, v *windows.Window, who audit.Who, now time.Time, id, namespace, auditID string) ecs.Doc {
	about := refusals[r.Rule]
	name := ecs.FirstOf(who.Name, who.ID, "unknown")
	part := map[string]any{"name": "refused", "points": about.score, "reason": r.Text}
	own := map[string]any{
		"revision": 0, "counterfactual": "A statement signed with a key of windows.keys, used once, in its time, would have been taken.",
		"identity": map[string]any{"id": name, "unowned": true, "names": []string{name}},
		"score":    map[string]any{"parts": []any{part}},
		"evidence": []any{map[string]any{"id": auditID, "index": "logs-" + audit.Dataset + "-" + namespace, "timestamp": now,
			"dataset": audit.Dataset, "action": audit.WindowRefused, "summary": r.Text}},
	}
	if v.Key != "" {
		own["context"] = []string{"signed with key " + v.Key}
	}
	body, _ := json.Marshal(map[string]any{ // of texts and numbers, which cannot fail
		"@timestamp": now, "message": r.Text,
		"event": map[string]any{"kind": "alert", "id": id, "action": r.Rule, "reason": r.Text, "severity": about.severity, "risk_score": about.score,
			"category": []string{"configuration", "threat"}, "type": []string{"indicator"}, "outcome": "failure",
			"dataset": detections.AlertDataset, "module": "idwatch", "created": now},
		"rule": map[string]any{"id": r.Rule, "name": about.name, "description": about.description, "author": []string{"idwatch"},
			"license": "Apache-2.0", "ruleset": "idwatch", "version": "1"},
		"threat": map[string]any{"framework": "MITRE ATT&CK", "tactic": map[string]any{"name": []string{"Defense Evasion"}},
			"technique": map[string]any{"id": []string{"T1562"}}},
		"user":        map[string]any{"id": who.ID, "name": name},
		"related":     map[string]any{"user": []string{name}},
		"data_stream": map[string]any{"type": "logs", "dataset": detections.AlertDataset, "namespace": namespace},
		"ecs":         map[string]any{"version": ecs.Version},
		"idwatch":     own,
	})
	return ecs.Doc{Stream: "logs-" + detections.AlertDataset + "-" + namespace, ID: id + "-0", Body: body}
}

// handleWindows mounts what the tools send about windows.
func (s *Service) handleWindows(server *control.Server) {
	server.Handle("POST /v1/window", func(r *http.Request) (any, error) {
		signed, err := control.Body[windows.Signed](r)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(signed)
		if err != nil {
			return nil, err
		}
		return s.takeWindow(text, whoAsks(control.PeerOf(r)))
	})
	server.Handle("GET /v1/windows", func(*http.Request) (any, error) {
		if s.govern.windows == nil {
			return []windows.Window{}, nil
		}
		return s.govern.windows.Windows(), nil
	})
}
