package pipeline

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/spool"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	alerts  = "logs-idwatch.alert-test"
	signals = "logs-idwatch.signal-test"
)

// watching makes a pipeline detect, with a rule of the test's own beside those that are there: a secret was read.
func watching(points int) *Detection {
	rule := &detections.Detection{
		Rule: detections.Rule{ID: "secret_read", Name: "Secret read", Severity: 47, Points: points},
		On:   []ecs.Activity{ecs.SecretRead},
		Find: func(*detections.Case) *detections.Finding { return &detections.Finding{Reason: "a secret was read"} },
	}
	return &Detection{Context: detections.DefaultContext(), Lateness: 15 * time.Minute, Added: &detections.Added{Detections: []*detections.Detection{rule}}}
}

// found are ids and actions of what went to a stream.
func (f *fakeOutput) found(stream string) map[string]string {
	found := map[string]string{}
	for _, d := range f.sent(stream) {
		if gjson.GetBytes(d.Body, "rule.id").Str == "secret_read" {
			found[d.ID] = gjson.GetBytes(d.Body, "event.reason").Str
		}
	}
	return found
}

func TestAlertsGoToTheirStreams(t *testing.T) {
	for points, want := range map[int]string{100: alerts, 1: signals} {
		t.Run(want, func(t *testing.T) {
			var first map[string]string
			for _, workers := range []int{1, 3} {
				out := &fakeOutput{}
				p, feed := start(t, Settings{Output: out, Detect: watching(points), Parsers: workers})
				for n := range 20 {
					put(t, feed, entries(n, n+1), nil)
				}
				finish(t, p)
				got := out.found(want)
				if len(got) == 0 || len(out.found(alerts))+len(out.found(signals)) != len(got) {
					t.Fatalf("got alerts %v, signals %v, want all in %s", out.found(alerts), out.found(signals), want)
				}
				if first == nil {
					first = got
				}
				if !maps.Equal(got, first) {
					t.Errorf("%d parsers: got %v, with one %v", workers, got, first)
				}
				checkBalance(t, p, Balance{In: 20, Delivered: 20}) // alerts are no records
				if s := p.Stats(); s.Alerts.Load()+s.Signals.Load() < int64(len(got)) || (s.Alerts.Load() > 0) != (want == alerts) {
					t.Errorf("counted %d alerts, %d signals", s.Alerts.Load(), s.Signals.Load())
				}
			}
		})
	}
}

// Batches reach the engine in the order in which they came, whichever parser is done first.
func TestEngineSeesBatchesInOrder(t *testing.T) {
	p, _ := start(t, Settings{Output: &fakeOutput{}, Detect: watching(1)})
	defer finish(t, p)
	at := func(n uint64) *batch {
		return &batch{order: n, at: spool.Position{Number: n}, next: spool.Position{Number: n + 1}}
	}
	for _, order := range []uint64{2, 1} {
		p.observe(at(order), nil, 1)
		if got := p.detector.at.Number; got != 0 || p.Balance().In != 0 {
			t.Errorf("batch %d was not kept back: the engine is at %d", order, got)
		}
	}
	if p.observe(at(0), nil, 1); p.detector.at.Number != 3 || p.Balance().In != 3 {
		t.Errorf("got the engine at %d, %d records, want 3 and 3", p.detector.at.Number, p.Balance().In)
	}
	p.ledger.sender = spool.Position{} // these batches are in no spool
}

// An alert that is on its way when the pipeline is closed is delivered, as records are.
func TestCloseDeliversAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(gateway)
		out := &fakeOutput{answer: alertsThrough(gate)}
		p, feed := start(t, Settings{Output: out, Detect: watching(100)})
		put(t, feed, entries(0, 1), nil)
		synctest.Wait() // the alert waits at the gate, the record is through
		time.AfterFunc(time.Second, func() { close(gate) })
		finish(t, p)
		if len(out.found(alerts)) != 1 {
			t.Errorf("got alerts %v, want 1", out.found(alerts))
		}
	})
}

// alertsThrough lets records through, and alerts when the gate opens.
func alertsThrough(gate gateway) func(context.Context, []ecs.Doc) ([]ecs.Refused, error) {
	return func(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
		if slices.ContainsFunc(docs, func(d ecs.Doc) bool { return d.Stream == alerts }) {
			return gate.answer(ctx, docs)
		}
		return nil, nil
	}
}

// When no alert can be delivered Close does not wait beyond its ctx; the alert goes out after the next start, once.
func TestAlertsWaitForTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		p, feed := start(t, Settings{Dir: dir, Output: &fakeOutput{answer: alertsThrough(nil)}, Detect: watching(100)})
		put(t, feed, entries(0, 1), nil)
		synctest.Wait()
		giveUp(t, p, 10*time.Second)
		if p.Balance().Waiting != 1 {
			t.Errorf("got %d alerts waiting, want 1", p.Balance().Waiting)
		}
		for run, want := range []int{1, 0} {
			out := &fakeOutput{}
			p, _ := start(t, Settings{Dir: dir, Output: out, Detect: watching(100)})
			finish(t, p)
			if got := len(out.found(alerts)); got != want {
				t.Errorf("start %d: got %d alerts, want %d", run+1, got, want)
			}
		}
	})
}

// Alerts that are stuck hold events up once, and for a while only.
func TestStuckAlertsDoNotStopEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &fakeOutput{answer: func(_ context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
			if docs[0].Stream == alerts {
				return nil, errNoRoom
			}
			return nil, nil
		}}
		p, feed := start(t, Settings{Output: out, Detect: watching(100)})
		began := time.Now()
		for n := range 20 {
			put(t, feed, entries(n, n+1), nil)
			synctest.Wait()
		}
		for p.Balance().Delivered < 20 && time.Since(began) < time.Hour {
			<-time.After(time.Second)
		}
		if took := time.Since(began); took > 2*firstFor {
			t.Errorf("20 batches took %v behind a stuck alert, want at most %v", took, 2*firstFor)
		}
		giveUp(t, p, time.Second)
	})
}

// Alerts that have no room on the disk stay within a bound in memory: the engine stands still until they go out, and then finds the rest.
func TestOutboxIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, most = 600, 50
		gate := make(gateway)
		out := &fakeOutput{answer: alertsThrough(gate)}
		p, feed := start(t, Settings{Output: out, Detect: watching(100), SpoolBytes: 1 << 20})
		p.detector.mu.Lock()
		p.detector.most = most
		p.detector.mu.Unlock()
		for i := range n {
			put(t, feed, entries(i, i+1), nil)
			synctest.Wait()
		}
		<-time.After(time.Minute)
		held := len(p.detector.letters)
		if b := p.Balance(); !b.Standing || held < most || held > most+10 || b.Engine >= b.Next {
			t.Errorf("got %+v with %d letters in memory, want the engine to stand still at %d", b, held, most)
		}
		close(gate)
		for b := p.Balance(); b.Engine < b.Next || b.Waiting > 0; b = p.Balance() {
			if err := p.Save(); err != nil { // it covers what the outbox held
				t.Fatal(err)
			}
			<-time.After(time.Minute)
		}
		finish(t, p)
		if b := p.Balance(); b.Standing || b.Delivered < n || len(out.found(alerts)) != n {
			t.Errorf("after the outage: got %+v, %d alerts, want one for each of %d records", b, len(out.found(alerts)), n)
		}
	})
}

// What the output could not take is sent later, with the same ids.
func TestAlertsAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int32
		out := &fakeOutput{answer: func(_ context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
			if docs[0].Stream == alerts {
				if tries.Add(1) == 1 {
					return nil, errNoRoom
				}
			}
			return nil, nil
		}}
		p, feed := start(t, Settings{Output: out, Detect: watching(100)})
		put(t, feed, entries(0, 1), nil)
		<-time.After(2 * tickEvery)
		synctest.Wait()
		if tries.Load() != 2 || len(out.found(alerts)) != 1 {
			t.Errorf("got %d tries, alerts %v, want 2 and 1", tries.Load(), out.found(alerts))
		}
		finish(t, p)
	})
}

// What the context file says of an identity stands on its events; detections go by the record.
func TestEventsNameTheirOwner(t *testing.T) {
	house := detections.DefaultContext()
	house.Identities = []detections.Known{{ID: "app", Kind: ecs.AIAgent, Names: []string{"vault:approle/*"}, Owner: "team@acme.example", Function: "delivery", Privileged: true}}
	house.Index()
	var kind string
	look := &detections.Detection{
		Rule: detections.Rule{ID: "look", Name: "Look", Severity: 21, Points: 1},
		Find: func(c *detections.Case) *detections.Finding { kind = c.Act.Actor.Kind; return nil },
	}
	out := &fakeOutput{}
	p, feed := start(t, Settings{Output: out, Detect: &Detection{Context: house, Lateness: time.Minute, Added: &detections.Added{Detections: []*detections.Detection{look}}}})
	put(t, feed, entries(0, 1), nil)
	finish(t, p)
	docs := out.sent("logs-hashicorp_vault.audit-test")
	if len(docs) != 1 {
		t.Fatalf("got %d events, want 1", len(docs))
	}
	own := gjson.GetBytes(docs[0].Body, "idwatch.identity")
	if own.Get("owner").Str != "team@acme.example" || own.Get("function").Str != "delivery" || !own.Get("privileged").Bool() || own.Get("kind").Str != ecs.AIAgent {
		t.Errorf("got %s, want what the context file says", own.Raw)
	}
	if kind != ecs.Workload {
		t.Error("the act bears another kind than the record's")
	}
}

// A detection that panics is named to whoever asks; the others go on.
func TestBrokenDetectionIsTold(t *testing.T) {
	with := watching(100)
	with.Added.Detections = append(with.Added.Detections, &detections.Detection{
		Rule: detections.Rule{ID: "mad", Name: "Mad", Severity: 21, Points: 1},
		Find: func(*detections.Case) *detections.Finding { panic("no") },
	})
	out := &fakeOutput{}
	p, feed := start(t, Settings{Output: out, Detect: with})
	put(t, feed, entries(0, 3), nil)
	finish(t, p)
	if got := p.Memory().Broken; !slices.Equal(got, []string{"mad"}) {
		t.Errorf("switched off: got %q, want mad", got)
	}
	if len(out.found(alerts)) == 0 {
		t.Error("got no alert of the other detections")
	}
}
