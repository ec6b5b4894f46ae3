package detections

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// score puts a finding into context: what the identity is, what was declared, what is known. It returns the parts beside the
// rule's own and says what of the context was weighed.
func score(c *Case, rule *Rule, f *Finding) (parts []Part, weighed []string) {
	parts = append(parts, Part{rule.ID, rule.Points, rule.Name})
	parts = append(parts, f.Parts...)
	parts = append(parts, whatItIs(c)...)
	if right := c.unused(); right != nil && rule.ID != unusedRightID {
		parts = append(parts, Part{"over_privileged", 10, "the identity has held " + right.Name + " since " + right.Since.UTC().Format(time.DateOnly) + " and never used it"})
	}
	less, said := declared(c, rule)
	return append(parts, less...), append(said, recognised(f.Parts)...)
}

// contexts are the parts that stand for what was recognised and not declared.
var contexts = map[string]string{
	"owner_place": "rotation", "replaced": "rotation", "rotation": "rotation", "with_surroundings": "installation",
	"own_network": "known network", "usual_network": "known network", "own_proxy": "known network", "peers": "peers",
}

// recognised says what of a finding's own parts is context, and what it did to the score.
func recognised(parts []Part) (said []string) {
	for _, p := range parts {
		if kind := contexts[p.Name]; kind != "" && p.Points < 0 {
			said = append(said, fmt.Sprintf("%s: %d points less, %s", kind, -p.Points, p.Reason))
		}
	}
	return said
}

// whatItIs are points for the kind of identity.
func whatItIs(c *Case) []Part {
	var parts []Part
	known, named := c.Known(), c.Context.of(c.Act)
	switch {
	case c.Act.Actor.Kind == ecs.Root:
		parts = append(parts, Part{"root", 15, "the root identity acts"})
	case known != nil && known.Privileged, named != nil && named.Privileged, c.Act.Actor.Privileged:
		parts = append(parts, Part{"privileged", 10, "the identity is privileged"})
	}
	if known != nil && known.ThirdParty || c.Act.Actor.ThirdParty {
		parts = append(parts, Part{"third_party", 10, "the identity belongs to a third party"})
	}
	if c.Machine() && (known == nil || known.Owner == "") && len(c.Context.Identities) > 0 {
		parts = append(parts, Part{"unowned", 5, "nobody is named as the machine identity's owner"})
	}
	if c.Who != nil && c.Act.Time.Sub(c.Who.DormantEnd).Hours() < 24 && !c.Who.DormantEnd.IsZero() {
		parts = append(parts, Part{"dormant", 10, "the identity has just come back after a long silence"})
	}
	return parts
}

// declared are points taken off for what was announced: windows that name the identity and cover the act, failed tries.
func declared(c *Case, rule *Rule) (parts []Part, said []string) {
	for i := range c.Context.Windows {
		w := &c.Context.Windows[i]
		if !w.covers(c) {
			continue
		}
		name := strings.TrimSpace(w.Kind + " window " + w.Ticket)
		less := 40
		if rule.BeyondWindows {
			less = 10
		}
		parts = append(parts, Part{"window", -less, "inside the declared " + name})
		said = append(said, fmt.Sprintf("%s: %d points less", name, less))
		break
	}
	if c.Act.Failed && !rule.Judged {
		parts = append(parts, Part{"blocked", -15, "the act was refused"})
	}
	return parts, said
}

// covers reports whether a window explains an act: it names the identity, and time, source and operation fit. A person who acts
// inside a machine's window is not covered.
func (w *Window) covers(c *Case) bool {
	a := c.Act
	if a.Time.Before(w.From) || a.Time.After(w.Until) {
		return false
	}
	if len(w.Sources) > 0 && !slices.ContainsFunc(w.Sources, func(s string) bool { return isOf(a.Dataset, s) }) {
		return false
	}
	if len(w.Operations) > 0 && !slices.ContainsFunc(w.Operations, func(o string) bool { return Glob(o, a.Operation) || Glob(o, a.Action) }) {
		return false
	}
	return slices.ContainsFunc(w.Identities, func(name string) bool { return w.names(c, name) })
}

// isOf reports whether a dataset belongs to a source as the context file calls it. Entra's datasets have another name in front.
func isOf(dataset, source string) bool {
	if source == "entra" {
		source = "azure."
	}
	return strings.Contains(dataset, source)
}

// names reports whether the window's name means the identity that acts.
func (w *Window) names(c *Case, name string) bool {
	known := c.Context.Known(name)
	if known == nil {
		return c.Same(name, c.ID) || Glob(name, c.ID) || c.actsItself() && isOfRole(&c.Act.Actor, c.Act.Activity, c.Act.Role) && Glob(name, c.Act.Role)
	}
	return c.Known() == known || c.Context.Known(c.Act.Subject) == known
}

// limitPart is the name of what keeps a score between 0 and 100.
const limitPart = "limit"

// total adds parts up to a score between 0 and 100, changing the last part so that they add up.
func total(parts []Part) (int, []Part) {
	sum := 0
	for _, p := range parts {
		sum += p.Points
	}
	switch {
	case sum > 100:
		parts = append(parts, Part{limitPart, 100 - sum, "scores end at 100"})
		return 100, parts
	case sum < 0:
		parts = append(parts, Part{limitPart, -sum, "scores begin at 0"})
		return 0, parts
	}
	return sum, parts
}
