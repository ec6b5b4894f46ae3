package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Guessing at the console: many wrong passwords on one user, or one address that tries many users. The alert hangs on the
// first failure that counts; a success is another detection's business.
var awsFailedLogins = &Detection{
	Rule: Rule{
		ID: "aws_failed_console_logins", Name: "AWS console passwords guessed", Severity: 47, Points: 65,
		Description: "Console sign-ins fail again and again for one user, for root, or for many users from one address.",
		Covers:      []string{"AU23"}, Techniques: []string{"T1110.001", "T1110.003"},
		Evidence: "ConsoleLogin Failure", Lookalikes: "A person after a password change; an office behind one address: its users fail seldom and on different days.",
		Tuning: "Declare shared networks as egress.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: time.Hour, Find: findFailedLogins,
}

const (
	consoleGuessWindow = 15 * time.Minute
	consoleGuesses     = 5
	consoleGuessesRoot = 3
	consoleUsersTried  = 4
	consoleHiddenNames = 10 // failures that do not tell whose name was tried
)

func findFailedLogins(c *Case) *Finding {
	if !isFailedLogin(c.Act) {
		return nil
	}
	if f := manyUsers(c); f != nil {
		return f
	}
	failures := c.Back(consoleGuessWindow, isFailedLogin)
	need, parts := consoleGuesses, []Part(nil)
	if c.Act.Actor.Kind == ecs.Root {
		need = consoleGuessesRoot
	}
	if c.ID == "" || len(failures)+1 < need {
		return nil
	}
	parts = append(parts, Part{"tries", min(len(failures), 30), "so many tries"})
	return &Finding{Evidence: failures, Parts: parts, Reason: fmt.Sprintf("at least %d console sign-ins of %s failed within %s", len(failures)+1, c.Act.Name, span(consoleGuessWindow))}
}

// manyUsers looks at all that came from the address, whoever it claimed to be.
func manyUsers(c *Case) *Finding {
	failures := c.From(consoleGuessWindow, isFailedLogin)
	users := distinct(append(failures, c.Act), func(a *Act) string { return a.Actor.ID })
	if users < consoleUsersTried && len(failures)+1 < consoleHiddenNames {
		return nil
	}
	if network := c.Context.NetworkOf(c.Act.Addr); network != nil && network.Kind == "egress" && users < 2*consoleUsersTried {
		return nil
	}
	return &Finding{
		Key: "address " + c.Act.Addr.String(), Evidence: failures, Parts: []Part{{"many_users", 15, "one address tries many users"}},
		Reason: fmt.Sprintf("at least %d console sign-ins for %d users failed from %s within %s", len(failures)+1, max(users, 1), c.Act.Addr, span(consoleGuessWindow)),
	}
}

// isFailedLogin: the tries are all there is. The points taken off for what was refused are in the rule's own.
func isFailedLogin(a *Act) bool {
	return a.Failed && a.Dataset == cloudtrail && a.Activity == ecs.SignIn
}
