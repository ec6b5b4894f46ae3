package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Risks together: Microsoft sees several things at once, each of which may be nothing. The alert hangs on the first report.
var entraRisks = &Detection{
	Rule: Rule{
		ID: "entra_risks_together", Name: "Entra reports several risks at once", Severity: 73, Points: 60, Chain: true,
		Description: "Identity Protection reports several risks of one identity within minutes.",
		Covers:      []string{"AU17"}, Techniques: []string{"T1078.004"},
		Evidence: "the reports", Lookalikes: "A traveller behind a proxy.",
	},
	On: []ecs.Activity{ecs.RiskReport}, Within: time.Hour, Find: findRisks,
}

const (
	risksWindow = 10 * time.Minute
	risksCount  = 3
)

func findRisks(c *Case) *Finding {
	tells := func(a *Act) bool { return a.Dataset == entraRisk && len(a.Signs) > 0 }
	if !tells(c.Act) {
		return nil
	}
	before := c.Back(risksWindow, tells)
	all := append(before, c.Act)
	if len(all) < risksCount {
		return nil
	}
	return &Finding{Evidence: before, Reason: fmt.Sprintf("%d risks of %s within %s", len(all), c.Act.Name, risksWindow)}
}

// Old protocol: a protocol that knows no second factor, or an application that asks for the password itself, is used by somebody
// who never did. The alert hangs on the sign-in.
var entraOldProtocol = &Detection{
	Rule: Rule{
		ID: "entra_legacy_protocol", Name: "Entra sign-in past the second factor by a legacy protocol", Severity: 47, Points: 35,
		Description: "Somebody signs in by a protocol or a password grant that cannot ask for a second factor.",
		Covers:      []string{"AU18"}, Techniques: []string{"T1078.004", "T1550.001"}, NHI: []string{"NHI4:2025", "NHI10:2025"},
		Evidence: "clientAppUsed, authenticationProtocol ropc", Lookalikes: "A printer that sends mail: always the same.", Tuning: "Block legacy protocols by a policy.",
	},
	Signs: []string{entraLegacy}, Within: 12 * time.Hour, Find: findOldProtocol,
}

func findOldProtocol(c *Case) *Finding {
	f := &Finding{Key: c.Act.Method, Parts: newcomer(c), Reason: c.Act.Name + " signed in to Entra by " + c.Act.Method}
	switch c.Novelty(methods, c.Act.Method) {
	case identity.New:
		f.Parts = append(f.Parts, Part{"new_method", 20, "which the identity never used"})
	case identity.Known:
		if len(f.Parts) == 0 {
			return nil
		}
	}
	return f
}

// Device code: the victim types a code that somebody sent them, and signs that somebody in. Nobody steals a password. The alert
// hangs on the sign-in.
var entraCodePhish = &Detection{
	Rule: Rule{
		ID: "entra_device_code", Name: "Entra sign-in by device code", Severity: 73, Points: 30,
		Description: "A sign-in by device code of somebody who never used one, for the broker, or whose token then works elsewhere.",
		Covers:      []string{"AU19"}, Techniques: []string{"T1566.002", "T1528"},
		Evidence: "authenticationProtocol deviceCode, and the session's other addresses", Lookalikes: "Engineers with command lines; conference rooms.", Tuning: "Block the flow by a policy for those who need it not.",
	},
	Signs: []string{entraDeviceCode}, Within: 12 * time.Hour, Find: findCodePhish,
}

func findCodePhish(c *Case) *Finding {
	a := c.Act
	var parts []Part
	if c.Novelty(methods, "deviceCode") == identity.New {
		parts = append(parts, Part{"new_method", 15, "the identity never used a device code"})
	}
	if len(a.App) >= len(brokerClient) && a.App[:len(brokerClient)] == brokerClient {
		parts = append(parts, Part{"broker", 20, "for the broker, whose tokens register devices"})
	}
	elsewhere := c.InSession(lineSpan, func(b *Act) bool { return b.Network() != "" && b.Network() != a.Network() && a.Network() != "" })
	if len(elsewhere) > 0 && !c.egress(a.Addr) {
		elsewhere = elsewhere[len(elsewhere)-1:]
		parts = append(parts, Part{"two_places", 25, "the session works from two networks"})
	}
	if len(parts) == 0 && c.own(methods, "deviceCode") {
		return nil
	}
	return &Finding{Evidence: elsewhere, Parts: append(parts, newcomer(c)...), Reason: a.Name + " signed in to " + a.Operation + " by device code"}
}

// Attack tool: a program calls itself as attackers' tools do. A name decides nothing: it weighs with what else is strange. The
// alert hangs on the sign-in.
var entraAttackTool = &Detection{
	Rule: Rule{
		ID: "entra_attack_tool", Name: "Entra sign-in by a tool that attackers bring", Severity: 47, Points: 30,
		Description: "The program that signs in calls itself as a known tool does.",
		Covers:      []string{"AU20"}, Techniques: []string{"T1087.004", "T1528"},
		Evidence: "user agent, with what is new about the sign-in", Lookalikes: "A script of one's own; a test that was ordered.", Tuning: "Declare windows for tests.",
	},
	Signs: []string{entraTool}, Within: 12 * time.Hour, Find: findAttackTool,
}

func findAttackTool(c *Case) *Finding {
	f := &Finding{Parts: newcomer(c), Reason: c.Act.Name + " signed in to " + c.Act.Operation + " by a program that calls itself " + c.Act.Agent}
	if c.Act.Actor.Kind == ecs.Human && !c.Act.Failed && c.Act.Device == "" {
		f.Parts = append(f.Parts, Part{"no_device", 10, "with no device that Entra knows"})
	}
	if c.Novelty(apps, c.Act.App) == identity.New {
		f.Parts = append(f.Parts, Part{"new_client", 10, "with a client and resource new to the identity"})
	}
	return f
}
