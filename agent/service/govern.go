package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/durable"
	"github.com/idwatch/idwatch/agent/escalate"
	"github.com/idwatch/idwatch/agent/rules"
	"github.com/idwatch/idwatch/agent/windows"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// government is what is declared, by whom, and who is told.
type government struct {
	audit   *audit.Log
	ladder  *escalate.Ladder  // nil when nobody can be told
	windows *windows.Register // nil when nobody is trusted

	mu       sync.Mutex
	house    *detections.Context // as the file says
	declared audit.Things        // in the context file and the rules, as it was noted last
}

// thingsName is the file in the audit's folder that has what was declared last, so that a change while no process ran is seen.
const thingsName = "declared.json"

// openGovernment opens the audit, the register of windows and the ladder.
func (s *Service) openGovernment() (err error) {
	c, g := s.config, &s.govern
	dir := filepath.Join(c.DataDir, "audit")
	if g.audit, err = audit.Open(audit.Settings{Dir: dir, Namespace: c.Namespace(), Send: s.sendAudit, Log: s.log}); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, thingsName))
	if err != nil || json.Unmarshal(text, &g.declared) != nil { // without one, what is declared is new
		g.declared = contextThings(detections.DefaultContext())
	}
	if len(c.Windows.Keys) > 0 {
		g.windows, err = windows.OpenRegister(windows.Settings{
			File: filepath.Join(c.DataDir, windows.FileName), Keys: c.Windows.Keys, Longest: c.Windows.MaxLength, Ahead: c.Windows.MaxAhead,
		})
		if err != nil {
			return err
		}
	}
	if len(c.Escalation.Targets) == 0 {
		return nil
	}
	settings := escalate.Settings{File: filepath.Join(c.DataDir, "escalation.json"), Default: c.Escalation.Default, Log: s.log, Told: s.noteTold}
	for _, t := range c.Escalation.Targets {
		settings.Targets = append(settings.Targets, escalate.Target{Name: t.Name, Kind: t.Kind, URL: t.URL, URLFile: t.URLFile, CAFile: t.CAFile, SecretFile: t.SecretFile, Wait: t.Wait})
	}
	g.ladder, err = escalate.Open(settings)
	return err
}

// runGovernment does the background work until ctx ends.
func (s *Service) runGovernment(ctx context.Context) {
	g := &s.govern
	var all sync.WaitGroup
	all.Go(func() { g.audit.Run(ctx) })
	if g.ladder != nil {
		all.Go(func() { g.ladder.Run(ctx) })
	}
	if g.windows != nil && s.config.Windows.Dir != "" {
		all.Go(func() { s.watchDrops(ctx) })
	}
	all.Wait()
}

// sendAudit delivers audit documents. What the output refuses stays in the log on disk.
func (s *Service) sendAudit(ctx context.Context, docs []ecs.Doc) error {
	refused, err := s.output.Send(ctx, docs)
	if len(refused) > 0 {
		s.log.Error("audit documents refused by the output, they stay in the audit on disk", "documents", len(refused), "type", refused[0].Type)
	}
	return err
}

// Note keeps an act in the audit.
func (s *Service) Note(e audit.Entry) { _, _ = s.govern.audit.Note(e) } // a failure is logged there

// noteTold notes that somebody was told of an alert, or could not be.
func (s *Service) noteTold(t escalate.Told) {
	e := audit.Entry{Action: audit.AlertEscalate, Who: audit.Who{Name: "idwatch"}, Alert: t.Alert, Target: t.Target, Reason: fmt.Sprintf("step %d: %s was told", t.Step, t.Target)}
	if t.Err != nil {
		e.Failed, e.Reason = true, fmt.Sprintf("step %d: %s could not be told, the next one is: %v", t.Step, t.Target, t.Err)
	}
	s.Note(e)
}

// Acknowledged notes what somebody did with an alert: audit.AlertAcknowledge ends its way up the ladder.
func (s *Service) Acknowledged(alert, action string, who audit.Who, text string) {
	if action == audit.AlertAcknowledge && s.govern.ladder != nil {
		s.govern.ladder.End(alert)
	}
	s.Note(audit.Entry{Action: action, Who: who, Alert: alert, Reason: text})
}

// ReloadBy is Reload at somebody's wish, which is noted with what has changed.
func (s *Service) ReloadBy(who audit.Who) ([]audit.Change, error) {
	if err := s.places.Refresh(); err != nil {
		return nil, s.reloadFailed(who, "", fmt.Errorf("geoip: %w", err))
	}
	if s.config.Context != "" {
		house, err := openContext(s.config)
		if err != nil {
			return nil, s.reloadFailed(who, s.config.Context, err) // the old one stays
		}
		s.useHouse(house)
	}
	if err := s.reloadRules(); err != nil {
		return nil, s.reloadFailed(who, s.config.Rules, err)
	}
	return s.noteDeclared(who), nil
}

func (s *Service) reloadFailed(who audit.Who, path string, err error) error {
	s.Note(audit.Entry{Action: audit.ReloadFailed, Who: who, Failed: true, Path: path, Reason: err.Error()})
	return err
}

// useHouse has the detections go by a context, with the windows that were taken.
func (s *Service) useHouse(house *detections.Context) {
	g := &s.govern
	g.mu.Lock()
	defer g.mu.Unlock()
	g.house = house
	s.pipeline.Use(s.withWindows(house))
}

// noteDeclared notes what is different in context file and rules since it was noted last.
func (s *Service) noteDeclared(who audit.Who) []audit.Change {
	g := &s.govern
	g.mu.Lock()
	defer g.mu.Unlock()
	now := audit.Things{"rules": rules.Hashes(s.config.Rules)}
	for kind, things := range contextThings(g.house) {
		now[kind] = things
	}
	changes := audit.Diff(g.declared, now)
	var inContext, inRules []audit.Change
	for _, c := range changes {
		if c.Kind == "rules" {
			inRules = append(inRules, c)
		} else {
			inContext = append(inContext, c)
		}
	}
	if len(inContext) > 0 {
		s.Note(audit.Entry{Action: audit.ContextReload, Who: who, Path: s.config.Context, Hash: fileHash(s.config.Context), Changes: inContext, Reason: audit.Summary(inContext)})
	}
	if len(inRules) > 0 {
		s.Note(audit.Entry{Action: audit.RulesReload, Who: who, Path: s.config.Rules, Changes: inRules, Reason: audit.Summary(inRules)})
	}
	if len(changes) > 0 {
		g.declared = now
		s.saveDeclared(now)
	}
	return changes
}

func (s *Service) saveDeclared(things audit.Things) {
	text, err := json.Marshal(things)
	path := filepath.Join(s.config.DataDir, "audit", thingsName)
	if err == nil {
		err = durable.WriteFile(path, text)
	}
	if err != nil {
		s.log.Error("what was declared is not saved", "err", err)
	}
}

// contextThings are what a context declares, by name.
func contextThings(c *detections.Context) audit.Things {
	things := audit.Things{"identities": {}, "windows": {}, "networks": {}, "settings": {}}
	add := func(kind, name string, thing any) {
		text, err := json.Marshal(thing)
		if err == nil {
			sum := sha256.Sum256(text)
			things[kind][name] = hex.EncodeToString(sum[:8])
		}
	}
	for i := range c.Identities {
		add("identities", c.Identities[i].ID, &c.Identities[i])
	}
	for i := range c.Windows {
		w := &c.Windows[i]
		name := w.Kind + " from " + w.From.UTC().Format(time.RFC3339)
		if w.Ticket != "" {
			name += " (" + w.Ticket + ")"
		}
		add("windows", name, w)
	}
	for i := range c.Networks {
		add("networks", c.Networks[i].Name, &c.Networks[i])
	}
	add("settings", "alert_threshold", c.Threshold)
	add("settings", "learning", c.Learning)
	zone := ""
	if c.Hours.Zone != nil {
		zone = c.Hours.Zone.String()
	}
	add("settings", "hours", []any{zone, c.Hours.Days, c.Hours.From, c.Hours.To})
	return things
}

func fileHash(path string) string {
	text, err := os.ReadFile(path)
	if path == "" || err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// closeGovernment closes what openGovernment opened.
func (s *Service) closeGovernment() {
	if s.govern.audit != nil {
		if err := s.govern.audit.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			s.log.Error("audit not closed", "err", err)
		}
	}
}

// whoAsks is the user of a tool.
func whoAsks(p control.Peer) audit.Who { return audit.User(p.UID) }
