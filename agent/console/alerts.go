package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/idwatch/idwatch/agent/store"
)

const (
	alertsPerPage = 50
	skipMost      = 1 << 20
)

// alertView is an alert with its document.
type alertView struct {
	store.Alert
	Doc     store.Document
	Sources []string // datasets of its evidence, in the order of their first
}

func viewAlert(a store.Alert) alertView {
	v := alertView{Alert: a}
	if err := json.Unmarshal(a.Body, &v.Doc); err != nil {
		v.Doc.Event.Reason = "its document cannot be read" // the columns still tell what and when
	}
	for _, e := range v.Doc.Own.Evidence {
		if !slices.Contains(v.Sources, e.Dataset) {
			v.Sources = append(v.Sources, e.Dataset)
		}
	}
	return v
}

// Standing says in a word or two where the alert stands.
func (v *alertView) Standing() string {
	switch {
	case v.Withdrawn:
		return "withdrawn"
	case v.Folded != "":
		return "part of another"
	case v.Acknowledged:
		return "acknowledged"
	}
	return "open"
}

// Who is how a person would call the identity.
func (v *alertView) Who() string {
	if v.Doc.Own.Identity.ID != "" {
		return v.Doc.Own.Identity.ID
	}
	return v.Alert.Who
}

// alertsView is the list of alerts.
type alertsView struct {
	Alerts   []alertView
	Standing string
	Signals  bool
	Rule     string
	MinScore int
	Rules    []string // that the list has, to choose from
	Counts   []levelCount
	Open     int
	Days     *bars
	Sort     string // worst or latest first
	More     string // the address of the next page, "" when there is none
	Without  bool   // nothing is kept on this machine
}

// levelCount is how many open alerts there are of a severity.
type levelCount struct {
	Level string
	Count int
}

var standings = []string{"open", "acknowledged", "past", "all"}

func (c *Console) alertsPage(r *http.Request) (*page, error) {
	v := &alertsView{Standing: "open"}
	p := &page{Name: "alerts", Title: "Alerts", Body: v, Refresh: 15}
	if c.Store == nil {
		v.Without = true
		return p, nil
	}
	q := v.read(r.URL.Query())
	found, err := c.Store.Alerts(r.Context(), q)
	if err != nil {
		return nil, err
	}
	if len(found) > alertsPerPage {
		found = found[:alertsPerPage]
		more := r.URL.Query()
		more.Set("skip", strconv.Itoa(q.Skip+alertsPerPage))
		v.More = "/?" + more.Encode()
	}
	for _, a := range found {
		v.Alerts = append(v.Alerts, viewAlert(a))
	}
	return p, c.summarize(r, v)
}

// read reads the filters of an address.
func (v *alertsView) read(values url.Values) (q store.AlertQuery) {
	if s := values.Get("standing"); slices.Contains(standings, s) {
		v.Standing = s
	}
	v.Signals = values.Get("kind") == "signals"
	v.Rule = values.Get("rule")
	v.MinScore, _ = strconv.Atoi(values.Get("score")) // what is no number asks for all
	q = store.AlertQuery{Signals: v.Signals, Standing: store.Standing(v.Standing), Rule: v.Rule, MinScore: v.MinScore, Limit: alertsPerPage + 1}
	if v.Standing == "all" {
		q.Standing = ""
	}
	if v.Sort = values.Get("sort"); v.Sort != "latest" {
		v.Sort = "worst"
	}
	q.Worst = v.Sort == "worst"
	q.Skip, _ = strconv.Atoi(values.Get("skip"))
	q.Skip = min(max(q.Skip, 0), skipMost)
	return q
}

// summarize adds what stands above the list: open alerts by severity, and alerts over time.
func (c *Console) summarize(r *http.Request, v *alertsView) error {
	all, err := c.Store.Alerts(r.Context(), store.AlertQuery{Limit: 1000})
	if err != nil {
		return err
	}
	counts := map[string]int{}
	var counted []store.Alert
	for _, a := range all {
		if !slices.Contains(v.Rules, a.Rule) {
			v.Rules = append(v.Rules, a.Rule)
		}
		if a.Withdrawn || a.Folded != "" {
			continue
		}
		counted = append(counted, a)
		if !a.Acknowledged {
			counts[level(a.Severity)]++
			v.Open++
		}
	}
	slices.Sort(v.Rules)
	for _, name := range []string{"critical", "high", "medium", "low"} {
		v.Counts = append(v.Counts, levelCount{name, counts[name]})
	}
	v.Days = overTime(counted)
	return nil
}

// oneAlertView is an alert's own page.
type oneAlertView struct {
	alertView
	Chain  *chain
	Bars   []scoreBar
	Notes  []store.Note
	Author string
	Parts  []alertView // alerts that are part of this one
	Raw    string
	Whole  *alertView // the alert that this one is part of
}

func (c *Console) alertPage(r *http.Request) (*page, error) {
	if c.Store == nil {
		return nil, failed{http.StatusNotFound, "Alerts are not kept on this machine."}
	}
	a, err := c.Store.Alert(r.Context(), r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrAmbiguous) {
		return nil, failed{http.StatusNotFound, "There is no alert of that id on this machine."}
	}
	if err != nil {
		return nil, err
	}
	v := &oneAlertView{alertView: viewAlert(a), Author: authorOf(r), Raw: indented(a.Body)}
	v.Chain = drawChain(v.Doc.Own.Evidence, a.At)
	v.Bars = drawScore(v.Doc.Own.Score.Parts)
	if v.Notes, err = c.Store.Notes(r.Context(), a.ID); err != nil {
		return nil, err
	}
	return &page{Name: "alert", Title: v.Doc.Event.Reason, Body: v}, c.family(r, v)
}

// family finds the alert that this one is part of, and those that are part of it.
func (c *Console) family(r *http.Request, v *oneAlertView) error {
	if v.Folded != "" {
		whole, err := c.Store.Alert(r.Context(), v.Folded)
		if err == nil {
			shown := viewAlert(whole)
			v.Whole = &shown
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	parts, err := c.Store.Alerts(r.Context(), store.AlertQuery{Standing: store.StandsPast, Folded: v.ID})
	for _, a := range parts {
		v.Parts = append(v.Parts, viewAlert(a))
	}
	return err
}
