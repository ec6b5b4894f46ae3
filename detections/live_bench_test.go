package detections

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// busyAct is the i-th act of an everyday kind: a sign-in, then calls.
func busyAct(i int, who string, at time.Time) *Act {
	user := identityNumber(who)
	a := &Act{
		ID: fmt.Sprintf("%012x-%08x", i, user), Index: "logs-okta.system-default", Time: at, Dataset: "okta.system", Activity: ecs.SSO, Action: "user.authentication.sso", Outcome: "success",
		Actor: ecs.Identity{ID: who, Kind: ecs.Human}, Login: who, Name: who, Target: benchApps[i%len(benchApps)], App: benchApps[i%len(benchApps)], Operation: benchApps[i%len(benchApps)],
		Addr: netip.AddrFrom4([4]byte{198, 51, byte(user >> 8), byte(user)}), Place: benchTown, Session: fmt.Sprintf("s%x-%x", user, at.Unix()/28800), Device: fmt.Sprintf("d%x", user),
	}
	a.network = a.Network() // as the reader has it
	if i%8 == 0 {
		a.Activity, a.Action = ecs.SignIn, "user.session.start"
	}
	return a
}

var (
	benchApps = []string{"Mail", "Calendar", "Payroll", "Wiki", "Tickets"}
	benchTown = &ecs.Place{CountryISO: "DE", City: "Bonn", Lat: 50.7, Lon: 7.1, HasLocation: true, AccuracyKM: 20, ASN: 64500, ASOrg: "Example Net"}
)

func identityNumber(who string) uint32 {
	var n uint32
	for i := range len(who) {
		if c := who[i]; c >= '0' && c <= '9' {
			n = n*10 + uint32(c-'0')
		}
	}
	return n
}

// crowdBounds are what an agent has without a word about it.
var crowdBounds = Bounds{Identities: 100_000, Bytes: 256 << 20}

// BenchmarkIdentities is what an act costs among few and among many identities, each with 40 acts within a day, and what is remembered of
// them at the end, after a collection.
func BenchmarkIdentities(b *testing.B) {
	for _, identities := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(identities), func(b *testing.B) { benchCrowd(b, identities, 40) })
	}
}

// BenchmarkBusyIdentity is what an act costs of one identity that does nothing but act.
func BenchmarkBusyIdentity(b *testing.B) {
	for _, acts := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(acts), func(b *testing.B) { benchCrowd(b, 1, acts) })
	}
}

func benchCrowd(b *testing.B, identities, acts int) {
	names := make([]string, identities)
	for i := range names {
		names[i] = fmt.Sprintf("user%d@acme.example", i)
	}
	for b.Loop() {
		l := NewLive(LiveSettings{Context: DefaultContext(), Lateness: 15 * time.Minute, Bounds: crowdBounds, Publish: func(*Document) {}})
		before, n, spent := heapBytes(), 0, time.Duration(0)
		at := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
		between := 24 * time.Hour / time.Duration(identities*acts)
		batch := make([]*Act, 0, 500)
		for i := range acts {
			for _, who := range names {
				at = at.Add(between)
				n++
				if batch = append(batch, busyAct(i, who, at)); len(batch) == cap(batch) {
					began := time.Now()
					l.Observe(batch, at)
					spent += time.Since(began)
					batch = make([]*Act, 0, 500)
				}
			}
		}
		remembered, estimate := l.Identities()
		b.ReportMetric(float64(spent.Nanoseconds())/float64(n), "ns/act")
		b.ReportMetric(float64(heapBytes()-before)/(1<<20), "MiB")
		b.ReportMetric(float64(estimate)/(1<<20), "estimated-MiB")
		b.ReportMetric(float64(remembered), "identities")
		b.ReportMetric(float64(l.Open()), "open-acts")
		runtime.KeepAlive(l)
	}
}

func heapBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
