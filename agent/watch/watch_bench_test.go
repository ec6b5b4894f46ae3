package watch

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// BenchmarkTakeEvent is what each record pays.
func BenchmarkTakeEvent(b *testing.B) {
	ev := ecs.Event{Dataset: cloudtrail, Time: time.Now(), Vendor: []byte(`"aws":{"cloudtrail":{` + strings.Repeat(`"x":"yyyyyyyy",`, 100) + `"event_category":"Management"}},`)}
	ev.Source.Addr, ev.Identity.ID, ev.Link.Credential = netip.MustParseAddr("192.0.2.1"), "arn", "AKIA"
	s := New(nil, true)
	b.ReportAllocs()
	for b.Loop() {
		s.TakeEvent(&ev)
	}
}
