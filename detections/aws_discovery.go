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

// counted is a set of few texts that needs no memory of its own.
type counted struct {
	texts [lineLength + 1]string
	n     int
}

func (k *counted) add(text string) {
	for i := range k.n {
		if k.texts[i] == text {
			return
		}
	}
	if k.n < len(k.texts) {
		k.texts[k.n] = text
		k.n++
	}
}

// lookBroadly counts first and judges then: most who list things list few.
func lookBroadly(c *Case) *Finding {
	if !looks(c.Act) {
		return nil
	}
	need := looksUnknown
	isKnown := c.Who.Mature(c.Act.Time, c.Context.Maturity())
	if isKnown {
		need = looksNew
	}
	if n, _ := looksWithin(c, looks); n < need {
		return nil
	}
	strange := func(a *Act) bool { return looks(a) && !(isKnown && isHabit(c, operations, a.Operation)) }
	kinds, services := looksWithin(c, strange)
	if !strange(c.Act) || kinds < need || services < looksServices {
		return nil
	}
	f := &Finding{Evidence: slices.Concat(under(c, handsWindow), c.Back(lookWindow, strange))}
	f.Reason = fmt.Sprintf("%s listed at least %d kinds of things in %d AWS services within %s", c.Act.Name, kinds, services, span(lookWindow))
	if isKnown {
		f.Parts = append(f.Parts, Part{"new_lists", 10, "the identity never asked for these lists"})
	}
	return f
}

// looksWithin counts different lists, and services they were asked of, the act's own among them.
func looksWithin(c *Case, fits func(*Act) bool) (lists, services int) {
	var ops, of counted
	count := func(a *Act) {
		if fits(a) {
			ops.add(a.Operation)
			of.add(a.service())
		}
	}
	for _, a := range c.Line.Since(c.Act.Time, lookWindow) {
		count(a)
	}
	count(c.Act)
	return ops.n, of.n
}

func lookRefused(c *Case) *Finding {
	if !c.Act.Denied {
		return nil
	}
	acts := c.Back(lookWindow, func(a *Act) bool { return a.Denied && a.Dataset == cloudtrail && a.Via == "" })
	refused := distinct(append(slices.Clone(acts), c.Act), func(a *Act) string { return a.Operation })
	if refused < refusedKinds {
		return nil
	}
	return &Finding{
		Key: "refused", Evidence: acts, Parts: []Part{{"refused_kinds", 20, "it tries what it may not do"}},
		Reason: fmt.Sprintf("%s was refused at least %d different AWS calls within %s", c.Act.Name, refused, span(lookWindow)),
	}
}

func lookRegionally(c *Case) *Finding {
	a := c.Act
	if a.Via != "" {
		return nil
	}
	same := func(b *Act) bool { return b.Operation == a.Operation && b.Via == "" }
	var where counted
	where.add(a.Region)
	for _, b := range c.Line.Since(a.Time, lookWindow) {
		if same(b) {
			where.add(b.Region)
		}
	}
	if where.n < lookRegions || isHabit(c, operations, a.Operation) {
		return nil
	}
	return &Finding{
		Key: "regions", Evidence: c.Back(lookWindow, same),
		Reason: fmt.Sprintf("%s asked for %s in at least %d regions within %s", a.Name, a.operation(), where.n, span(lookWindow)),
	}
}
