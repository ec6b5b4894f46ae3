package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// A machine's credentials elsewhere: whoever reads them from the instance or container uses them from the own place. The thief's address is
// either not the machine's, or one from which a person or another key works. The alert hangs on the first call from there.
var awsInstanceCredentials = &Detection{
	Rule: Rule{
		ID: "aws_instance_credentials_elsewhere", Name: "AWS instance credentials used outside their machine", Severity: 73, Points: 40, Chain: true,
		Description: "Credentials that AWS gave to an instance, container or function are used from a place that is not its own.",
		Covers:      []string{"NH9"}, Techniques: []string{"T1552.005", "T1078.004"}, NHI: []string{"NHI2:2025"},
		Evidence: "a session i-…, or a key that an AWS service asked for; its address, and who else works from there", Lookalikes: "A private network through which machines and people go out alike: other machines are seen there too; an instance that was given another address.",
		Tuning: "Declare egress networks.",
	},
	Within: time.Hour, Find: findInstanceCredentials,
}

const livesBeside = 24 * time.Hour

func findInstanceCredentials(c *Case) *Finding {
	a := c.Act
	if a.Dataset != cloudtrail || a.Via != "" || isKeyUser(a) || !c.isHosted(a) || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	here := a.Network()
	if here == "" || isHome(c, here) {
		return nil
	}
	f := &Finding{Key: a.Session, Reason: "credentials of the machine " + lastPart(a.Actor.ID) + " were used from " + a.Addr.String()}
	if others := strangersThere(c); len(others) > 0 {
		f.Evidence = others[len(others)-1:]
		f.Parts = append(f.Parts, Part{"stranger_there", 30, others[len(others)-1].Name + " works from there"})
	}
	if c.Who != nil && (c.Who.Networks.Len() > 1 || c.Who.Networks.Len() == 1 && !c.Who.Networks.Has(here)) {
		f.Parts = append(f.Parts, movedParts(c)...)
	}
	if len(f.Parts) == 0 {
		return nil
	}
	return f
}

// isHosted reports whether AWS itself gave the credentials to a machine, container or function of ours.
func (c *Case) isHosted(a *Act) bool {
	if isInstance(a) {
		return true
	}
	k := c.Credential(a.Credential)
	return k != nil && !k.Made.IsZero() && isService(k.Maker)
}

// isHome: the machine's first call came from this network, it has called from there for longer than the alert goes on, or too much was
// forgotten to tell.
func isHome(c *Case, here string) bool {
	if c.Who == nil {
		return false
	}
	_, first := c.Who.Networks.Seen(here)
	return c.Who.Networks.Forgot() || first > 0 && (first == c.Who.First.UnixNano() || c.Act.Time.UnixNano()-first > int64(time.Hour))
}

// strangersThere lists acts of people and keys from the address, unless other instances are seen there as well.
func strangersThere(c *Case) []*Act {
	machines := c.From(livesBeside, func(b *Act) bool { return b.Actor.ID != c.Act.Actor.ID && c.isHosted(b) })
	if len(machines) > 0 {
		return nil
	}
	return c.From(livesBeside, func(b *Act) bool {
		return b.Via == "" && !c.isHosted(b) && !isService(b.Actor.ID) && (isKeyUser(b) || b.Actor.Kind == ecs.Human || isTemporary(b))
	})
}

// movedParts: where no database tells networks apart, a new address may be the instance's own next one.
func movedParts(c *Case) []Part {
	points := 5
	if c.Act.Place != nil && c.Act.Place.ASN != 0 {
		points = 25
	}
	parts := []Part{{"other_network", points, "the instance itself calls from another network"}}
	if before := c.Back(time.Hour, func(b *Act) bool { return b.Network() != "" && b.Network() != c.Act.Network() }); len(before) > 0 {
		parts = append(parts, Part{"both_alive", 15, "and did so within the hour"})
	}
	return parts
}
