package detections_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/geoip"
	"github.com/idwatch/idwatch/agent/scenario"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// streams is how many random streams are tried.
const streams = 24

// TestRandomStreams: whatever happens, mixed of scenarios at any time and of noise, the alerts at the end do not depend on the
// order in which records arrive within the lateness limit, nor on batches or repeats.
func TestRandomStreams(t *testing.T) {
	stories := allStories(t)
	for seed := range uint64(streams) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			n := &noise{Rand: rand.New(rand.NewPCG(seed, 1))}
			acts := n.acts(300)
			for part := range 3 {
				acts = append(acts, moved(stories[n.IntN(len(stories))], time.Duration(n.IntN(48))*time.Hour, part)...)
			}
			house := detections.DefaultContext()
			house.Threshold = []int{50, 20}[n.IntN(2)]
			found, wrong := scenario.Orders(house, acts, 3)
			if found == 0 {
				t.Error("nothing was found in a stream full of abuse")
			}
			if len(wrong) > 0 {
				t.Errorf("%s\nsmallest stream found:\n%s", strings.Join(wrong, "\n"), told(shrunk(house, acts)))
			}
		})
	}
}

// allStories are the acts of all scenarios.
func allStories(t *testing.T) [][]*detections.Act {
	t.Helper()
	places, err := geoip.Open("../testdata/geoip/City.mmdb", "../testdata/geoip/ASN.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	defer places.Close()
	dirs, err := scenario.Find(scenarios)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]*detections.Act
	for _, dir := range dirs {
		s, err := scenario.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		acts, err := s.Acts(enrich.New(places))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, acts)
	}
	return all
}

// moved lets acts happen some time later, as documents of their own.
func moved(acts []*detections.Act, by time.Duration, part int) []*detections.Act {
	var later []*detections.Act
	for _, a := range acts {
		b := *a
		b.ID, b.Time = fmt.Sprintf("%s%d", a.ID, part), a.Time.Add(by)
		later = append(later, &b)
	}
	return later
}

// shrunk leaves out acts as long as the order still matters: what is left is what to look at.
func shrunk(house *detections.Context, acts []*detections.Act) []*detections.Act {
	for size := len(acts) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(acts); {
			fewer := slices.Concat(acts[:i], acts[i+size:])
			if _, wrong := scenario.Orders(house, fewer, 4); len(wrong) > 0 {
				acts = fewer
			} else {
				i += size
			}
		}
	}
	return acts
}

// told writes a stream down.
func told(acts []*detections.Act) string {
	acts = slices.Clone(acts)
	slices.SortFunc(acts, func(a, b *detections.Act) int { return a.Time.Compare(b.Time) })
	var b strings.Builder
	for _, a := range acts[:min(len(acts), 40)] {
		fmt.Fprintf(&b, "  %s %s %s %s by %s session %q credential %q made %q gone %q target %q failed %v links %d signs %d\n", a.Time.Format(time.RFC3339), a.ID, a.Dataset,
			a.Activity, a.Actor.ID, a.Session, a.Credential, a.Made, a.Gone, a.TargetID, a.Failed, len(a.Links), len(a.Signs))
	}
	return b.String()
}
