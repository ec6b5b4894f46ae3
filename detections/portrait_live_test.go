package detections

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
)

// TestLivePortraitIsThatOfAReplay: names, links, kind and counts are the same, and what habits can still name was seen as often.
func TestLivePortraitIsThatOfAReplay(t *testing.T) {
	acts := demoActs(t)
	replay := NewReplay(DefaultContext(), nil)
	replay.acts = slices.Clone(acts)
	replay.Run()
	live := NewLive(LiveSettings{Context: DefaultContext(), Lateness: 15 * time.Minute, Namespace: "default", Publish: func(*Document) {}})
	for batch := range slices.Chunk(acts, 100) {
		live.Observe(slices.Clone(batch), batch[len(batch)-1].Time)
	}
	for _, name := range []string{"mara.lindqvist@kestrel.example", "oskar.wendt@kestrel.example", "arn:aws:iam::123456789012:user/svc-metrics"} {
		want, got := replay.Portrait(name), live.Portrait(name)
		if want == nil || got == nil {
			t.Fatalf("%s: got %v, want %v", name, got, want)
		}
		if got.ID != want.ID || got.Kind != want.Kind || !slices.Equal(got.Names, want.Names) || !got.Last.Equal(want.Last) {
			t.Errorf("%s: got %q %q %q %v, want %q %q %q %v", name, got.ID, got.Kind, got.Names, got.Last, want.ID, want.Kind, want.Names, want.Last)
		}
		if !slices.EqualFunc(got.Links, want.Links, func(a, b identity.Link) bool { return a.From == b.From && a.To == b.To && a.Count == b.Count }) {
			t.Errorf("%s: links: got %+v, want %+v", name, got.Links, want.Links)
		}
		if len(got.Habits) != len(want.Habits) || len(got.Habits[1].Values) != len(want.Habits[1].Values) || got.Habits[1].More != 0 {
			t.Errorf("%s: countries: got %+v, want %+v", name, got.Habits[1], want.Habits[1])
		}
		hours := 0
		for i := range got.Hours {
			if (got.Hours[i] > 0) != (want.Hours[i] > 0) {
				hours++
			}
		}
		if hours > 0 {
			t.Errorf("%s: %d hours of the week are not those of the replay", name, hours)
		}
		if len(got.Credentials) == 0 && len(want.Credentials) > 0 {
			t.Errorf("%s: got no credentials, want %d", name, len(want.Credentials))
		}
	}
	if got := live.Portrait("nobody@kestrel.example"); got != nil {
		t.Errorf("a name nobody has: got %+v", got)
	}
	sources := live.Sources()
	if len(sources) < 5 || sources[0].Newest.IsZero() || !slices.IsSortedFunc(sources, func(a, b SourceSeen) int { return strings.Compare(a.Dataset, b.Dataset) }) {
		t.Errorf("sources: got %+v", sources)
	}
}
