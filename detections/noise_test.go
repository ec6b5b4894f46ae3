package detections_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// noise makes acts that nobody wrote down: people and machines of a small house that do anything, often within seconds of
// each other, now and then in a frenzy.
type noise struct {
	*rand.Rand
	made int
}

// activities are all kinds of acts.
var activities = []ecs.Activity{
	ecs.SignIn, ecs.SignOut, ecs.SSO, ecs.MFAPrompt, ecs.MFAApproved, ecs.MFARefused, ecs.MFAEnroll, ecs.MFARemove, ecs.MFABypass, ecs.PolicyDecision,
	ecs.PolicyChange, ecs.SessionChange, ecs.SessionRevoke, ecs.TokenIssue, ecs.TokenRefresh, ecs.TokenReuse, ecs.TokenRevoke, ecs.RoleAssume,
	ecs.Impersonation, ecs.PrivilegeGrant, ecs.PrivilegeRevoke, ecs.ElevationRequest, ecs.Elevation, ecs.ElevationEnd, ecs.CredentialCreate,
	ecs.CredentialRead, ecs.CredentialRotate, ecs.CredentialEnable, ecs.CredentialEnd, ecs.CredentialChange, ecs.SecretRead, ecs.SecretWrite,
	ecs.SecretList, ecs.SecretDelete, ecs.DataRead, ecs.DataWrite, ecs.DataDelete, ecs.DataShare, ecs.IdentityCreate, ecs.IdentityChange,
	ecs.IdentityDisable, ecs.IdentityEnable, ecs.IdentityDelete, ecs.AppConsent, ecs.AppChange, ecs.TrustChange, ecs.LogTampering, ecs.Discovery,
	ecs.ResourceChange, ecs.CodeRun, ecs.Deployment, ecs.Failover, ecs.RiskReport, ecs.APICall,
}

var noisyDatasets = []string{"okta.system", "azure.signinlogs", "azure.auditlogs", "aws.cloudtrail", "hashicorp_vault.audit"}

// cities are far enough apart to leap between.
var cities = []*ecs.Place{
	{CountryISO: "DE", City: "Berlin", Lat: 52.5, Lon: 13.4, HasLocation: true, AccuracyKM: 20, ASN: 64496},
	{CountryISO: "US", City: "Boston", Lat: 42.4, Lon: -71.1, HasLocation: true, AccuracyKM: 20, ASN: 64497},
	{CountryISO: "SG", City: "Singapore", Lat: 1.3, Lon: 103.9, HasLocation: true, AccuracyKM: 20, ASN: 64511},
	{CountryISO: "LV", City: "Riga", Lat: 56.9, Lon: 24.1, HasLocation: true, AccuracyKM: 50, ASN: 65536},
	nil,
}

// acts makes a history and some frenzies within twelve days of September 2026.
func (n *noise) acts(count int) []*detections.Act {
	begin := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	var all []*detections.Act
	for len(all) < count {
		at := begin.Add(time.Duration(n.Int64N(int64(12 * 24 * time.Hour)))).Truncate(time.Second)
		who, burst := n.IntN(12), 1
		if n.IntN(30) == 0 {
			burst = 40
		}
		for range burst {
			all = append(all, n.act(at, who))
			at = at.Add(time.Duration(n.IntN(40)) * time.Second)
		}
	}
	return all
}

// act makes one act. Half of them are of few kinds, so that habits arise.
func (n *noise) act(at time.Time, who int) *detections.Act {
	n.made++
	dataset, activity := n.IntN(len(noisyDatasets)), activities[n.IntN(len(activities))]
	if n.IntN(2) == 0 {
		dataset, activity = who%len(noisyDatasets), activities[who]
	}
	place := n.IntN(len(cities))
	if n.IntN(3) > 0 {
		place = who % len(cities)
	}
	a := &detections.Act{
		ID: fmt.Sprintf("NOISE%06d", n.made), Index: "logs-" + noisyDatasets[dataset] + "-default", Time: at, Dataset: noisyDatasets[dataset],
		Activity: activity, Action: "did " + string(activity), Outcome: "success", Place: cities[place],
		Addr: netip.AddrFrom4([4]byte{203, 0, 113, byte(place*8 + n.IntN(3))}), Operation: string(activity) + n.pick("", "", ":a", ":b"),
		Resource: n.pick("", "x", "y", "z"), Region: n.pick("", "eu", "us"), Account: "1", Device: n.pick("", "d1", "d2"),
		Lifetime: time.Duration(n.IntN(3)*n.IntN(40)) * time.Hour, Scopes: n.pick("", "read", "read write"), App: n.pick("", "app1", "app2"),
	}
	n.party(a, who)
	if n.IntN(8) == 0 {
		a.Failed, a.Outcome, a.Denied = true, "failure", n.IntN(2) == 0
	}
	return a
}

// party says who acts, with what, on whom.
func (n *noise) party(a *detections.Act, who int) {
	name, kind := fmt.Sprintf("person%d@acme.example", who), ecs.Human
	if who >= 8 {
		name, kind = fmt.Sprintf("arn:aws:iam::1:role/job%d", who), []string{ecs.Workload, ecs.Machine, ecs.AIAgent, ecs.Root}[who-8]
	}
	a.Actor = ecs.Identity{ID: name, Kind: kind, Privileged: who == 3, ThirdParty: who == 9}
	a.Name = name
	if kind == ecs.Human {
		a.Login = name
	}
	a.Session = n.pick("", fmt.Sprintf("s%d-%d", who, a.Time.Day()), "s-shared")
	a.Credential = n.pick("", "", fmt.Sprintf("key%d", n.IntN(6)))
	switch a.Activity {
	case ecs.CredentialCreate, ecs.TokenIssue, ecs.RoleAssume, ecs.CredentialRotate:
		a.Made = fmt.Sprintf("key%d", n.IntN(6))
	case ecs.CredentialEnd, ecs.TokenRevoke:
		a.Gone = fmt.Sprintf("key%d", n.IntN(6))
	}
	if n.IntN(3) == 0 {
		a.TargetID = fmt.Sprintf("person%d@acme.example", n.IntN(8))
		a.Target = a.TargetID
	}
	if n.IntN(6) == 0 {
		a.Links = append(a.Links, identity.Tie{
			From: name, To: fmt.Sprintf("%s:%d", n.pick("okta", "entra:user", "vault:entity"), n.IntN(4)*100+who), Key: "test", Strength: n.strength(),
		})
	}
	for _, s := range detections.Signs() {
		if n.IntN(400) == 0 && strings.HasPrefix(s.Dataset, a.Dataset) {
			a.Signs = append(a.Signs, s)
		}
	}
}

func (n *noise) strength() identity.Strength {
	return []identity.Strength{identity.A, identity.B, identity.C}[n.IntN(3)]
}

func (n *noise) pick(of ...string) string { return of[n.IntN(len(of))] }
