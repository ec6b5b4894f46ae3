package detections_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// dice makes correlations and records at random.
type dice struct{ *rand.Rand }

func (d dice) oneOf(texts ...string) string { return texts[d.IntN(len(texts))] }

var (
	baseIDs = []string{"r0", "r1", "r2", "r3"}
	fields  = []string{"a", "b", "n"}
)

// correlations makes up to five; later ones may be over earlier ones.
func (d dice) correlations() []*detections.Detection {
	var all []*detections.Detection
	for i := range 1 + d.IntN(5) {
		all = append(all, d.correlation(fmt.Sprintf("c%d", i), all))
	}
	return all
}

func (d dice) correlation(id string, inner []*detections.Detection) *detections.Detection {
	k := &detections.Correlation{Span: time.Duration(2+d.IntN(30)) * time.Second, Quiet: d.IntN(6) == 0}
	k.Kind = []detections.CorrelationKind{
		detections.EventCount, detections.ValueCount, detections.ValueSum, detections.ValueAvg, detections.Temporal, detections.TemporalOrdered,
	}[d.IntN(6)]
	for range d.IntN(3) {
		if name := d.oneOf("a", "b", detections.LinkedIdentity); !slices.Contains(k.Group, name) {
			k.Group = append(k.Group, name)
		}
	}
	k.Of = d.rules(inner)
	for i := range k.Of {
		for _, g := range k.Group {
			if g != detections.LinkedIdentity && d.IntN(5) == 0 {
				g = d.oneOf("a", "b") // an alias
			}
			k.Of[i].Group = append(k.Of[i].Group, g)
		}
	}
	d.condition(k)
	return &detections.Detection{Rule: detections.Rule{ID: id, Name: id, Points: 60, Severity: 47}, Within: k.Span, Correlation: k}
}

func (d dice) rules(inner []*detections.Detection) []detections.CountedRule {
	ids := slices.Clone(baseIDs)
	for _, i := range inner {
		if !i.Correlation.Ends() {
			ids = append(ids, i.ID)
		}
	}
	d.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	var all []detections.CountedRule
	for _, id := range ids[:1+d.IntN(3)] {
		all = append(all, detections.CountedRule{Rule: id})
	}
	return all
}

func (d dice) condition(k *detections.Correlation) {
	temporal := k.Kind == detections.Temporal || k.Kind == detections.TemporalOrdered
	if temporal && d.IntN(3) > 0 {
		return
	}
	k.Limits = []detections.Limit{{Is: detections.MoreOrEqual, Number: float64(1 + d.IntN(4))}}
	switch d.IntN(5) {
	case 0:
		k.Limits[0].Is = detections.Comparison(d.oneOf("lt", "lte", "eq", "neq", "gt"))
	case 1:
		k.Limits = append(k.Limits, detections.Limit{Is: detections.LessOrEqual, Number: float64(2 + d.IntN(4))})
	}
	switch k.Kind {
	case detections.ValueCount:
		k.Value = [][]string{{"a"}, {"b"}, {"a", "b"}, {"n"}}[d.IntN(4)]
	case detections.ValueSum, detections.ValueAvg:
		k.Value = []string{"n"}
	}
	for i := range k.Of {
		k.Of[i].Value = k.Value
	}
}

// acts makes records: some at the same time, some with several rules and values, some that link two names.
func (d dice) acts(n int) []*detections.Act {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var all []*detections.Act
	for i := range n {
		if d.IntN(3) > 0 {
			at = at.Add(time.Duration(d.IntN(6)) * time.Second)
		}
		if d.IntN(40) == 0 {
			at = at.Add(time.Minute)
		}
		a := &detections.Act{
			ID: fmt.Sprintf("%04d", i), Time: at, Dataset: d.oneOf("okta.system", "aws.cloudtrail"), Action: "x",
			Actor: ecs.Identity{ID: d.oneOf("u1", "u2", "u3", "u4", "u5"), Kind: ecs.Human},
		}
		if d.IntN(15) == 0 {
			other := d.oneOf("u1", "u2", "u3", "u4", "u5")
			a.Links = []identity.Tie{{From: a.Actor.ID, To: other, Key: "test", Strength: identity.A}}
		}
		for _, id := range baseIDs {
			if d.IntN(3) == 0 {
				a.Hits = append(a.Hits, detections.Hit{Rule: id, Fields: d.fields()})
			}
		}
		all = append(all, a)
	}
	return all
}

func (d dice) fields() []detections.HitField {
	var all []detections.HitField
	for _, name := range fields {
		f := detections.HitField{Name: name}
		for range []int{0, 1, 1, 1, 1, 2}[d.IntN(6)] {
			v := d.oneOf("x", "y", "z")
			if name == "n" {
				v = d.oneOf("1", "2", "-1", "0.1", "0.7", "1e3", "none")
			}
			if !slices.Contains(f.Values, v) {
				f.Values = append(f.Values, v)
			}
		}
		all = append(all, f)
	}
	return all
}

// refer is what the reference finds.
func refer(all []*detections.Detection, acts []*detections.Act) []string {
	r := &reference{all: all, joined: map[string]string{}, states: map[string]*groupState{}, alerts: map[string]*refAlert{}}
	for _, a := range acts {
		r.take(a)
	}
	r.judge(time.Unix(1<<40, 0))
	return r.text()
}

// engineFinds is what the engine finds when acts arrive late, twice, in batches, and it is cut now and then.
func engineFinds(t testing.TB, d dice, all []*detections.Detection, acts []*detections.Act) []string {
	t.Helper()
	alerts := map[string]string{}
	settings := detections.LiveSettings{
		Context: detections.DefaultContext(), Added: &detections.Added{Detections: all}, Lateness: 15 * time.Minute, Namespace: "default",
		Publish: func(doc *detections.Document) {
			if doc.Withdrawn {
				delete(alerts, doc.Alert.ID)
				return
			}
			alerts[doc.Alert.ID] = line(doc.Alert)
		},
	}
	engine := detections.NewLive(settings)
	for _, batch := range d.arrivals(acts) {
		engine.Observe(batch, batch[len(batch)-1].Time.Add(10*time.Minute))
		if d.IntN(20) == 0 {
			var state bytes.Buffer
			if err := engine.Snapshot(&state); err != nil {
				t.Fatal(err)
			}
			again, err := detections.Restore(&state, settings)
			if err != nil {
				t.Fatal(err)
			}
			engine = again
		}
	}
	engine.Finish()
	return listed(alerts)
}

// arrivals shuffles acts by less than the lateness, doubles some and puts them into batches.
func (d dice) arrivals(acts []*detections.Act) (batches [][]*detections.Act) {
	type arrival struct {
		a  *detections.Act
		at time.Time
	}
	var all []arrival
	reach := []int{1, 10, 120, 800}[d.IntN(4)]
	for _, a := range acts {
		for range 1 + d.IntN(5)/4 {
			all = append(all, arrival{a, a.Time.Add(time.Duration(d.IntN(reach)) * time.Second)})
		}
	}
	slices.SortStableFunc(all, func(x, y arrival) int { return x.at.Compare(y.at) })
	for len(all) > 0 {
		n := min(1+d.IntN(6), len(all))
		var batch []*detections.Act
		for _, x := range all[:n] {
			batch = append(batch, x.a)
		}
		batches, all = append(batches, batch), all[n:]
	}
	return batches
}

// line is an alert in the words of the reference.
func line(a *detections.Alert) string {
	if !strings.HasPrefix(a.Rule.ID, "c") || len(a.Rule.ID) != 2 {
		return ""
	}
	var ids []string
	for i := range a.Evidence {
		ids = append(ids, a.Evidence[i].ID)
	}
	slices.Sort(ids)
	return fmt.Sprintf("%s from %s: %s", a.Rule.ID, a.Anchor.ID, strings.Join(ids, " "))
}

func listed(alerts map[string]string) []string {
	var all []string
	for _, l := range alerts {
		if l != "" {
			all = append(all, l)
		}
	}
	slices.Sort(all)
	return all
}

func replayFinds(all []*detections.Detection, acts []*detections.Act) []string {
	replay := detections.NewReplay(detections.DefaultContext(), &detections.Added{Detections: all})
	for _, a := range acts {
		replay.Take(a)
	}
	replay.Run()
	alerts := map[string]string{}
	for _, a := range replay.Alerts() {
		alerts[a.ID] = line(a)
	}
	return listed(alerts)
}

// checkCorrelations holds a replay and a running engine against the reference.
func checkCorrelations(t testing.TB, seed uint64, n int) {
	t.Helper()
	d := dice{rand.New(rand.NewPCG(seed, 11))}
	all, acts := d.correlations(), d.acts(n)
	want := refer(all, acts)
	for name, got := range map[string][]string{"a replay": replayFinds(all, acts), "a running engine": engineFinds(t, d, all, acts)} {
		if slices.Equal(got, want) {
			continue
		}
		var b strings.Builder
		for _, c := range all {
			fmt.Fprintf(&b, "%s %+v\n", c.ID, *c.Correlation)
		}
		for _, l := range want {
			if !slices.Contains(got, l) {
				b.WriteString("missing " + l + "\n")
			}
		}
		for _, l := range got {
			if !slices.Contains(want, l) {
				b.WriteString("added   " + l + "\n")
			}
		}
		t.Fatalf("seed %d with %d records: %s finds something else than the reference\n%s", seed, n, name, b.String())
	}
}

// TestCorrelationsAgainstReference tries random correlations over random streams.
func TestCorrelationsAgainstReference(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(strconv.Itoa(int(seed)), func(t *testing.T) {
			t.Parallel()
			checkCorrelations(t, seed, 20+int(seed)%60)
		})
	}
}

func FuzzCorrelations(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, uint8(30))
	}
	f.Fuzz(func(t *testing.T, seed uint64, n uint8) { checkCorrelations(t, seed, int(n)%100) })
}
