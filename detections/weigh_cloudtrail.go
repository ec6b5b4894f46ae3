package detections

import (
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// How much the memory of an identity changes what an AWS call is worth.
const (
	usualTimes = 5                  // an operation seen so often …
	usualAge   = 7 * 24 * time.Hour // … for so long is a habit
	ownAge     = 24 * time.Hour     // what somebody made within a day is its own to change and remove

	usualPoints = -20
	newPoints   = 10
	ownPoints   = -35
	knownPoints = -40
)

// ownKey keeps findings about somebody's own things apart from all others.
const ownKey = "own"

// weigh is what an AWS call is worth to the identity that makes it.
func weigh(c *Case) *Finding { return &Finding{Parts: habitParts(c)} }

// weighEach keeps findings about different things apart, so that each can stand in its own chain.
func weighEach(c *Case) *Finding {
	f := weigh(c)
	f.Key = c.Act.Object
	return f
}

// habitParts are points for an operation that is new to the identity, and less for one that is its habit.
func habitParts(c *Case) []Part {
	switch {
	case isHabit(c, operations, c.Act.Operation):
		return []Part{{"habit", usualPoints, "the identity does this regularly"}}
	case c.Novelty(operations, c.Act.Operation) == identity.New:
		return []Part{{"new_operation", newPoints, "the identity never did this"}}
	}
	return nil
}

// isHabit reports whether the identity has done or used something often and for long.
func isHabit(c *Case, habit func(*identity.Profile) *identity.Habit, value string) bool {
	if !c.Who.Mature(c.Act.Time, c.Context.Maturity()) {
		return false
	}
	times, first := habit(c.Who).Seen(value)
	return times >= usualTimes && c.Act.Time.UnixNano()-first >= int64(usualAge)
}

// weighOwn takes points off too when the identity made the thing itself a short time ago: nobody loses what was there before.
func weighOwn(c *Case) *Finding {
	f := weigh(c)
	if isOwn(c, c.Act) {
		f.Key = ownKey
		f.Parts = append(f.Parts, Part{"own_thing", ownPoints, "the identity made this itself a short time ago"})
	}
	return f
}

// isOwn reports whether the identity made what the act is about, within a day before.
func isOwn(c *Case, a *Act) bool {
	k := c.Credential(a.Object)
	return k != nil && !k.Made.IsZero() && a.Time.Sub(k.Made) <= ownAge && c.Same(k.Maker, c.ID)
}

// bornAct is the act that made the thing, if it was made within the last d, by whoever.
func bornAct(c *Case, object string, d time.Duration) *Act {
	k := c.Credential(object)
	if k == nil || k.Made.IsZero() || c.Act.Time.Sub(k.Made) > d || !k.MadeDoc.Born {
		return nil
	}
	return k.MadeDoc
}

// weighStranger weighs who is let in: everybody counts more, an account that the context file names far less.
func weighStranger(c *Case) *Finding {
	f := weigh(c)
	switch account := strings.TrimPrefix(c.Act.Grantee, "aws:account/"); {
	case c.Act.Grantee == anyoneName:
		f.Parts = append(f.Parts, Part{"anyone", 20, "everybody is let in"})
	case c.Context.Known(account) != nil || c.Context.Known(c.Act.Grantee) != nil:
		f.Parts = append(f.Parts, Part{"known_account", knownPoints, "the other account is named in the context file"})
	}
	return f
}

// isAlone reports whether no other sign says what the act is about.
func isAlone(c *Case, id string) bool {
	for _, s := range c.Act.Signs {
		if s.ID != id && !s.Quiet {
			return false
		}
	}
	return true
}

// isAWS reports whether the act stands in CloudTrail and the actor called by itself, not a service on its behalf.
func isAWS(a *Act) bool { return a.Dataset == cloudtrail && (a.Via == "" || a.Via == consoleVia) }

// isKeyUser reports whether a long-lived key is in use.
func isKeyUser(a *Act) bool { return strings.HasPrefix(a.Credential, "AKIA") }

// isTemporary reports whether a temporary credential is in use.
func isTemporary(a *Act) bool { return strings.HasPrefix(a.Credential, "ASIA") }

// isInstance reports whether a session is an instance's: AWS names it so, and nobody else can choose that name for a role
// that only EC2 may assume.
func isInstance(a *Act) bool {
	return a.Actor.Kind == ecs.Workload && strings.Contains(a.Actor.ID, ":assumed-role/") && strings.HasPrefix(lastPart(a.Actor.ID), "i-")
}

// operation is the name of a call without its service.
func (a *Act) operation() string {
	_, name, _ := strings.Cut(a.Operation, ":")
	return name
}

// service is the AWS service that was called.
func (a *Act) service() string {
	name, _, _ := strings.Cut(a.Operation, ":")
	return name
}

// under lists the acts by which the identity took the role it acts in, within the last d: where its story begins.
func under(c *Case, d time.Duration) []*Act {
	if c.Act.Role == "" {
		return nil
	}
	return c.Back(d, func(a *Act) bool { return a.Is(ecs.RoleAssume) && a.Role == c.Act.Role && a.Made != "" })
}

// isNew reports whether a value is new to the identity, as far as it is known well enough.
func (c *Case) isNew(habit func(*identity.Profile) *identity.Habit, value string) bool {
	return c.Novelty(habit, value) == identity.New
}

// span says how long something took, for a person.
func span(d time.Duration) string {
	switch {
	case d >= 2*time.Hour:
		return strconv.Itoa(int(d.Round(time.Hour)/time.Hour)) + " hours"
	case d >= 2*time.Minute:
		return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " minutes"
	case d == time.Second:
		return "1 second"
	}
	return strconv.Itoa(int(d.Round(time.Second)/time.Second)) + " seconds"
}
