package console

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/detections"
)

// sourcesView is what is heard from where.
type sourcesView struct {
	S       *status.Status
	Sources []sourceView
	Now     time.Time
	Gaps    []alertView // alerts in whose time a source was silent
}

// sourceView is a source as the process hears it, and as the detections know it.
type sourceView struct {
	status.Source
	Seen detections.SourceSeen
}

// Heard says how long ago a source was heard, by the edge's clock.
func (v *sourcesView) Heard(at time.Time) string {
	if at.IsZero() {
		return "not since the start"
	}
	return durationText(v.Now.Sub(at)) + " ago"
}

// joinSources puts together what process and detections know, sorted by dataset.
func joinSources(heard []status.Source, seen []detections.SourceSeen) []sourceView {
	all := map[string]*sourceView{}
	for _, s := range heard {
		all[s.Dataset] = &sourceView{Source: s}
	}
	for _, s := range seen {
		if all[s.Dataset] == nil { // known from before the start
			all[s.Dataset] = &sourceView{Source: status.Source{Dataset: s.Dataset, NewestEvent: s.Newest}}
		}
		all[s.Dataset].Seen = s
	}
	list := make([]sourceView, 0, len(all))
	for _, dataset := range slices.Sorted(maps.Keys(all)) {
		list = append(list, *all[dataset])
	}
	return list
}

func (c *Console) sourcesPage(r *http.Request) (*page, error) {
	v := &sourcesView{S: c.Status(), Now: time.Now()}
	v.Sources = joinSources(v.S.Sources, c.Sources())
	if c.Store != nil {
		found, err := c.Store.Alerts(r.Context(), store.AlertQuery{Limit: 500})
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			if shown := viewAlert(a); len(shown.Doc.Own.Gaps) > 0 && len(v.Gaps) < 20 {
				v.Gaps = append(v.Gaps, shown)
			}
		}
	}
	return &page{Name: "sources", Title: "Sources and gaps", Body: v, Refresh: 15}, nil
}

// deliveryView is what became of the records.
type deliveryView struct {
	S       *status.Status
	Balance []share
	Window  *store.Window // nil when no records are kept
	Kept    *store.Stats  // nil without a local store
	Alerts  int
	Signals int
	Now     time.Time
}

// share is a part of the balance.
type share struct {
	Name, Meaning string
	Count         int64
	X, Width      int // in thousandths
}

// balance draws what became of the records, in the order of the sum.
func balance(r status.Records) []share {
	list := []share{
		{Name: "delivered", Meaning: "answered by the output", Count: r.Delivered},
		{Name: "duplicate", Meaning: "came twice", Count: r.Duplicate},
		{Name: "dead", Meaning: "in the dead letters", Count: r.Dead},
		{Name: "spooled", Meaning: "not answered yet", Count: r.Spooled},
		{Name: "lost", Meaning: "damaged on disk", Count: r.Lost},
	}
	at := int64(0)
	for i := range list {
		if r.In > 0 {
			list[i].X, list[i].Width = int(at*1000/r.In), int(list[i].Count*1000/r.In)
			if list[i].Count > 0 {
				list[i].Width = max(list[i].Width, 4)
			}
		}
		at += list[i].Count
	}
	return list
}

func (c *Console) deliveryPage(r *http.Request) (*page, error) {
	v := &deliveryView{S: c.Status(), Now: time.Now()}
	v.Balance = balance(v.S.Records)
	p := &page{Name: "delivery", Title: "Spool and delivery", Body: v, Refresh: 10}
	if c.Store == nil {
		return p, nil
	}
	window, err := c.Store.Window()
	if err != nil {
		return nil, err
	}
	v.Window, v.Kept = &window, c.Store.Stats()
	if v.Alerts, err = c.Store.Count(r.Context(), store.AlertQuery{}); err != nil {
		return nil, err
	}
	v.Signals, err = c.Store.Count(r.Context(), store.AlertQuery{Signals: true})
	return p, err
}
