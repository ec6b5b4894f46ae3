package detections_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// outcomeOf runs acts through an engine, each arriving at its time unless arrival says otherwise, and returns the last
// revisions of what stands.
func outcomeOf(acts []*detections.Act, arrival map[string]time.Time, more ...*detections.Detection) map[string]string {
	last := map[string]string{}
	engine := detections.NewLive(detections.LiveSettings{
		Context: detections.DefaultContext(), Added: &detections.Added{Detections: more}, Lateness: 15 * time.Minute, Namespace: "default", Publish: func(d *detections.Document) {
			delete(last, d.Alert.ID)
			if !d.Withdrawn && d.Alert.Folded == "" {
				plain := *d
				plain.Revision = 0
				last[d.Alert.ID] = string(plain.AppendJSON(nil))
			}
		},
	})
	at := func(a *detections.Act) time.Time {
		if other, ok := arrival[a.ID]; ok {
			return other
		}
		return a.Time
	}
	acts = slices.Clone(acts)
	slices.SortStableFunc(acts, func(a, b *detections.Act) int { return at(a).Compare(at(b)) })
	for _, a := range acts {
		engine.Observe([]*detections.Act{a}, at(a))
	}
	engine.Finish()
	return last
}

// TestClocksYearsOff: records of 1970 and of the far future, of an identity of their own, change nothing for the others, and no
// record of these comes too late because of them.
func TestClocksYearsOff(t *testing.T) {
	n := &noise{Rand: rand.New(rand.NewPCG(5, 5))}
	acts := n.acts(600)
	want := outcomeOf(acts, nil)
	arrival := map[string]time.Time{}
	mad := slices.Clone(acts)
	for i, at := range []time.Time{
		time.Unix(0, 0), time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		a := *acts[i*100]
		a.ID, a.Time, a.Actor, a.Name, a.Login = "MAD"+at.Format("2006"), at.UTC(), ecs.Identity{ID: "mad@acme.example", Kind: ecs.Human}, "mad", ""
		a.Session, a.Credential, a.Made, a.Gone, a.Links, a.Signs, a.TargetID, a.Target = "", "", "", "", nil, nil, "", ""
		a.Activity, a.Addr = ecs.APICall, acts[0].Addr
		arrival[a.ID] = acts[i*100].Time
		mad = append(mad, &a)
	}
	got := outcomeOf(mad, arrival)
	for id, doc := range want {
		if got[id] != doc {
			t.Errorf("with mad clocks\ngot  %s\nwant %s", got[id], doc)
		}
	}
}

// TestDetectionThatPanics: it is switched off and named; all others find what they would have found.
func TestDetectionThatPanics(t *testing.T) {
	mad := &detections.Detection{
		Rule: detections.Rule{ID: "any_mad", Name: "Mad", Severity: 21, Points: 10},
		Find: func(*detections.Case) *detections.Finding { panic("no") },
	}
	n := &noise{Rand: rand.New(rand.NewPCG(6, 6))}
	acts := n.acts(300)
	want := outcomeOf(acts, nil)
	if got := outcomeOf(acts, nil, mad); len(want) == 0 || !maps.Equal(got, want) {
		t.Errorf("got %d alerts and signals, want %d and the same", len(got), len(want))
	}
	replay := detections.NewReplay(detections.DefaultContext(), &detections.Added{Detections: []*detections.Detection{mad}})
	for _, a := range acts {
		replay.Take(a)
	}
	replay.Run()
	if got := replay.Broken(); !slices.Equal(got, []string{"any_mad"}) {
		t.Errorf("switched off: got %q, want any_mad", got)
	}
}

// TestNamesWithControlCharacters: a name may hold anything. Alerts about it are JSON on one line, and nobody else is meant.
func TestNamesWithControlCharacters(t *testing.T) {
	const name = `evil\u001b[2J\u0000\n\u202e@acme.example`
	record := `{"uuid":"u1","published":"2026-09-15T09:00:00.000Z","eventType":"user.account.privilege.grant","outcome":{"result":"SUCCESS"},
		"actor":{"id":"00uevil","type":"User","alternateId":"` + name + `","displayName":"` + name + `"},"client":{"ipAddress":"192.0.2.200"},
		"target":[{"id":"00ubob","type":"User","alternateId":"bob@acme.example","displayName":"` + name + `"}],
		"debugContext":{"debugData":{"privilegeGranted":"Super administrator ` + name + `"}}}`
	p, err := parsers.New(parsers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &reading{reader: detections.NewReader(detections.Signs())}
	p.Parse([]byte(record), r)
	engine := detections.NewReplay(detections.DefaultContext(), nil)
	for _, a := range r.acts {
		engine.Take(a)
	}
	engine.Run()
	docs := engine.Documents("default")
	if len(docs) == 0 {
		t.Fatal("got no alert about an administrator that was made")
	}
	for _, d := range docs {
		body := d.AppendJSON(nil)
		if !json.Valid(body) || bytes.ContainsFunc(body, func(r rune) bool { return r < ' ' }) {
			t.Errorf("got %q, want JSON on one line", body)
		}
		if want := "evil\x1b[2j\x00\n\u202e@acme.example"; d.Alert.Who != want {
			t.Errorf("got an alert about %q, want %q", d.Alert.Who, want)
		}
	}
}

// FuzzRead holds that any record gives acts that stay what they are when the record's memory is used again, and makes no
// sign panic.
func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"../testdata/*/*.log", scenarios + "/*/events.ndjson"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
			f.Add(lines[0])
			f.Add(lines[len(lines)-1])
		}
	}
	p, err := parsers.New(parsers.Options{})
	if err != nil {
		f.Fatal(err)
	}
	one, other := detections.NewReader(detections.Signs()), detections.NewReader(detections.Signs())
	f.Fuzz(func(t *testing.T, text []byte) {
		first := &reading{reader: one}
		kept := bytes.Clone(text)
		p.Parse(kept, first)
		before := bytes.Clone([]byte(shape(first.acts)))
		for i := range kept {
			kept[i] = '#'
		}
		if after := shape(first.acts); after != string(before) {
			t.Errorf("an act changed with the record's memory:\n%s\n%s", before, after)
		}
		second := &reading{reader: other}
		p.Parse(bytes.Clone(text), second)
		if got, want := shape(second.acts), string(before); got != want {
			t.Errorf("the same record read twice:\n%s\n%s", want, got)
		}
	})
}

// reading keeps the acts of events.
type reading struct {
	reader *detections.Reader
	acts   []*detections.Act
}

func (r *reading) TakeEvent(ev *ecs.Event) {
	if a, ok := r.reader.Read(ev); ok {
		r.acts = append(r.acts, a)
	}
}

func (r *reading) TakeDead(*parsers.Dead) {}

// shape writes out every text of acts.
func shape(acts []*detections.Act) string {
	var b bytes.Buffer
	for _, a := range acts {
		v := reflect.ValueOf(*a)
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "Signs" && f.Name != "Place" {
				fmt.Fprintf(&b, "%s=%v ", f.Name, v.Field(i).Interface())
			}
		}
		for _, s := range a.Signs {
			b.WriteString(s.ID + " ")
		}
	}
	return b.String()
}
