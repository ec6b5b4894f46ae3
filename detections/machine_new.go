package detections

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// New to a machine: machines do the same every day. A service account, workload or agent at an API, region, network, mount or resource that is
// new to it is a release, or a thief. The alert hangs on the first new act.
var newToMachine = &Detection{
	Rule: Rule{
		ID: "any_machine_new_behaviour", Name: "Machine identity does what it never did", Severity: 47, Points: 15,
		Description: "A machine identity with a settled history calls an API, region, resource or network that is new to it.",
		Covers:      []string{"XS12"}, Techniques: []string{"T1078.004", "T1535"}, NHI: []string{"NHI5:2025", "NHI8:2025", "NHI2:2025"},
		Evidence: "the new operation, region, resource or network", Lookalikes: "A deployment; a failover to another region.",
		Tuning: "Declare deployment and failover windows; give peers one function, so that they share a baseline.", General: true,
	},
	Within: 6 * time.Hour, Find: findNewToMachine,
}

func findNewToMachine(c *Case) *Finding {
	if !c.Machine() || c.Act.ThirdParty(c) || c.Act.Failed && c.Act.Activity != ecs.SecretRead {
		return nil
	}
	parts := newness(c)
	if len(parts) == 0 {
		return nil
	}
	if isData(c.Act) || isMint(c.Act) || isGain(c.Act) || c.Act.Is(ecs.LogTampering) {
		parts = append(parts, Part{"strong_act", 10, "what it does is " + string(c.Act.Activity)})
	}
	parts = append(parts, peersDoTheSame(c)...)
	return &Finding{Parts: parts, Reason: c.Act.Name + " " + c.Act.Action + " " + c.Act.Target + ": " + reasonsOf(parts)}
}

// newness are points for everything about an act that is new to a machine.
func newness(c *Case) []Part {
	a := c.Act
	var parts []Part
	if c.Novelty(operations, a.Operation) == identity.New {
		parts = append(parts, Part{"new_operation", 15, "an API it never called"})
	}
	if c.Novelty(regions, a.Region) == identity.New && (a.Dataset != cloudtrail || !isGlobal(a.service())) {
		parts = append(parts, Part{"new_region", 35, "a region it never worked in"})
	}
	if c.Novelty(resources, a.Resource) == identity.New {
		parts = append(parts, Part{"new_resource", 10, "a resource it never touched"})
	}
	if c.Novelty(networks, a.Network()) == identity.New && c.Context.NetworkOf(a.Addr) == nil {
		parts = append(parts, Part{"new_network", 20, "a network it never came from"})
		if c.Novelty(countries, a.Country()) == identity.New {
			parts = append(parts, Part{"new_country", 15, "a country it never came from"})
		}
	}
	return parts
}

// peersDoTheSame takes points off for what identities of the same function do every day.
func peersDoTheSame(c *Case) []Part {
	peers := c.Peers()
	if peers != nil && peers.Operations.Has(c.Act.Operation) && c.Act.Operation != "" {
		return []Part{{"peers", -15, "identities of the same function do the same"}}
	}
	return nil
}

// reasonsOf joins the reasons of parts.
func reasonsOf(parts []Part) string {
	var texts []string
	for _, p := range parts {
		if p.Points > 0 {
			texts = append(texts, p.Reason)
		}
	}
	return strings.Join(texts, ", ")
}

// New to a third party: a vendor's app or another account's role does something new in our house. The alert hangs on the first new act.
var newToThirdParty = &Detection{
	Rule: Rule{
		ID: "any_third_party_new_behaviour", Name: "Third-party identity does what it never did", Severity: 73, Points: 25,
		Description: "An identity that belongs to a vendor or another account uses an API, region, resource or network that is new to it.",
		Covers:      []string{"XS17"}, Techniques: []string{"T1199"}, NHI: []string{"NHI3:2025"},
		Evidence: "the new operation, region, resource or network", Lookalikes: "The vendor ships a new feature.", Tuning: "Name the vendor's identities in the context file.",
	},
	Within: 6 * time.Hour, Find: findNewToThirdParty,
}

func findNewToThirdParty(c *Case) *Finding {
	if !c.Act.ThirdParty(c) || c.Act.Failed {
		return nil
	}
	parts := newness(c)
	if len(parts) == 0 {
		return nil
	}
	if c.Act.Actor.Kind == ecs.Human {
		parts = append(parts, Part{"person", -20, "a person, who does something new on many days"})
	}
	return &Finding{Parts: parts, Reason: c.Act.Name + " (third party) " + c.Act.Action + ": " + reasonsOf(parts)}
}

// ThirdParty reports whether the act is a third party's, by its record or by the context file.
func (a *Act) ThirdParty(c *Case) bool {
	known := c.Known()
	return a.Actor.ThirdParty || known != nil && known.ThirdParty
}
