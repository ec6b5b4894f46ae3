package detections

import (
	"fmt"
	"net/netip"
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
