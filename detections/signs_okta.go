package detections

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// oktaSigns are what single System Log events show.
var oktaSigns = slices.Concat(oktaSignInSigns, oktaFactorSigns, oktaAdminSigns, oktaSecretSigns, oktaDefenceSigns)

// strange lets a sign weigh more the less the act looks like its actor.
func strange(c *Case) *Finding { return &Finding{Parts: strangeness(c)} }

// oktaData is a member of an event's debug data.
func oktaData(ev *ecs.Event, name string) string {
	return ev.Record.Root().Path("debugContext", "debugData").Get(name).Scalar()
}

func isOktaProxy(ev *ecs.Event) bool {
	proxy, _ := ev.Record.Root().Path("securityContext", "isProxy").Bool()
	return proxy
}

// oktaTells reports whether a target of the event, or what was changed of it, holds one of some words.
func oktaTells(ev *ecs.Event, words ...string) bool {
	list := ev.Record.Root().Get("target")
	for t := list.First(); t.Kind() != record.Absent; t = t.NextIn(list) {
		for _, text := range []string{t.Get("displayName").Str(), t.Get("alternateId").Str(), t.Get("type").Str()} {
			if holdsAny(text, words) {
				return true
			}
		}
	}
	return false
}

// oktaBecame reports whether the state after a change holds one of some words.
func oktaBecame(ev *ecs.Event, words ...string) bool {
	list := ev.Record.Root().Get("target")
	for t := list.First(); t.Kind() != record.Absent; t = t.NextIn(list) {
		if holdsAny(string(t.Path("changeDetails", "to").Raw()), words) {
			return true
		}
	}
	return false
}

// oktaWas is oktaBecame for the state before.
func oktaWas(ev *ecs.Event, words ...string) bool {
	list := ev.Record.Root().Get("target")
	for t := list.First(); t.Kind() != record.Absent; t = t.NextIn(list) {
		if holdsAny(string(t.Path("changeDetails", "from").Raw()), words) {
			return true
		}
	}
	return false
}

// holdsAny reports whether a text holds one of some words, whatever their letter case.
func holdsAny(text string, words []string) bool {
	for _, w := range words {
		if containsFold(text, w) {
			return true
		}
	}
	return false
}

// containsFold is strings.Contains for ASCII without letter case; part is not empty.
func containsFold(text, part string) bool {
	for i := 0; i+len(part) <= len(text); i++ {
		if text[i]|0x20 == part[0]|0x20 && strings.EqualFold(text[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// oktaRisk reports whether Okta puts the act at high risk.
func oktaRisk(ev *ecs.Event) bool {
	return strings.Contains(oktaData(ev, "risk"), "level=HIGH") || strings.Contains(oktaData(ev, "logOnlySecurityData"), `"level":"HIGH"`) ||
		oktaData(ev, "riskLevel") == "HIGH"
}

// oktaBehaves reports whether one of Okta's behaviors is new for the user.
func oktaBehaves(ev *ecs.Event, behaviors ...string) bool {
	plain, deep := oktaData(ev, "behaviors"), oktaData(ev, "logOnlySecurityData")
	for _, b := range behaviors {
		if strings.Contains(plain, b+"=POSITIVE") || strings.Contains(deep, `"`+b+`":"POSITIVE"`) {
			return true
		}
	}
	return false
}

// isAdminConsole reports whether the act is about Okta's own console.
func isAdminConsole(ev *ecs.Event) bool { return oktaTells(ev, "Okta Admin Console") }

// isSelf reports whether the one who acts is the one acted upon.
func (c *Case) isSelf() bool {
	return c.Act.TargetID == "" || c.Same(c.Act.TargetID, c.Act.Actor.ID) || c.Same(c.Act.TargetID, c.ID)
}
