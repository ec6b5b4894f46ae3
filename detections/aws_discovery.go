package detections

import (
	"fmt"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Looking around: who has found a key asks what it is worth: lists of everything in many services, calls that are refused one after the other,
// the same list in region after region. A deployment describes much more, but thing by thing; a person in the console gets its lists from
// the pages.
var awsDiscovery = &Detection{
	Rule: Rule{
		ID: "aws_discovery_burst", Name: "Somebody looks around in AWS", Severity: 47, Points: 50, Chain: true,
		Description: "One identity lists many kinds of things in many services, is refused many different calls, or asks region after region, within minutes.",
		Covers:      []string{"DA2"}, Techniques: []string{"T1580", "T1087.004", "T1526"},
		Evidence: "lists without a name or filter; AccessDenied", Lookalikes: "A scanner of the house, an inventory: learned as its habit; the pages of the console.",
		Tuning: "Name scanners in the context file.",
	},
	On: []ecs.Activity{ecs.Discovery, ecs.SecretList}, Signs: []string{awsDenied}, Within: 30 * time.Minute, Find: findDiscovery,
}

const (
	lookWindow    = 10 * time.Minute
	looksUnknown  = 12 // kinds of lists, of an identity that is not known
	looksNew      = 6  // kinds of lists that are new to one that is
	looksServices = 4
	refusedKinds  = 4
	lookRegions   = 5

	awsDenied = "aws_denied"
)

func findDiscovery(c *Case) *Finding {
	if !isAWS(c.Act) || isService(c.Act.Actor.ID) {
		return nil
	}
	for _, look := range []func(*Case) *Finding{lookRefused, lookBroadly, lookRegionally} {
		if f := look(c); f != nil {
			return f
		}
	}
	return nil
}

// looks: a list of all there is, asked for by the identity itself.
func looks(a *Act) bool {
	return a.Dataset == cloudtrail && a.Via == "" && a.Number == 0 && a.Object == "" && (a.Activity == ecs.Discovery || a.Activity == ecs.SecretList)
}

func lookBroadly(c *Case) *Finding {
	if !looks(c.Act) || isHabit(c, operations, c.Act.Operation) {
		return nil
	}
	isSettled := c.Who.Mature(c.Act.Time, c.Context.Maturity())
	strange := func(a *Act) bool { return looks(a) && (!isSettled || !isHabit(c, operations, a.Operation)) }
	acts := c.Back(lookWindow, strange)
	all := append(slices.Clone(acts), *c.Act)
	kinds, services := distinct(all, func(a *Act) string { return a.Operation }), distinct(all, (*Act).service)
	need := looksUnknown
	if isSettled {
		need = looksNew
	}
	if kinds < need || services < looksServices {
		return nil
	}
	f := &Finding{Evidence: slices.Concat(under(c, handsWindow), acts), Reason: fmt.Sprintf("%s listed %d kinds of things in %d AWS services within %s", c.Act.Name, kinds, services, lookWindow)}
	if isSettled {
		f.Parts = append(f.Parts, Part{"new_lists", 10, "the identity never asked for these lists"})
	}
	return f
}

func lookRefused(c *Case) *Finding {
	if !c.Act.Denied {
		return nil
	}
	acts := c.Back(lookWindow, func(a *Act) bool { return a.Denied && a.Dataset == cloudtrail && a.Via == "" })
	kinds := distinct(append(slices.Clone(acts), *c.Act), func(a *Act) string { return a.Operation })
	if kinds < refusedKinds {
		return nil
	}
	return &Finding{
		Key: "refused", Evidence: acts, Parts: []Part{{"refused_kinds", 20, "it tries what it may not do"}},
		Reason: fmt.Sprintf("%s was refused %d different AWS calls within %s", c.Act.Name, kinds, lookWindow),
	}
}

func lookRegionally(c *Case) *Finding {
	a := c.Act
	acts := c.Back(lookWindow, func(b *Act) bool { return b.Operation == a.Operation && b.Via == "" })
	regions := distinct(append(slices.Clone(acts), *a), func(b *Act) string { return b.Region })
	if regions < lookRegions || a.Via != "" || isHabit(c, operations, a.Operation) {
		return nil
	}
	return &Finding{
		Key: "regions", Evidence: acts,
		Reason: fmt.Sprintf("%s asked for %s in %d regions within %s", a.Name, a.operation(), regions, lookWindow),
	}
}
