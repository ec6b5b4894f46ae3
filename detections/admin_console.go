package detections

import (
	"fmt"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Console from something new: the administrators' console is opened with a device, from a place that this administrator never
// had, or after a weak factor. The alert hangs on the opening.
var oktaConsoleNew = &Detection{
	Rule: Rule{
		ID: "okta_admin_console_new", Name: "Okta admin console opened with something new", Severity: 73, Points: 25,
		Description: "An administrator opens the console with a device, from a network or country that is new to them, or after a factor that can be phished.",
		Covers:      []string{"PR2"}, Techniques: []string{"T1078.004"},
		Evidence: "user.session.access_admin_app, device, place, factor of the session", Lookalikes: "An administrator's new laptop.", Tuning: "Ask for a phishing-resistant factor.",
	},
	On: []ecs.Activity{ecs.Elevation}, Within: 12 * time.Hour, Find: findConsoleNew,
}

func findConsoleNew(c *Case) *Finding {
	a := c.Act
	if a.Action != "user.session.access_admin_app" || a.Failed {
		return nil
	}
	parts := newcomer(c)
	if weak := c.weakFactor(); weak != "" {
		parts = append(parts, Part{"weak_factor", 10, "the session's factor was " + weak})
	}
	if a.Has("okta_admin_by_proxy") {
		parts = append(parts, Part{"proxy", 10, "through a proxy"})
	}
	if sumOf(parts) < 15 {
		return nil
	}
	return &Finding{Parts: parts, Reason: a.Name + " opened the Okta admin console: " + reasonsOf(parts)}
}

// weakFactor is the factor of the session, if it is one that can be phished and the identity uses better ones.
func (c *Case) weakFactor() string {
	proved := lastOf(c.InSession(lineSpan, func(b *Act) bool { return b.Is(ecs.MFAApproved) }))
	if proved == nil {
		return ""
	}
	for _, weak := range []string{"SMS", "CALL", "EMAIL", "QUESTION"} {
		if strings.Contains(proved.Method, weak) {
			return proved.Method
		}
	}
	return ""
}

// Spike: rights are given to, or taken from, many in a short time. The alert hangs on the first of them.
var anyGrantSpike = &Detection{
	Rule: Rule{
		ID: "any_grant_spike", Name: "Many memberships and rights changed at once", Severity: 47, Points: 55,
		Description: "One identity changes the groups, applications or rights of many within minutes, and is not one that does so every day.",
		Covers:      []string{"PR4"}, Techniques: []string{"T1098.007"},
		Evidence: "group.user_membership.*, application.user_membership.*, privilege.*", Lookalikes: "A sync, a reorganisation.", Tuning: "Declare windows; identities that always do this are learned.",
	},
	On: []ecs.Activity{ecs.PrivilegeGrant, ecs.PrivilegeRevoke}, Within: time.Hour, Find: findGrantSpike,
}

const (
	spikeWindow = 10 * time.Minute
	spikeCount  = 20
)

func findGrantSpike(c *Case) *Finding {
	changes := func(a *Act) bool {
		return (a.Dataset == okta || a.Dataset == entraAudit) && a.Is(ecs.PrivilegeGrant, ecs.PrivilegeRevoke)
	}
	if !changes(c.Act) || c.Act.Actor.ID == "okta:system" { // rules of groups, which somebody else has set
		return nil
	}
	before := c.Back(spikeWindow, changes)
	if len(before)+1 < spikeCount {
		return nil
	}
	f := &Finding{Evidence: before, Parts: newcomer(c), Reason: fmt.Sprintf("%s changed rights or memberships %d times within %s", c.Act.Name, len(before)+1, spikeWindow)}
	if c.own(operations, c.Act.Operation) {
		f.Parts = append(f.Parts, Part{"usual_work", -30, "the identity does this anyway"})
	}
	return f
}

// New account, new role: an account is made and at once given an administrator's role. The alert hangs on the making.
var anyNewRaised = &Detection{
	Rule: Rule{
		ID: "any_new_account_raised", Name: "Account created and given a role at once", Severity: 73, Points: 65, Chain: true,
		Description: "An account that was made a moment ago gets an administrator's role.",
		Covers:      []string{"PR7"}, Techniques: []string{"T1136.003", "T1098.003"}, NHI: []string{"NHI1:2025"},
		Evidence: "creation and grant of one target", Lookalikes: "A new administrator's first day, prepared by hand.", Tuning: "Declare a window.",
	},
	On: []ecs.Activity{ecs.PrivilegeGrant}, Within: 24 * time.Hour, Find: findNewRaised,
}

const newAccountWindow = 90 * time.Minute

func findNewRaised(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.TargetID == "" || !givesRole(a) {
		return nil
	}
	made := lastOf(c.Done(a.TargetID, newAccountWindow, func(b *Act) bool { return b.Is(ecs.IdentityCreate) }))
	if made == nil {
		return nil
	}
	f := &Finding{Key: a.TargetID, Evidence: []*Act{made}, Parts: strangeness(c)}
	f.Reason = fmt.Sprintf("%s was made by %s and given a role %s later: %s", a.Target, made.Name, agoText(c, made.Time), ecs.FirstOf(a.Resource, a.Scopes, a.Action))
	return f
}

// givesRole reports whether a grant is one of an administrator's role.
func givesRole(a *Act) bool {
	return a.Has(oktaSuperAdmin) || a.Has(oktaAdminRole) || a.Has(entraTopRole) || a.Has(entraRole) || a.Has("entra_role_past_pim")
}

// Short life: an account is made and deleted again within hours. The alert hangs on the making.
var anyShortLife = &Detection{
	Rule: Rule{
		ID: "any_short_lived_account", Name: "Account created and deleted in a short time", Severity: 47, Points: 50,
		Description: "An account is deleted within hours after it was made: it was there for one thing.",
		Covers:      []string{"PR7"}, Techniques: []string{"T1136.003", "T1070"}, NHI: []string{"NHI1:2025"},
		Evidence: "creation and deletion of one target", Lookalikes: "A typing mistake; a test of provisioning: always the same maker.", Tuning: "Name the test's identity.",
	},
	On: []ecs.Activity{ecs.IdentityDelete}, Within: 24 * time.Hour, Find: findShortLife,
}

const shortLife = 6 * time.Hour

func findShortLife(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Dataset != okta && a.Dataset != entraAudit {
		return nil
	}
	done := c.Done(a.TargetID, shortLife, func(b *Act) bool { return b.Is(ecs.IdentityCreate, ecs.PrivilegeGrant, ecs.CredentialCreate) })
	if len(done) == 0 || done[0].Activity != ecs.IdentityCreate {
		return nil
	}
	f := &Finding{Key: a.TargetID, Evidence: done, Reason: a.Target + " was made and deleted within " + agoText(c, done[0].Time)}
	if used := c.Of(a.TargetID, shortLife, func(b *Act) bool { return !b.Failed }); len(used) > 0 {
		f.Evidence = append(f.Evidence, used...)
		f.Parts = append(f.Parts, Part{"used", 15, "and used in between"})
	}
	if c.Machine() || c.own(operations, a.Operation) {
		f.Parts = append(f.Parts, Part{"usual_work", -20, "whoever did it does such things anyway"})
	}
	return f
}

// Too many elevations: somebody takes up role after role. The alert hangs on the first one.
var entraManyElevations = &Detection{
	Rule: Rule{
		ID: "entra_many_elevations", Name: "Entra roles taken up too often", Severity: 47, Points: 50,
		Description: "One person takes up roles in PIM several times within the hour.",
		Covers:      []string{"PR9"}, Techniques: []string{"T1078.004", "T1098.003"}, NHI: []string{"NHI5:2025"},
		Evidence: "Add member to role completed (PIM activation)", Lookalikes: "An administrator who needs three roles for one task: every week.",
	},
	On: []ecs.Activity{ecs.Elevation}, Within: 3 * time.Hour, Find: findManyElevations,
}

const (
	elevationsWindow = time.Hour
	elevationsCount  = 4
)

func findManyElevations(c *Case) *Finding {
	takes := func(a *Act) bool { return a.Dataset == entraAudit && a.Is(ecs.Elevation) }
	if !takes(c.Act) {
		return nil
	}
	before := c.Back(elevationsWindow, takes)
	if len(before)+1 < elevationsCount {
		return nil
	}
	f := &Finding{Evidence: before, Parts: strangeness(c), Reason: fmt.Sprintf("%s took up roles %d times within %s", c.Act.Name, len(before)+1, elevationsWindow)}
	if c.Novelty(resources, c.Act.Resource) == identity.New {
		f.Parts = append(f.Parts, Part{"new_role", 10, "one of them for the first time"})
	}
	return f
}

// Defences lowered: one change of a policy is work, several in a row are an opening. The alert hangs on the first change.
var anyDefencesLowered = &Detection{
	Rule: Rule{
		ID: "any_defences_lowered", Name: "Several policies or protections taken away at once", Severity: 73, Points: 60, Chain: true,
		Description: "One identity takes several policies, rules, zones or protections away within the hour.",
		Covers:      []string{"DE1", "DE5"}, Techniques: []string{"T1556.009", "T1562.007"},
		Evidence: "the changes", Lookalikes: "Policies being rebuilt.", Tuning: "Declare maintenance windows.",
	},
	On: []ecs.Activity{ecs.PolicyChange, ecs.LogTampering, ecs.APICall}, Within: 3 * time.Hour, Find: findDefencesLowered,
}

const (
	loweredWindow = time.Hour
	loweredCount  = 3
)

func findDefencesLowered(c *Case) *Finding {
	if !weakens(c.Act) {
		return nil
	}
	before := c.Back(loweredWindow, weakens)
	all := append(before, c.Act)
	if distinct(all, func(a *Act) string { return a.Action + a.Target }) < loweredCount {
		return nil
	}
	return &Finding{Evidence: before, Parts: strangeness(c), Reason: fmt.Sprintf("%s took %d defences away within %s", c.Act.Name, len(all), loweredWindow)}
}

// weakens reports whether an act takes some defence away.
func weakens(a *Act) bool {
	return a.Dataset == okta && weakensOkta(a) || a.Has(entraAccessRemoved) || a.Has("entra_security_defaults") || a.Has("entra_pim_alert_off")
}
