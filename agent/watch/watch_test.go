package watch

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// hear has a source send a record at each step of a while.
func hear(s *Sources, dataset string, step, during time.Duration) {
	for range int(during / step) {
		time.Sleep(step)
		s.TakeEvent(&ecs.Event{Dataset: dataset, Time: time.Now()})
	}
}

func of(t *testing.T, s *Sources, dataset string) status.Source {
	t.Helper()
	for _, one := range s.Sources() {
		if one.Dataset == dataset {
			return one
		}
	}
	t.Fatalf("%s was never heard", dataset)
	return status.Source{}
}

func TestSilenceAgainstTheUsualRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(nil, false)
		hear(s, "busy", 10*time.Second, 6*time.Hour)
		hear(s, "slow", time.Hour, 10*24*time.Hour) // busy is silent meanwhile
		if busy := of(t, s, "busy"); !busy.Silent || busy.SilentAfter != minSilence.Seconds() {
			t.Errorf("busy: got silent %v after %v s, want silent after 15 minutes", busy.Silent, busy.SilentAfter)
		}
		slow := of(t, s, "slow")
		if slow.Silent || slow.UsualRate*3600 < 0.9 || slow.UsualRate*3600 > 1.1 {
			t.Errorf("slow: got silent %v, %v records an hour, want one and not silent", slow.Silent, slow.UsualRate*3600)
		}
		time.Sleep(29 * time.Hour)
		if slow := of(t, s, "slow"); slow.Silent {
			t.Errorf("slow: silent after %v s, though it takes %v s to say so", slow.Silence, slow.SilentAfter)
		}
		time.Sleep(24 * time.Hour)
		if slow := of(t, s, "slow"); !slow.Silent {
			t.Errorf("slow: not silent after %v s, want after %v s", slow.Silence, slow.SilentAfter)
		}
	})
}

// Nobody is called silent before his habits are known, nor by a process that has just started, and habits outlive a restart.
func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(nil, false)
		hear(s, "new", time.Second, time.Minute)
		hear(s, "known", 10*time.Second, 2*time.Hour)
		if one := of(t, s, "new"); one.Silent || one.SilentAfter != 0 {
			t.Errorf("new: got silent %v, want its habits not known", one.Silent)
		}
		text, err := json.Marshal(s.Sources())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour) // nothing runs
		var before []status.Source
		if err := json.Unmarshal(text, &before); err != nil {
			t.Fatal(err)
		}
		s = New(before, false)
		time.Sleep(time.Minute)
		if one := of(t, s, "known"); one.Silent || one.Records != 720 || one.UsualRate < 0.09 {
			t.Errorf("just started: got silent %v, %d records, %v a second", one.Silent, one.Records, one.UsualRate)
		}
		time.Sleep(minSilence)
		if one := of(t, s, "known"); !one.Silent {
			t.Errorf("after a while: got silent after %v s of %v s", one.Silence, one.SilentAfter)
		}
		hear(s, "known", 10*time.Second, time.Minute)
		if one := of(t, s, "known"); one.Silent || one.LongestGap > 60 {
			t.Errorf("heard again: got silent %v, longest gap %v s, want the downtime not to count", one.Silent, one.LongestGap)
		}
	})
}

func TestTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(nil, false)
		now := time.Now()
		for range 100 {
			s.TakeEvent(&ecs.Event{Dataset: "d", Time: now.Add(-time.Hour)})
		}
		s.TakeEvent(&ecs.Event{Dataset: "d", Time: now.Add(1000 * time.Hour)})
		one := of(t, s, "d")
		if !one.NewestEvent.Equal(now.Add(-time.Hour)) || one.Lag != 3600 {
			t.Errorf("got newest %v and lag %v s, want an hour ago and 3600", one.NewestEvent, one.Lag)
		}
	})
}

func TestWhatRecordsLack(t *testing.T) {
	s := New(nil, true)
	bare := ecs.Event{Dataset: cloudtrail, Time: time.Now(), Vendor: []byte(`"aws":{"cloudtrail":{"event_category":"Data"}},`)}
	whole := bare
	whole.Source.Addr, whole.Source.Locate = netip.MustParseAddr("192.0.2.1"), true
	whole.Source.Place = &ecs.Place{HasLocation: true}
	whole.Identity.ID, whole.Link.Credential = "arn", "AKIA"
	whole.Vendor = []byte(`"aws":{"cloudtrail":{"event_category":"Management"}},`)
	for range 2500 {
		s.TakeEvent(&bare)
	}
	got := map[string]int64{}
	for _, l := range of(t, s, cloudtrail).Lacks {
		got[l.Field] = l.Records
	}
	want := map[string]int64{"source.ip": 2500, "idwatch.identity.id": 2500, "aws.cloudtrail.event_category: Management": 2500, "aws.cloudtrail.user_identity.access_key_id": 2500}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.TakeEvent(&whole)
	if lacks := of(t, s, cloudtrail).Lacks; len(lacks) != 0 {
		t.Errorf("after a whole record: got %v, want none", lacks)
	}
}

// Whole documents name their dataset themselves: memory stays bounded.
func TestManyDatasets(t *testing.T) {
	s := New(nil, false)
	for i := range 10 * maxDatasets {
		s.TakeEvent(&ecs.Event{Dataset: fmt.Sprint("d", i), Time: time.Now()})
	}
	if n := len(s.Sources()); n != maxDatasets+1 {
		t.Errorf("got %d sources, want %d", n, maxDatasets+1)
	}
	if one := of(t, s, others); one.Records != 9*maxDatasets {
		t.Errorf("others: got %d records, want %d", one.Records, 9*maxDatasets)
	}
}
