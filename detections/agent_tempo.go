package detections

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Agent off its leash: an AI agent works faster or wider than it ever did, or makes identities and keys. The alert hangs on the first act of the burst.
var agentTempo = &Detection{
	Rule: Rule{
		ID: "any_agent_tempo", Name: "AI agent faster or wider than itself", Severity: 73, Points: 35,
		Description: "An agent identity works at twice the pace or width that it ever had, or makes identities or credentials.",
		Covers:      []string{"XS16", "NH16"}, Techniques: []string{"T1078.004", "T1580"}, NHI: []string{"NHI5:2025", "NHI9:2025"},
		Evidence: "acts, distinct operations, sessions and keys within a minute, against the agent's own; agents of one parent at once; follow-on identities and keys", Lookalikes: "A planned batch run; an agent that always works so.", Tuning: "Declare the agent's kind and windows in the context file.",
	},
	Within: time.Hour, Find: findAgentTempo,
}

const (
	agentLearns = time.Hour // after which a new pace is its own
	agentSpan   = time.Minute
	agentWidth  = 8  // different operations, of an agent that never did half as many
	agentActs   = 16 // acts, the same
	agentFan    = 4  // sessions or keys at once, the same
)

func findAgentTempo(c *Case) *Finding {
	a := c.Act
	if a.Failed || !c.isAgent() {
		return nil
	}
	burst := c.Back(agentSpan, func(b *Act) bool { return !b.Failed })
	f, p := &Finding{Evidence: burst}, paceOf(append(burst, a))
	if p.width >= agentWidth && c.outrun(c.ID, "width", p.width) {
		points := 25
		if !c.knowsPace() {
			points = 10
		}
		f.Parts = append(f.Parts, Part{"width", points, fmt.Sprintf("%d different operations within %s", p.width, agentSpan)})
	}
	if p.tempo >= agentActs && c.knowsPace() && c.outrun(c.ID, "tempo", p.tempo) {
		f.Parts = append(f.Parts, Part{"tempo", 25, fmt.Sprintf("%d acts within %s, more than it ever did", p.tempo, agentSpan)})
	}
	if p.fan >= agentFan && c.outrun(c.ID, "fan", p.fan) {
		f.Parts = append(f.Parts, Part{"fan_out", 20, fmt.Sprintf("%d sessions or keys at once", p.fan)})
	}
	if siblings := c.siblings(); len(siblings) > 0 {
		if n := distinct(append(siblings, a), actorOf); n >= agentFan && c.outrun(a.Topic, "children", n) {
			f.Wide, f.Key, f.Evidence = true, a.Topic, siblings
			points := 25
			if !c.knowsFamily() {
				points = 10
			}
			f.Parts = append(f.Parts, Part{"children", points, fmt.Sprintf("%d agents of %s at once", n, strings.TrimPrefix(a.Topic, agentsOf))})
		}
	}
	if a.Is(ecs.IdentityCreate, ecs.CredentialCreate, ecs.PrivilegeGrant) {
		f.Parts = append(f.Parts, Part{"follow_on", 25, "it makes what outlives it: " + a.Action})
	}
	if len(f.Parts) == 0 {
		return nil
	}
	if c.Novelty(operations, a.Operation) == identity.New {
		f.Parts = append(f.Parts, Part{"new_operation", 10, "an API it never called"})
	}
	f.Reason = "agent " + a.Name + ": " + reasonsOf(f.Parts)
	return f
}

// pace is what an agent did within agentSpan.
type pace struct{ tempo, width, fan int }

func paceOf(burst []*Act) pace {
	return pace{
		len(burst),
		distinct(burst, func(b *Act) string { return b.Operation }),
		distinct(burst, func(b *Act) string { return b.Credential }),
	}
}

// agentsOf begins the topic of what the agents of one parent do.
const agentsOf = "agents/"

// siblings are the acts of the last minute of agents that have the same parent.
func (c *Case) siblings() []*Act {
	if !strings.HasPrefix(c.Act.Topic, agentsOf) {
		return nil
	}
	return c.About(agentSpan, func(b *Act) bool { return !b.Failed && b.ID != c.Act.ID })
}

// paces is the key under which an agent's own paces are kept, each by its size in bits.
func paces(who string) string { return "pace/" + who }

func paceText(of string, n int) string { return of + strconv.Itoa(bits.Len(uint(n))) }

// outrun reports whether an agent, or the agents of a parent, never came near a pace before this hour: it had none of that size, nor of half of it, nor a greater one.
func (c *Case) outrun(who, of string, n int) bool {
	k := c.Credential(paces(who))
	if k == nil {
		return true
	}
	for near := n / 2; near < 2*lineLength; near *= 2 {
		if first := k.Users.First(paceText(of, near)); first != 0 && c.Act.Time.Add(-agentLearns).UnixNano() > first {
			return false
		}
	}
	return true
}

// knowsPace reports whether the agent is known well enough for its pace to be called its own.
func (c *Case) knowsPace() bool {
	k := c.Credential(paces(c.ID))
	return k != nil && c.Who.Mature(c.Act.Time, c.Context.Maturity())
}

// knowsFamily is the same of the agents that have the actor's parent.
func (c *Case) knowsFamily() bool {
	k := c.Credential(paces(c.Act.Topic))
	return k != nil && k.mature(c)
}

// notePace remembers how fast and wide an agent works.
func (m *machine) notePace(c *Case) {
	if c.Act.Failed || !c.isAgent() {
		return
	}
	p := paceOf(append(c.Back(agentSpan, func(b *Act) bool { return !b.Failed && b.ID != c.Act.ID }), c.Act))
	m.meet(paces(c.ID), paceText("tempo", p.tempo), c.Act)
	m.meet(paces(c.ID), paceText("width", p.width), c.Act)
	m.meet(paces(c.ID), paceText("fan", p.fan), c.Act)
	if strings.HasPrefix(c.Act.Topic, agentsOf) {
		m.meet(paces(c.Act.Topic), paceText("children", distinct(append(c.siblings(), c.Act), actorOf)), c.Act)
	}
}

// isAgent reports whether an AI agent acts, by the record or by the context file.
func (c *Case) isAgent() bool {
	known := c.Known()
	return c.Act.Actor.Kind == ecs.AIAgent || known != nil && known.Kind == ecs.AIAgent
}
