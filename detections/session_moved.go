package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Session moved: a stolen cookie or refresh token goes on with the session of its owner, from another network. A laptop moves too,
// and stays the same device in the same country. The alert hangs on the last act before the move.
var (
	oktaSessionMoved = &Detection{
		Rule: Rule{
			ID: "okta_session_replayed", Name: "Okta session on another device or network", Severity: 73, Points: 35,
			Description: "One Okta session is used from a second network, by another device, in another country or too far away.",
			Covers:      []string{"SE1"}, Techniques: []string{"T1539", "T1550.004"},
			Evidence: "equal externalSessionId, different dtHash, autonomous system or country", Lookalikes: "A laptop that leaves the office: same device, same country.", Tuning: "Declare shared networks as egress.",
		},
		Within: 24 * time.Hour, Find: findSessionMoved(okta),
	}
	entraSessionMoved = &Detection{
		Rule: Rule{
			ID: "entra_session_replayed", Name: "Entra session or token from several addresses", Severity: 73, Points: 35,
			Description: "One Entra session is used from a second network, by another device, in another country or too far away.",
			Covers:      []string{"SE7"}, Techniques: []string{"T1550.001", "T1528"}, NHI: []string{"NHI2:2025"},
			Evidence: "equal sessionId, different address and device", Lookalikes: "A telephone that leaves the house: same device, same country.", Tuning: "Declare shared networks as egress; bind tokens to devices.",
		},
		Within: 24 * time.Hour, Find: findSessionMoved(entraSignIn),
	}
)

func findSessionMoved(dataset string) func(*Case) *Finding {
	return func(c *Case) *Finding {
		a := c.Act
		if a.Dataset != dataset || a.Session == "" || a.Failed || a.Network() == "" || c.egress(a.Addr) {
			return nil
		}
		before := lastOf(c.InSession(lineSpan, func(b *Act) bool {
			return b.Dataset == dataset && !b.Failed && b.Actor.ID == a.Actor.ID && b.Network() != "" && b.Network() != a.Network()
		}))
		if before == nil || c.egress(before.Addr) || c.usualPlace(a.Network(), a.Country()) && c.usualPlace(before.Network(), before.Country()) {
			return nil
		}
		parts := moved(before, a)
		if len(parts) == 0 {
			return nil
		}
		return &Finding{
			Key: a.Session, Evidence: []*Act{before}, Parts: append(parts, newcomer(c)...),
			Reason: fmt.Sprintf("the session of %s went on from %s %s after %s: %s", a.Name, a.Addr, a.Time.Sub(before.Time).Round(time.Second), before.Addr, reasonsOf(parts)),
		}
	}
}

// moved are points for what changed within a session beside the network.
func moved(before, a *Act) []Part {
	var parts []Part
	if before.Device != "" && a.Device != "" && before.Device != a.Device {
		parts = append(parts, Part{"other_device", 25, "another device"})
	}
	if before.Country() != "" && a.Country() != "" && before.Country() != a.Country() {
		parts = append(parts, Part{"other_country", 15, "from " + before.Country() + " to " + a.Country()})
	}
	if s, ok := sighting(before); ok {
		if l, ok := measure(&s, a); ok && l.impossible() {
			parts = append(parts, Part{"too_far", 20, l.String()})
		}
	}
	if len(parts) > 0 && before.Agent != "" && a.Agent != "" && before.Agent != a.Agent {
		parts = append(parts, Part{"other_agent", 5, "another program: " + a.Agent})
	}
	return parts
}

// Several sessions: one person opens sessions from several networks at once. The alert hangs on the first of them.
var oktaManySessions = &Detection{
	Rule: Rule{
		ID: "okta_several_sessions", Name: "Several Okta sessions of one person at once", Severity: 47, Points: 45,
		Description: "Within half an hour one person opens sessions from several networks with several devices.",
		Covers:      []string{"SE1"}, Techniques: []string{"T1539", "T1078.004"},
		Evidence: "user.session.start with different sessions, devices and networks", Lookalikes: "A computer, a telephone and a tablet on the way to work.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: time.Hour, Find: findManySessions,
}

const (
	sessionsWindow = 30 * time.Minute
	sessionsCount  = 3
)

func findManySessions(c *Case) *Finding {
	opens := func(a *Act) bool { return a.Dataset == okta && a.Is(ecs.SignIn) && a.Session != "" }
	if !opens(c.Act) {
		return nil
	}
	before := c.Back(sessionsWindow, opens)
	all := append(before, c.Act)
	n := distinct(all, func(a *Act) string { return a.Session })
	if n < sessionsCount || distinct(all, (*Act).Network) < sessionsCount {
		return nil
	}
	f := &Finding{Evidence: before, Parts: newcomer(c), Reason: fmt.Sprintf("%s opened %d sessions from as many networks within %s", c.Act.Name, n, sessionsWindow)}
	if distinct(all, (*Act).Country) > 1 {
		f.Parts = append(f.Parts, Part{"several_countries", 15, "in several countries"})
	}
	return f
}
