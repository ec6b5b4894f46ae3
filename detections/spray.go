package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Spray: one address, or one browser that changes addresses, tries one or a few passwords on many accounts. No account sees
// enough of it. There is one alert for each address or browser; it hangs on the first failure.
var anySpray = &Detection{
	Rule: Rule{
		ID: "any_password_spray", Name: "One address tries many accounts", Severity: 73, Points: 75,
		Description: "Sign-ins of many different accounts fail from one address or device within the hour.",
		Covers:      []string{"AU2"}, Techniques: []string{"T1110.003", "T1110.004"},
		Evidence: "failed sign-ins with one source.ip or one dtHash", Lookalikes: "An office of many people on a Monday morning: most of them get in.",
		Tuning: "Declare shared networks as egress.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 3 * time.Hour, Find: findSpray,
}

const (
	sprayWindow = time.Hour
	sprayCount  = 8
	sprayShared = 20 // from a network that is declared to be many people's
)

func findSpray(c *Case) *Finding {
	if !isGuess(c.Act) || c.Act.Dataset == cloudtrail {
		return nil
	}
	if f := spray(c, c.About(sprayWindow, isGuess), "device "+c.Act.Device, sprayCount); f != nil {
		return f
	}
	need := sprayCount
	if c.egress(c.Act.Addr) {
		need = sprayShared
	}
	f := spray(c, c.From(sprayWindow, isGuess), "address "+addressOf(c.Act), need)
	if f == nil || len(c.gotIn()) >= len(f.Evidence) {
		return nil
	}
	return f
}

// spray makes a finding of failures that have something in common.
func spray(c *Case, failed []*Act, what string, need int) *Finding {
	if n := distinct(append(failed, c.Act), actorOf); n >= need {
		return &Finding{Evidence: failed, Wide: true, Key: what, Reason: fmt.Sprintf("%d accounts tried from %s within %s", n, what, sprayWindow)}
	}
	return nil
}

// gotIn lists the sign-ins that succeeded from the same address of late.
func (c *Case) gotIn() []*Act {
	return c.From(sprayWindow, func(a *Act) bool { return a.Is(ecs.SignIn) })
}

// Guessed: a sign-in succeeds on an account, or from an address, that was just trying passwords. The alert hangs on the first of
// the failures.
var anyGuessed = &Detection{
	Rule: Rule{
		ID: "any_guessed_password", Name: "Sign-in after guessing", Severity: 73, Points: 65, Chain: true,
		Description: "A sign-in succeeds on an account whose password was tried again and again, or from an address that tried many accounts.",
		Covers:      []string{"AU3"}, Techniques: []string{"T1110", "T1078.004"},
		Evidence: "failures, then a success", Lookalikes: "Somebody who has forgotten a password: at home, with the own device.",
		Tuning: "Declare shared networks as egress.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: time.Hour, Find: findGuessed,
}

const (
	guessedWindow = 15 * time.Minute
	guessedCount  = 5
)

func findGuessed(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Dataset == vault {
		return nil
	}
	failed := c.Back(guessedWindow, isGuess)
	if n := rows(failed); n >= guessedCount {
		return &Finding{
			Evidence: failed, Parts: append(atHome(c), newcomer(c)...),
			Reason: fmt.Sprintf("%s signed in after %d failed tries within %s", a.Name, n, guessedWindow),
		}
	}
	sprayed := c.From(sprayWindow, isGuess)
	n := distinct(sprayed, actorOf)
	if n < sprayCount || c.egress(a.Addr) || len(c.gotIn()) >= len(sprayed) {
		return nil
	}
	return &Finding{
		Evidence: sprayed, Parts: newcomer(c),
		Reason: fmt.Sprintf("%s signed in from %s, which had tried %d accounts", a.Name, addressOf(a), n),
	}
}
