package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Push answered elsewhere: the prompt was asked for from one place and answered for another. The person holds the phone; somebody
// else waits at the door. The alert hangs on the prompt.
var oktaPushElsewhere = &Detection{
	Rule: Rule{
		ID: "okta_push_answered_elsewhere", Name: "Okta push asked for in one place and answered in another", Severity: 73, Points: 35,
		Description: "A push prompt was asked for from one network and answered from another one, in another country or too far away.",
		Covers:      []string{"MF3"}, Techniques: []string{"T1621"},
		Evidence: "system.push.send_factor_verify_push and auth_via_mfa of one session, with their addresses", Lookalikes: "A phone on the mobile network beside a computer on the wire: same country.",
	},
	On: []ecs.Activity{ecs.MFAApproved, ecs.MFARefused}, Within: time.Hour, Find: findPushElsewhere,
}

const answerWindow = 5 * time.Minute

func findPushElsewhere(c *Case) *Finding {
	a := c.Act
	if a.Dataset != okta || !isPush(a) || !a.Addr.IsValid() {
		return nil
	}
	asked := lastOf(c.Back(answerWindow, func(b *Act) bool { return b.Dataset == okta && b.Activity == ecs.MFAPrompt && b.Addr.IsValid() }))
	if asked == nil || asked.Network() == a.Network() || c.egress(asked.Addr) || c.egress(a.Addr) || c.answered(asked) {
		return nil
	}
	f := &Finding{Evidence: []*Act{asked}}
	f.Reason = fmt.Sprintf("a push to %s was asked for from %s and answered from %s", a.Name, asked.Addr, a.Addr)
	if asked.Country() != a.Country() && asked.Country() != "" && a.Country() != "" {
		f.Parts = append(f.Parts, Part{"other_country", 20, "from " + asked.Country() + " and " + a.Country()})
	}
	if s, ok := sighting(asked); ok {
		if l, ok := measure(&s, a); ok && l.KM >= nearbyKM {
			f.Parts = append(f.Parts, Part{"far_apart", 10, fmt.Sprintf("%.0f km apart", l.KM)})
		}
	}
	at := *c
	at.Act = asked
	if at.Novelty(networks, asked.Network()) == identity.New {
		f.Parts = append(f.Parts, Part{"asked_from_new_network", 10, "the network it was asked for from is new to the identity"})
	}
	return f
}

// answered reports whether a prompt has had its answer before.
func (c *Case) answered(asked *Act) bool {
	return len(c.Back(answerWindow, func(b *Act) bool {
		return b.Dataset == okta && isPush(b) && (b.Activity == ecs.MFAApproved || b.Activity == ecs.MFARefused) && b.Time.After(asked.Time)
	})) > 0
}
