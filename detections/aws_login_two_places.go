package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Two places at once: one user signs in at the console from two countries within hours. The alert hangs on the first of the
// two sign-ins, which may be the thief's as well as the owner's.
var awsLoginTwoPlaces = &Detection{
	Rule: Rule{
		ID: "aws_console_from_two_countries", Name: "AWS console sign-ins from two countries", Severity: 47, Points: 50,
		Description: "One user signs in at the AWS console from different countries within a few hours.",
		Covers:      []string{"AU25"}, Techniques: []string{"T1078.004"},
		Evidence: "ConsoleLogin Success and the places of its addresses", Lookalikes: "A traveller, a phone network that leaves in another country, a private network with several exits.",
		Tuning: "Declare the house's networks.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: placesWindow, Find: findLoginTwoPlaces,
}

const placesWindow = 4 * time.Hour

func findLoginTwoPlaces(c *Case) *Finding {
	a := c.Act
	if !isConsoleLogin(a) || a.Country() == "" || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	other := c.Back(placesWindow, func(b *Act) bool {
		return isConsoleLogin(b) && b.Country() != "" && b.Country() != a.Country() && c.Context.NetworkOf(b.Addr) == nil
	})
	if len(other) == 0 {
		return nil
	}
	f := &Finding{Evidence: other, Reason: a.Name + " signed in at the AWS console from " + other[0].Country() + " and from " + a.Country() + " within " + span(placesWindow)}
	if c.isNew(countries, a.Country()) {
		f.Parts = append(f.Parts, Part{"new_country", 15, "the country is new to the user"})
	}
	return f
}

func isConsoleLogin(a *Act) bool { return a.Operation == "signin:ConsoleLogin" && !a.Failed }
