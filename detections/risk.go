package detections

import (
	"fmt"
	"slices"
	"time"
)

// Risk adds up: signals, each too weak to tell anybody, on one identity within hours. Risk fades with a half-life. The alert hangs on the first
// signal that is still remembered.
var riskAddsUp = &Detection{
	Rule: Rule{
		ID: "any_risk_adds_up", Name: "Signals add up on one identity", Severity: 73, Points: 55,
		Description: "Signals below the alert threshold, of several kinds, add up on one identity faster than they fade.",
		Covers:      []string{"XS24"}, Techniques: []string{"T1078"},
		Evidence: "the acts that gave signals", Lookalikes: "An administrator's first week.", Tuning: "Raise the threshold for identities that administer.",
	},
	Within: 24 * time.Hour, Find: findRiskAddsUp, Last: true,
}

const (
	riskLine  = 150.0
	riskKinds = 3 // of signals, and acts that gave them
)

func findRiskAddsUp(c *Case) *Finding {
	if c.Who == nil || c.Who.RiskAtTime(c.Act.Time) < riskLine {
		return nil
	}
	acts := c.Back(lineSpan, func(b *Act) bool { return loudSign(b) != "" })
	kinds := distinct(acts, loudSign)
	for rule := range c.rules.byID {
		if given := c.memory.Sessions.Get(signalsOf(rule, c.ID)).Since(c.Act.Time, lineSpan); len(given) > 0 {
			kinds++
			acts = append(acts, given...)
		}
	}
	slices.SortFunc(acts, byTime)
	acts = slices.CompactFunc(acts, func(a, b *Act) bool { return a.ID == b.ID })
	if kinds < riskKinds || len(acts) < riskKinds {
		return nil
	}
	return &Finding{Evidence: acts, Reason: fmt.Sprintf("the signals on %s add up to a risk of %.0f", c.Act.Name, c.Who.RiskAtTime(c.Act.Time))}
}

// loudSign is the first sign of an act that speaks for itself.
func loudSign(a *Act) string {
	for _, s := range a.Signs {
		if !s.Quiet || s.Foreign {
			return s.ID
		}
	}
	return ""
}

// signalsOf is the key under which the acts are kept for which a detection gave a signal on an identity.
func signalsOf(rule, who string) string { return "signals/" + rule + "/" + who }
