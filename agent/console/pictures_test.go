package console

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/detections/identity"
)

var day0 = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)

func evidence(seconds ...int) (list []store.Evidence) {
	for i, s := range seconds {
		list = append(list, store.Evidence{Time: day0.Add(time.Duration(s) * time.Second), Dataset: []string{"okta.system", "aws.cloudtrail"}[i%2]})
	}
	return list
}

// TestChainKeepsOrderAndStaysInside: whatever the times, each act stands right of the one before and within the picture, and can be told from it.
func TestChainKeepsOrderAndStaysInside(t *testing.T) {
	for name, list := range map[string][]store.Evidence{
		"one": evidence(0), "same second": evidence(0, 0, 0, 0), "crowd, then one late": evidence(0, 1, 2, 3, 4, 5, 86400),
		"one, then a crowd": evidence(0, 86400, 86400, 86400, 86400), "as many as are kept": evidence(make([]int, 64)...),
	} {
		t.Run(name, func(t *testing.T) {
			c := drawChain(list, day0)
			if len(c.Acts) != len(list) || !c.Acts[0].Anchor {
				t.Fatalf("got %d acts, anchor first: %v", len(c.Acts), c.Acts[0].Anchor)
			}
			for i, a := range c.Acts {
				if a.X < chainLeft || a.X > chainRight || a.Y < 0 || a.Y > c.Bottom {
					t.Errorf("act %d stands at %d, %d", i, a.X, a.Y)
				}
				if i > 0 && a.X-c.Acts[i-1].X < 10 {
					t.Errorf("acts %d and %d stand at %d and %d", i-1, i, c.Acts[i-1].X, a.X)
				}
			}
			for i := 1; i < len(c.Ticks); i++ {
				if c.Ticks[i].X-c.Ticks[i-1].X < tickGap {
					t.Errorf("times %q and %q stand on each other", c.Ticks[i-1].Text, c.Ticks[i].Text)
				}
			}
		})
	}
	if drawChain(nil, day0) != nil {
		t.Error("no evidence: got a picture")
	}
}

func TestScoreBarsAddUp(t *testing.T) {
	bars := drawScore([]store.Part{{Points: 60}, {Points: 40}, {Points: -20}})
	if bars[0].From != 0 || bars[0].Width != 60 || bars[1].From != 60 || bars[1].Width != 40 {
		t.Errorf("got %+v, want one behind the other", bars[:2])
	}
	if last := bars[2]; last.From != 80 || last.Width != 20 || !last.Negative {
		t.Errorf("got %+v, want it to lead back to 80", last)
	}
	if below := drawScore([]store.Part{{Points: 10}, {Points: -50}}); below[1].From != 0 || below[1].From+below[1].Width > 100 {
		t.Errorf("below nothing: got %+v", below[1])
	}
}

func TestHeatSaysTheUsualHours(t *testing.T) {
	var office, always [168]int
	for day := range 5 {
		for hour := 8; hour < 17; hour++ {
			office[day*24+hour] = 3
		}
	}
	for i := range always {
		always[i] = 1
	}
	if h := drawHeat(office); h.Summary != "Mon Tue Wed Thu Fri, mostly 08:00 to 17:00 UTC" || h.Cells[8].Level != heatLevels || h.Cells[0].Level != 0 {
		t.Errorf("office: got %q, levels %d and %d", h.Summary, h.Cells[8].Level, h.Cells[0].Level)
	}
	if h := drawHeat(always); !strings.HasSuffix(h.Summary, "around the clock") {
		t.Errorf("always: got %q", h.Summary)
	}
	if drawHeat([168]int{}) != nil {
		t.Error("never: got a picture")
	}
}

func TestRiskIsHalfAfterItsHalfLife(t *testing.T) {
	alerts := []alertView{{Alert: store.Alert{At: day0, Score: 80}}}
	r := drawRisk(alerts, day0.Add(2*identity.HalfLife))
	if r.Most != 100 || len(r.Alerts) != 1 || math.Abs(r.Alerts[0].Y-(riskHeight-(riskHeight-12)*0.8)) > 0.1 {
		t.Errorf("got %+v, want one alert at 80 of 100", r.Alerts)
	}
	if !strings.Contains(r.Area, "Z") || drawRisk(nil, day0) != nil {
		t.Error("the area is not closed, or there is one without alerts")
	}
}

func TestBarsCountEachAlertOnce(t *testing.T) {
	var alerts []store.Alert
	for _, hours := range []int{500, 499, 30, 0} { // the latest first
		alerts = append(alerts, store.Alert{At: day0.Add(time.Duration(hours) * time.Hour), Severity: 73})
	}
	b := overTime(alerts)
	parts := 0
	for _, bar := range b.Bars {
		parts += len(bar.Parts)
		if bar.X+bar.Width > b.Width {
			t.Errorf("a bar ends at %d", bar.X+bar.Width)
		}
	}
	if parts != 3 || b.Most != 2 || b.Unit != "day" && b.Unit != "six hours" {
		t.Errorf("got %d bars, up to %d, by %s, want three, one of them of two", parts, b.Most, b.Unit)
	}
}

func TestGraphDrawsEveryLink(t *testing.T) {
	links := []identity.Link{
		{Tie: identity.Tie{From: "id:mara", To: "mara@kestrel.example", Key: "context file", Strength: identity.A}},
		{Tie: identity.Tie{From: "aws:key/A", To: "arn:aws:iam::1:user/mara", Key: "accessKeyId", Strength: identity.B}},
		{Tie: identity.Tie{From: "vault:x", To: "mara@kestrel.example", Key: "display name", Strength: identity.C}},
	}
	g := drawGraph("id:mara", []string{"id:mara", "mara@kestrel.example", "aws:key/A", "arn:aws:iam::1:user/mara"}, links)
	if len(g.Nodes) != 5 || len(g.Edges) != 3 || len(g.Columns) != 4 || !g.Nodes[0].Main {
		t.Errorf("got %d names, %d links, %d columns", len(g.Nodes), len(g.Edges), len(g.Columns))
	}
	if g.Edges[0].Strength != "strong" || g.Edges[1].Strength != "shared" || g.Edges[2].Strength != "hint" {
		t.Errorf("strengths: got %+v", g.Edges)
	}
	many := make([]string, 200)
	for i := range many {
		many[i] = strings.Repeat("n", i+1)
	}
	if g := drawGraph("nnnnn", many, nil); len(g.Nodes) != graphNames || g.Hidden != 140 || !strings.Contains(g.Nodes[0].Name, "n") {
		t.Errorf("many: got %d names, %d hidden", len(g.Nodes), g.Hidden)
	}
	if drawGraph("one", []string{"one"}, nil) != nil {
		t.Error("one name: got a picture")
	}
}

func TestCleanKeepsTextOnly(t *testing.T) {
	for in, want := range map[string]string{
		"plain, ünïcode 漢字\n\t<b>": "plain, ünïcode 漢字\n\t<b>", "a\x1b[31mb": "a\ufffd[31mb", "a\u202eb": "a\ufffdb", "a\x00\u0085\u200b": "a\ufffd\ufffd\ufffd", "\xff": "\ufffd",
	} {
		if got := string(clean([]byte(in))); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
