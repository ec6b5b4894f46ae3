package console

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/detections"
)

const (
	nameMost        = 500 // bytes of a name that is asked for
	credentialsMost = 100
	habitsMost      = 12
	personsMost     = 200
)

// identityView is an identity's page.
type identityView struct {
	Asked  string
	P      *detections.Portrait // nil when nobody has the name
	Graph  *graph
	Heat   *heat
	Risk   *risk
	Alerts []alertView // the worst first
	Others []alertView // signals, and what is withdrawn or part of another
	More   int         // credentials for which there was no room
	People []person    // when nobody was asked for
}

// person is an identity with alerts.
type person struct {
	Who     string
	Kind    string
	Owner   string
	Alerts  int
	Signals int
	Most    int
	Level   string
	Last    time.Time
}

func (c *Console) identityPage(r *http.Request) (*page, error) {
	v := &identityView{Asked: strings.TrimSpace(r.URL.Query().Get("name"))}
	p := &page{Name: "identity", Title: "Identities", Body: v}
	if len(v.Asked) > nameMost {
		return nil, failed{http.StatusBadRequest, "A name of that length is nobody's."}
	}
	if v.Asked == "" {
		return p, c.listPeople(r, v)
	}
	p.Title = v.Asked
	names := []string{v.Asked}
	if v.P = c.Portrait(v.Asked); v.P != nil {
		p.Title = v.P.ID
		names = append(v.P.Names, v.P.ID, v.Asked)
		v.Graph = drawGraph(v.P.ID, v.P.Names, v.P.Links)
		v.Heat = drawHeat(v.P.Hours)
		if v.More = max(len(v.P.Credentials)-credentialsMost, 0); v.More > 0 {
			v.P.Credentials = v.P.Credentials[:credentialsMost]
		}
		for i := range v.P.Habits {
			h := &v.P.Habits[i]
			if over := len(h.Values) - habitsMost; over > 0 {
				h.Values, h.More = h.Values[:habitsMost], h.More+over
			}
		}
	}
	if err := c.alertsOf(r, v, names); err != nil {
		return nil, err
	}
	if v.P == nil && len(v.Alerts)+len(v.Others) == 0 {
		p.Code = http.StatusNotFound
	}
	return p, nil
}

// alertsOf adds the alerts and signals of an identity, under any of its names, and its risk.
func (c *Console) alertsOf(r *http.Request, v *identityView, names []string) error {
	if c.Store == nil {
		return nil
	}
	var counted []alertView
	for _, signals := range []bool{false, true} {
		found, err := c.Store.Alerts(r.Context(), store.AlertQuery{Signals: signals, Who: names[:min(len(names), 500)], Limit: 200})
		if err != nil {
			return err
		}
		for _, a := range found {
			shown := viewAlert(a)
			if !a.Withdrawn {
				counted = append(counted, shown)
			}
			if a.Signal || a.Withdrawn || a.Folded != "" {
				v.Others = append(v.Others, shown)
			} else {
				v.Alerts = append(v.Alerts, shown)
			}
		}
	}
	slices.SortFunc(counted, func(a, b alertView) int { return b.At.Compare(a.At) })
	slices.SortStableFunc(v.Alerts, func(a, b alertView) int { return cmp.Or(b.Severity-a.Severity, b.Score-a.Score, b.At.Compare(a.At)) })
	var until time.Time
	if v.P != nil {
		until = v.P.Last
	}
	v.Risk = drawRisk(counted, until)
	return nil
}

// listPeople lists the identities with alerts, the riskiest first.
func (c *Console) listPeople(r *http.Request, v *identityView) error {
	if c.Store == nil {
		return nil
	}
	byName := map[string]*person{}
	for _, signals := range []bool{false, true} {
		found, err := c.Store.Alerts(r.Context(), store.AlertQuery{Signals: signals, Limit: 1000})
		if err != nil {
			return err
		}
		for _, a := range found {
			if a.Withdrawn || a.Folded != "" || a.Who == "" {
				continue
			}
			p := byName[a.Who]
			if p == nil {
				shown := viewAlert(a)
				p = &person{Who: a.Who, Kind: shown.Doc.Own.Identity.Kind, Owner: shown.Doc.Own.Identity.Owner}
				byName[a.Who] = p
			}
			p.count(&a)
		}
	}
	for _, p := range byName {
		v.People = append(v.People, *p)
	}
	slices.SortFunc(v.People, func(a, b person) int {
		return cmp.Or(b.Alerts-a.Alerts, b.Most-a.Most, b.Signals-a.Signals, strings.Compare(a.Who, b.Who))
	})
	v.People = v.People[:min(len(v.People), personsMost)]
	return nil
}

func (p *person) count(a *store.Alert) {
	if a.Signal {
		p.Signals++
	} else {
		p.Alerts++
	}
	if a.Score > p.Most {
		p.Most, p.Level = a.Score, level(a.Severity)
	}
	if a.At.After(p.Last) {
		p.Last = a.At
	}
}
