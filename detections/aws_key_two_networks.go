package detections

import (
	"strings"
	"time"
)

// A key in two hands: one access key or session is used from two networks at the same time. Whoever copied the credentials works beside
// their owner, so calls of both come in turns. One change of network is a laptop on the move and only a signal.
var awsKeyTwoNetworks = &Detection{
	Rule: Rule{
		ID: "aws_key_from_two_networks", Name: "AWS key used from two networks at once", Severity: 73, Points: 35,
		Description: "One access key or session token is used from different networks within half an hour, by turns.",
		Covers:      []string{"SE11"}, Techniques: []string{"T1550.001", "T1078.004"}, NHI: []string{"NHI2:2025"},
		Evidence: "userIdentity.accessKeyId from several networks", Lookalikes: "A person who switches a private network on; a fleet that shares one key: its networks are learned.",
		Tuning: "Declare egress networks.",
	},
	Within: time.Hour, Find: findKeyTwoNetworks,
}

const (
	handsWindow = 30 * time.Minute
	fleetAge    = 24 * time.Hour // networks that a key used so long ago are its own
)

func findKeyTwoNetworks(c *Case) *Finding {
	a := c.Act
	if a.Dataset != cloudtrail || a.Via != "" || c.isHosted(a) || isCI(a) || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	k := c.Credential(a.Credential)
	if k == nil || k.Networks.Len() == 0 {
		return nil
	}
	here := a.Network()
	if here == "" || k.Networks.Len() == 1 && k.Networks.Has(here) || isFleet(c, k) || c.usualPlace(here, a.Country()) {
		return nil
	}
	if a.Place == nil && !c.Machine() && !c.Who.Mature(a.Time, c.Context.Maturity()) {
		return nil // of a person hardly known, who comes from nobody knows where
	}
	recent := c.Recent(handsWindow)
	if n := len(recent) - 1; n >= 0 && isUse(recent[n], a) && recent[n].Network() == here {
		return nil // only a change tells something
	}
	uses := c.Back(handsWindow, func(b *Act) bool { return isUse(b, a) })
	there, turns := lastElsewhere(c, uses, here)
	if there < 0 || uses[len(uses)-1].Network() == here {
		return nil
	}
	abroad := uses[there].Country() != "" && a.Country() != "" && uses[there].Country() != a.Country()
	if !abroad && !c.Machine() && !c.strangeTo(here, uses[there].Network()) {
		return nil
	}
	f := &Finding{Key: a.Credential, Evidence: uses[max(0, there-3):], Reason: "key " + short(a.Credential) + " of " + a.Name + " was used from " + uses[there].Addr.String() + " and from " + a.Addr.String() + " within " + span(handsWindow)}
	switch {
	case turns && isKeyUser(a):
		f.Parts = append(f.Parts, Part{"by_turns", 10, "calls from both networks come in turns"}) // machines may share it
	case turns:
		f.Parts = append(f.Parts, Part{"by_turns", 15, "calls from both networks come in turns"})
	}
	if changes := changesIn(uses, here); changes > 2 {
		f.Parts = append(f.Parts, Part{"to_and_fro", 15, "again and again"})
	}
	if abroad {
		f.Parts = append(f.Parts, Part{"two_countries", 20, "the networks are in two countries"})
	}
	return f
}

// isUse reports whether an act uses the same key by itself from a network.
func isUse(b, a *Act) bool { return b.Credential == a.Credential && b.Via == "" && b.Network() != "" }

// strangeTo reports whether one of two networks is news to a person who is known well. People have two networks, at home and at
// work, or one for each route of a private network; of somebody who is hardly known nobody can say which ones.
func (c *Case) strangeTo(here, there string) bool {
	return c.fresh(networks, here) || c.fresh(networks, there)
}

// lastElsewhere finds the last use from another network that the house does not know, and whether the network of the
// act was in use before it already.
func lastElsewhere(c *Case, uses []*Act, here string) (there int, turns bool) {
	there = -1
	for i := len(uses) - 1; i >= 0; i-- {
		switch network := uses[i].Network(); {
		case there < 0 && network != here && c.Context.NetworkOf(uses[i].Addr) == nil:
			there = i
		case there >= 0 && network == here:
			return there, true
		}
	}
	return there, false
}

// changesIn counts how often uses change between networks, up to the last one here.
func changesIn(uses []*Act, here string) int {
	n, last := 0, here
	for i := len(uses) - 1; i >= 0; i-- {
		if network := uses[i].Network(); network != last {
			n, last = n+1, network
		}
	}
	return n
}

// isFleet: several machines share the key since long, each in its own network.
func isFleet(c *Case, k *Credential) bool {
	_, first := k.Networks.Seen(c.Act.Network())
	return k.Networks.Forgot() || first > 0 && c.Act.Time.UnixNano()-first > int64(fleetAge)
}

// short is the part of a key's name that people compare.
func short(key string) string {
	if len(key) > 8 {
		return key[:4] + "…" + key[len(key)-4:]
	}
	return key
}

// isCI reports whether the act is of a run of a CI system, as its provider of identities vouches for.
func isCI(a *Act) bool {
	for _, prefix := range []string{"repo:", "project_path:", "organization:", "pipeline:", "repository:"} {
		if strings.HasPrefix(a.Actor.ID, prefix) || strings.HasPrefix(a.Subject, prefix) {
			return true
		}
	}
	return false
}
