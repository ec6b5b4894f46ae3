package detections

import (
	"fmt"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Throw-away identity: made, given rights, used and deleted within a day, so that nothing is left to be found. The alert hangs on the making.
var throwAway = &Detection{
	Rule: Rule{
		ID: "any_throw_away_identity", Name: "Identity made, raised and deleted within a day", Severity: 73, Points: 60, Chain: true,
		Description: "An account, role or application is created, gets rights, and is deleted again within a day.",
		Covers:      []string{"XS18", "PR7"}, Techniques: []string{"T1136.003", "T1070"}, NHI: []string{"NHI1:2025", "NHI5:2025"},
		Evidence: "creation, grant and deletion of one target", Lookalikes: "Integration tests that make and delete users: always the same maker; infrastructure as code that comes and goes with its roles.", Tuning: "Name the test's identity and a window.",
	},
	On: []ecs.Activity{ecs.IdentityDelete, ecs.IdentityDisable}, Within: 24 * time.Hour, Find: findThrowAway,
}

// teardown is how many changes of resources around an identity say that a whole installation comes and goes.
const teardown = 5

func findThrowAway(c *Case) *Finding {
	a := c.Act
	if a.Target == "" || a.Failed {
		return nil
	}
	same := func(b *Act) bool { return b.Target == a.Target }
	made := c.Back(24*time.Hour, func(b *Act) bool { return same(b) && b.Is(ecs.IdentityCreate) })
	raised := c.Back(24*time.Hour, func(b *Act) bool { return same(b) && (isGain(b) || isKey(b)) })
	if len(made) == 0 || len(raised) == 0 {
		return nil
	}
	f := &Finding{Key: a.Target, Evidence: append(made[:1], raised...)}
	if used := c.Of(a.TargetID, 24*time.Hour, func(b *Act) bool { return !b.Failed }); len(used) > 0 {
		f.Evidence = append(f.Evidence, used...)
		f.Parts = append(f.Parts, Part{"used", 15, "it was used in between"})
	}
	if around := c.Back(a.Time.Sub(made[0].Time), func(b *Act) bool { return b.Is(ecs.ResourceChange, ecs.DataDelete) }); len(around) >= teardown {
		f.Parts = append(f.Parts, Part{"with_surroundings", -15, "made and removed along with networks, machines or stores"})
	}
	f.Reason = fmt.Sprintf("%s made %s, gave it rights and removed it within %s", a.Name, a.Target, agoText(c, made[0].Time))
	return f
}

// Scope widened: a token with rights this identity never had. The alert hangs on the issuing.
var wideningScope = &Detection{
	Rule: Rule{
		ID: "any_wider_scope", Name: "Token with rights the identity never had", Severity: 47, Points: 35,
		Description: "A token is issued with scopes or policies beyond all earlier ones of this identity.",
		Covers:      []string{"XS20"}, Techniques: []string{"T1528", "T1550.001"}, NHI: []string{"NHI5:2025"},
		Evidence: "grantedScopes, policies or session policy", Lookalikes: "A new release that needs a new scope.", Tuning: "Declare deployment windows.",
	},
	On: []ecs.Activity{ecs.TokenIssue, ecs.TokenRefresh, ecs.SignIn, ecs.RoleAssume}, Within: 24 * time.Hour, Find: findWideningScope,
}

func findWideningScope(c *Case) *Finding {
	a := c.Act
	if a.Scopes == "" || a.Failed {
		return nil
	}
	var wider []string
	for scope := range strings.FieldsSeq(a.Scopes) {
		if c.Novelty(scopes, scope) == identity.New {
			wider = append(wider, scope)
		}
	}
	if len(wider) == 0 {
		return nil
	}
	f := &Finding{Reason: fmt.Sprintf("%s got a token with %s, which it never had", a.Name, strings.Join(wider, ", "))}
	for _, scope := range wider {
		if low := strings.ToLower(scope); strings.Contains(low, "admin") || strings.Contains(low, "manage") || strings.Contains(low, "write") || strings.Contains(low, "root") || strings.Contains(low, "readwrite") {
			f.Parts = append(f.Parts, Part{"strong_scope", 20, scope + " lets change things"})
			break
		}
	}
	if c.Machine() {
		f.Parts = append(f.Parts, Part{"machine", 10, "a machine's rights seldom change"})
	}
	return f
}

// Odd lifetime: a session or token asked for much longer than this identity ever does, to stay. The alert hangs on the asking.
var oddLifetime = &Detection{
	Rule: Rule{
		ID: "any_odd_lifetime", Name: "Session or token far longer than usual", Severity: 47, Points: 35,
		Description: "The life asked for or granted is far from what this identity is used to.",
		Covers:      []string{"XS21"}, Techniques: []string{"T1550.001"}, NHI: []string{"NHI7:2025"},
		Evidence: "durationSeconds, credentials.expiration, token_ttl", Lookalikes: "A long job.", Tuning: "Declare a maintenance window.",
	},
	On: []ecs.Activity{ecs.TokenIssue, ecs.RoleAssume, ecs.SignIn, ecs.CredentialCreate}, Within: 24 * time.Hour, Find: findOddLifetime,
}

const (
	lifetimesKnown  = 8
	lifetimeFactor  = 3.0
	lifetimeMinimum = 2 * time.Hour
)

func findOddLifetime(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Lifetime < lifetimeMinimum || c.Who == nil || c.Who.Lifetimes.N < lifetimesKnown {
		return nil
	}
	usual := c.Who.Lifetimes.Max
	if a.Lifetime.Seconds() < lifetimeFactor*usual {
		return nil
	}
	f := &Finding{Reason: fmt.Sprintf("%s asked for %s, its longest until now was %s", a.Name, a.Lifetime, time.Duration(usual)*time.Second)}
	if c.Machine() {
		f.Parts = append(f.Parts, Part{"machine", 15, "a machine asks for the same each time"})
	}
	f.Parts = append(f.Parts, strangeness(c)...)
	return f
}

// Unused right used: rights held for long and never used, then used for the first time. The alert hangs on the use.
var unusedRight = &Detection{
	Rule: Rule{
		ID: unusedRightID, Name: "Right held for long, used for the first time", Severity: 47, Points: 30,
		Description: "An identity holds administrative rights for more than a month without using them, and then does.",
		Covers:      []string{"XS25"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI5:2025"},
		Evidence: "the grant, and the first administrative act", Lookalikes: "A deputy who stands in.", Tuning: "Take rights away that nobody uses.",
	},
	On: usesRights, Within: 24 * time.Hour, Find: findUnusedRight,
}

const (
	unusedRightID = "any_unused_right_used"
	unusedFor     = 30 * 24 * time.Hour
)

// usesRights are the acts that administrative rights are for.
var usesRights = []ecs.Activity{ecs.PrivilegeGrant, ecs.CredentialCreate, ecs.PolicyChange, ecs.TrustChange, ecs.IdentityCreate, ecs.IdentityDelete, ecs.LogTampering, ecs.CredentialChange}

// unused is a right that the identity holds for long and never used, nil when there is none.
func (c *Case) unused() *identity.Right {
	if c.Who == nil || c.Who.Forgotten {
		return nil
	}
	return c.Who.Unused(c.Act.Time.Add(-unusedFor))
}

func findUnusedRight(c *Case) *Finding {
	a := c.Act
	if c.Who == nil || a.Failed || len(c.Who.Rights) == 0 || c.Who.Operations.Forgot() {
		return nil
	}
	r := &c.Who.Rights[0]
	if a.Time.Sub(r.Since) < unusedFor || c.Novelty(operations, a.Operation) != identity.New {
		return nil
	}
	f := &Finding{Reason: fmt.Sprintf("%s has held %s since %s and uses it for the first time: %s", a.Name, r.Name, r.Since.UTC().Format(time.DateOnly), a.Action)}
	f.Parts = strangeness(c)
	return f
}

// Elevation broken: rights were raised for a time and a purpose. Acts after the end or far beside break the contract. The alert hangs on the act.
var elevationBroken = &Detection{
	Rule: Rule{
		ID: "any_elevation_broken", Name: "Act after the end of an elevation", Severity: 73, Points: 55,
		Description: "An identity whose elevation has ended goes on with what it was elevated for.",
		Covers:      []string{"XS23"}, Techniques: []string{"T1078.004", "T1548.005"}, NHI: []string{"NHI5:2025"},
		Evidence: "the elevation with its end, and the act after it", Lookalikes: "A call under way when the elevation ended.", Tuning: "Extend the elevation instead.",
	},
	On: []ecs.Activity{ecs.PrivilegeGrant, ecs.CredentialCreate, ecs.PolicyChange, ecs.TrustChange, ecs.IdentityCreate, ecs.IdentityDelete, ecs.LogTampering, ecs.SecretRead, ecs.DataRead}, Within: 24 * time.Hour, Find: findElevationBroken,
}

const (
	elevationGrace = 5 * time.Minute
	elevationLater = 8 * time.Hour
)

func findElevationBroken(c *Case) *Finding {
	a := c.Act
	if c.Who == nil || a.Failed {
		return nil
	}
	var ended *identity.Right
	for i := range c.Who.Rights {
		r := &c.Who.Rights[i]
		if r.Until.IsZero() || a.Time.Before(r.Until.Add(elevationGrace)) {
			if r.Until.IsZero() || a.Time.After(r.Since) && a.Time.Before(r.Until) {
				return nil // another right covers it
			}
			continue
		}
		if a.Time.Sub(r.Until) < elevationLater {
			ended = r
		}
	}
	if ended == nil {
		return nil
	}
	grant := c.Back(lineSpan, func(b *Act) bool { return b.ID == ended.Doc })
	return &Finding{Evidence: grant, Reason: fmt.Sprintf("%s did %s after its elevation (%s) had ended at %s", a.Name, a.Action, ended.Name, ended.Until.UTC().Format(time.RFC3339))}
}
