package console

import (
	"net/http"
	"time"

	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/detections"
)

// sourcesView is what is heard from where.
type sourcesView struct {
	Sources []detections.SourceSeen
	Now     time.Time
	Gaps    []alertView // alerts in whose time a source was silent
}

// Heard says how long ago a source was heard, by the edge's clock.
func (v *sourcesView) Heard(s detections.SourceSeen) string {
	if s.Heard.IsZero() {
		return "not since the start"
	}
	return durationText(v.Now.Sub(s.Heard)) + " ago"
}

func (c *Console) sourcesPage(r *http.Request) (*page, error) {
	v := &sourcesView{Sources: c.Sources(), Now: time.Now()}
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
