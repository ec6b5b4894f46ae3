package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// A key in a strange network: long-lived keys live in a file, on one machine. One that is known for long and turns up elsewhere was copied.
// The alert hangs on the first call from there.
var awsKeyNewNetwork = &Detection{
	Rule: Rule{
		ID: "aws_key_from_new_network", Name: "Long-lived AWS key seen in a new network", Severity: 47, Points: 50,
		Description: "An access key with a settled history is used from a network it never came from.",
		Covers:      []string{"NH12"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI7:2025", "NHI2:2025"},
		Evidence: "userIdentity.accessKeyId AKIA…, sourceIPAddress", Lookalikes: "A service that moved; a laptop at another place.", Tuning: "Declare the house's networks.",
	},
	Within: time.Hour, Find: findKeyNewNetwork,
}

func findKeyNewNetwork(c *Case) *Finding {
	a := c.Act
	if a.Dataset != cloudtrail || a.Via != "" || !isKeyUser(a) || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	k := c.Credential(a.Credential)
	if k == nil || !isSettled(c, k) || k.Networks.Len() == 0 || k.Networks.Forgot() {
		return nil
	}
	if here := a.Network(); here == "" || k.Networks.Has(here) {
		return nil
	}
	f := &Finding{Key: a.Credential, Reason: "the key " + short(a.Credential) + " of " + a.Name + " was used from " + a.Addr.String() + ", where it never was"}
	if c.isNew(countries, a.Country()) {
		f.Parts = append(f.Parts, Part{"new_country", 15, "the country is new as well"})
	}
	if c.Silent() > 30*24*time.Hour {
		f.Parts = append(f.Parts, Part{"silent", 10, "nobody had used it for long"})
	}
	return f
}

// isSettled: the key itself is known as long and well as an identity has to be.
func isSettled(c *Case, k *Credential) bool {
	m := c.Context.Maturity()
	return !k.FirstUse.IsZero() && c.Act.Time.Sub(k.FirstUse) >= m.Age && k.Uses >= m.Events
}

// A strange region or country: thieves work where nobody looks. The alert hangs on the first call there.
var awsNewPlace = &Detection{
	Rule: Rule{
		ID: "aws_new_region_or_country", Name: "AWS identity at work in a new region, network or country", Severity: 47, Points: 25,
		Description: "An identity works in a region it never worked in, or from a country or, for machines, a network it never came from.",
		Covers:      []string{"NH13"}, Techniques: []string{"T1535", "T1078.004"}, NHI: []string{"NHI8:2025"},
		Evidence: "awsRegion; the place of sourceIPAddress", Lookalikes: "Opening a region; a business trip.", Tuning: "Declare deployment and failover windows, and the house's networks.",
	},
	Within: time.Hour, Find: findNewPlace,
}

func findNewPlace(c *Case) *Finding {
	a := c.Act
	if a.Dataset != cloudtrail || a.Via != "" || isService(a.Actor.ID) || isCI(a) || c.isHosted(a) {
		return nil
	}
	newRegion := !isGlobal(a.service()) && c.isNew(regions, a.Region)
	var parts []Part
	if newRegion {
		parts = append(parts, Part{"new_region", 15, "the region is new to the identity"})
	}
	if !isKeyUser(a) && c.Context.NetworkOf(a.Addr) == nil {
		parts = append(parts, newPlaceParts(c)...)
	}
	if len(parts) == 0 {
		return nil
	}
	f := &Finding{Parts: parts, Reason: a.Name + " called " + a.operation()}
	if newRegion {
		f.Reason += " in " + a.Region + ", where it never worked"
	}
	if c.Machine() {
		f.Parts = append(f.Parts, Part{"machine", 15, "a machine identity does not travel"})
	} else if !a.Is(ecs.Discovery) {
		f.Parts = append(f.Parts, Part{"not_only_looking", 10, "and it does not only look"})
	}
	return f
}

func newPlaceParts(c *Case) []Part {
	if c.isNew(countries, c.Act.Country()) {
		return []Part{{"new_country", 25, "the country " + c.Act.Country() + " is new to the identity"}}
	}
	if c.Machine() && c.isNew(networks, c.Act.Network()) {
		return []Part{{"new_network", 10, "the network is new to the identity"}}
	}
	return nil
}

// isGlobal: services whose records all stand in one region, whoever calls from where.
func isGlobal(service string) bool {
	switch service {
	case "iam", "sts", "signin", "organizations", "route53", "cloudfront", "sso", "sso-oauth", "health", "support", "account", "ce", "billing", "globalaccelerator", "waf", "shield", "s3":
		return true
	}
	return false
}
