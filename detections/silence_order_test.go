package detections_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/scenario"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// TestSilencesInAnyOrder: sources that fall silent for hours, and what others do meanwhile, give the same alerts with the same gaps
// however records arrive within the lateness limit, over snapshots and restores.
func TestSilencesInAnyOrder(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			acts := silentStream(rand.New(rand.NewPCG(seed, 5)))
			silent, gaps := silencesOf(acts)
			if silent < 2 || gaps < 1 {
				t.Errorf("got %d sources found silent and %d alerts on people with gaps, want two and one", silent, gaps)
			}
			_, wrong := scenario.Orders(detections.DefaultContext(), acts, 4)
			if len(wrong) > 0 {
				t.Error(strings.Join(wrong, "\n"))
			}
		})
	}
}

// silencesOf counts the sources that a replay finds silent, and the alerts on others that bear a gap.
func silencesOf(acts []*detections.Act) (silent, gaps int) {
	engine := detections.NewReplay(detections.DefaultContext(), nil)
	for _, a := range acts {
		engine.Take(a)
	}
	engine.Run()
	for _, a := range engine.Alerts() {
		switch {
		case a.Rule.ID == "any_source_silent":
			silent++
		case len(a.Gaps) > 0:
			gaps++
		}
	}
	return silent, gaps
}

// silentStream is ten days of three sources, every twenty minutes. On the last two days each is silent for some hours, and signs of abuse
// stand in the others.
func silentStream(r *rand.Rand) []*detections.Act {
	begin := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	var abuse []*detections.Sign
	for _, s := range detections.Signs() {
		if s.Points >= 60 && !s.Quiet && s.Weigh == nil {
			abuse = append(abuse, s)
		}
	}
	var acts []*detections.Act
	for d, dataset := range []string{"okta.system", "aws.cloudtrail", "hashicorp_vault.audit"} {
		quiet := begin.Add(8*24*time.Hour + time.Duration(r.Int64N(int64(24*time.Hour))))
		end := quiet.Add(time.Duration(9+r.IntN(8)) * time.Hour)
		for n := range 10 * 24 * 3 {
			at := begin.Add(time.Duration(n)*20*time.Minute + time.Duration(r.IntN(600))*time.Second)
			if at.After(quiet) && at.Before(end) {
				continue
			}
			who := fmt.Sprintf("person%d@acme.example", r.IntN(5))
			a := &detections.Act{
				ID: fmt.Sprintf("SILENT%d%05d", d, n), Index: "logs-" + dataset + "-default", Time: at, Dataset: dataset, Activity: ecs.APICall, Action: "call", Outcome: "success",
				Actor: ecs.Identity{ID: who, Kind: ecs.Human}, Name: who, Operation: "call",
			}
			if n > 8*24*3 && r.IntN(12) == 0 {
				a.Signs = []*detections.Sign{abuse[r.IntN(len(abuse))]}
			}
			acts = append(acts, a)
		}
	}
	return acts
}
