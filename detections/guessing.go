package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Guessing: somebody tries passwords on one account. The alert hangs on the first failure of the series, so that a row that
// arrives late only adds to it.
var anyGuessing = &Detection{
	Rule: Rule{
		ID: "any_password_guessing", Name: "Many failed sign-ins on one account", Severity: 47, Points: 65,
		Description: "The password or secret of one account is tried again and again within the hour.",
		Covers:      []string{"AU1", "AU14"}, Techniques: []string{"T1110.001"},
		Evidence: "failed sign-ins of one identity", Lookalikes: "A phone or a job that still has the old password: always the same device or network.",
		Tuning: "Networks of kind egress; an identity's own networks and devices are learned.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 3 * time.Hour, Find: findGuessing,
}

const (
	guessWindow = time.Hour
	guessCount  = 8
)

func findGuessing(c *Case) *Finding {
	if !isGuess(c.Act) || c.Act.Dataset == cloudtrail { // AWS has thresholds of its own
		return nil
	}
	before := c.Back(guessWindow, isGuess)
	all := append(before, c.Act)
	n := rows(all)
	if n < guessCount {
		return nil
	}
	f := &Finding{Evidence: before, Parts: atHome(c), Reason: fmt.Sprintf("%d failed sign-ins of %s within %s", n, c.Act.Name, guessWindow)}
	if from := distinct(all, addressOf); from >= 3 {
		f.Parts = append(f.Parts, Part{"many_addresses", 10, fmt.Sprintf("from %d addresses", from)})
	}
	return f
}

// isGuess reports whether a sign-in failed for its password or secret, and not because more was asked for.
func isGuess(a *Act) bool {
	if !a.Failed || a.Activity != ecs.SignIn || a.Dataset == vault {
		return false
	}
	return a.Dataset != entraSignIn || wrongSecret[a.Why]
}

// wrongSecret are Entra's errors for a wrong password, user or secret, and for the lock that follows.
// https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
var wrongSecret = map[string]bool{
	"50126": true, "50053": true, "50034": true, "50056": true, "50064": true, "50128": true, "50059": true, "50057": true,
	"50055": false, "7000215": true, "7000222": true, "700027": true, "81016": true, "120000": true, "120002": true, "50020": true,
}

func addressOf(a *Act) string {
	if !a.Addr.IsValid() {
		return ""
	}
	return a.Addr.String()
}

// Lock-outs: many accounts lock within half an hour, whoever tries and from wherever. The alert hangs on the first lock.
var anyLockouts = &Detection{
	Rule: Rule{
		ID: "any_many_lockouts", Name: "Many accounts locked at once", Severity: 73, Points: 75,
		Description: "Accounts of many people lock within half an hour: a spray that does not mind being seen, or one that comes from many addresses.",
		Covers:      []string{"AU14", "AU1"}, Techniques: []string{"T1110.003"},
		Evidence: "user.account.lock; error 50053", Lookalikes: "A directory that does not answer.",
	},
	On: []ecs.Activity{ecs.SignIn, ecs.IdentityDisable}, Within: 3 * time.Hour, Find: findLockouts,
}

const (
	lockWindow = 30 * time.Minute
	lockCount  = 5
)

func findLockouts(c *Case) *Finding {
	if c.Act.Topic != "locked/okta" && c.Act.Topic != "locked/entra" {
		return nil
	}
	before := c.About(lockWindow, func(*Act) bool { return true })
	n := distinct(append(before, c.Act), lockedOf)
	if n < lockCount {
		return nil
	}
	return &Finding{Evidence: before, Wide: true, Key: c.Act.Topic, Reason: fmt.Sprintf("%d accounts locked within %s", n, lockWindow)}
}

// lockedOf is whose account a lock is about: Okta lets the account itself or the system tell.
func lockedOf(a *Act) string { return ecs.FirstOf(a.TargetID, a.Actor.ID) }
