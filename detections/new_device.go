package detections

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// New device: a person signs in with something, from somewhere, that was never seen with them. Alone each of these happens every
// week; together they are what a thief looks like. The alert hangs on the sign-in.
var oktaNewDevice = &Detection{
	Rule: Rule{
		ID: "okta_new_device", Name: "Okta sign-in with a new device, from a new network or country", Severity: 47, Points: 10,
		Description: "A person with settled habits signs in with a device, from a network or country that is new to them.",
		Covers:      []string{"AU7"}, Techniques: []string{"T1078.004"},
		Evidence: "dtHash or device id, autonomous system, country", Lookalikes: "A new laptop, set up with a second factor; a journey.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 12 * time.Hour, Find: findOktaNewDevice,
}

func findOktaNewDevice(c *Case) *Finding {
	a := c.Act
	if a.Dataset != okta || a.Failed || a.Actor.Kind != ecs.Human {
		return nil
	}
	parts := newcomer(c)
	if sumOf(parts) < 15 { // a network alone: trains, hotels, telephones
		return nil
	}
	return &Finding{Parts: append(parts, enrolled(c)...), Reason: a.Name + " signed in to Okta: " + reasonsOf(parts)}
}

// New way in: a person uses an application, device or method that was never seen with them in Entra.
var entraNewWay = &Detection{
	Rule: Rule{
		ID: "entra_new_way_in", Name: "Entra sign-in with a new application, device or method", Severity: 47, Points: 5,
		Description: "A person with settled habits signs in with an application, device or method that is new to them, from a new place.",
		Covers:      []string{"AU21"}, Techniques: []string{"T1078.004"},
		Evidence: "appId, deviceId, authenticationMethod, autonomous system", Lookalikes: "A new laptop; a new product rolled out.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 12 * time.Hour, Find: findEntraNewWay,
}

func findEntraNewWay(c *Case) *Finding {
	a := c.Act
	if a.Dataset != entraSignIn || a.Failed || a.Actor.Kind != ecs.Human {
		return nil
	}
	parts := newcomer(c)
	if c.Novelty(operations, a.Operation) == identity.New {
		parts = append(parts, Part{"new_application", 10, "the application is new to the identity"})
	}
	if c.Novelty(methods, a.Method) == identity.New {
		parts = append(parts, Part{"new_method", 15, "the method is new to the identity: " + a.Method})
	}
	if len(parts) < 2 {
		return nil
	}
	return &Finding{Parts: append(parts, enrolled(c)...), Reason: a.Name + " signed in to Entra: " + reasonsOf(parts)}
}

// Odd hour: a person signs in when they never do. The alert hangs on the sign-in.
var anyOddHour = &Detection{
	Rule: Rule{
		ID: "any_odd_hour_sign_in", Name: "Sign-in at hours the person never works", Severity: 21, Points: 20,
		Description: "A person signs in at an hour of the week that is not one of theirs.",
		Covers:      []string{"AU8"}, Techniques: []string{"T1078"},
		Evidence: "the hours of the week that were seen before", Lookalikes: "An emergency; a journey to another time zone.", Tuning: "Declare business hours.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 12 * time.Hour, Find: findOddHour,
}

func findOddHour(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Actor.Kind != ecs.Human || a.Dataset != okta && a.Dataset != entraSignIn {
		return nil
	}
	if c.UsualHour() != identity.New && !c.offHours() {
		return nil
	}
	return &Finding{Parts: newcomer(c), Reason: a.Name + " signed in on " + a.Time.UTC().Format("Monday at 15:04") + " UTC, which is none of their hours"}
}

// offHours reports whether it is outside the declared business hours, for an identity whose own are not known yet.
func (c *Case) offHours() bool {
	inside, declared := c.Context.Business(c.Act.Time)
	return declared && !inside && c.UsualHour() == identity.Unknown
}

// Proxy: a sign-in comes through an anonymiser. People who always do are left alone. The alert hangs on the sign-in.
var oktaProxy = &Detection{
	Rule: Rule{
		ID: "okta_proxy_sign_in", Name: "Okta sign-in through an anonymiser", Severity: 47, Points: 40,
		Description: "A person signs in through a proxy that hides where they are, and is not known to.",
		Covers:      []string{"AU5"}, Techniques: []string{"T1090.003"},
		Evidence: "securityContext.isProxy", Lookalikes: "A browser's private relay; a hotel.", Tuning: "Declare a proxy of your own as egress.",
	},
	Signs: []string{oktaProxySign}, Within: 12 * time.Hour, Find: findProxy,
}

func findProxy(c *Case) *Finding {
	if c.egress(c.Act.Addr) || c.usualPlace(c.Act.Network(), c.Act.Country()) {
		return nil
	}
	return &Finding{Parts: newcomer(c), Reason: c.Act.Name + " came to Okta through a proxy: " + addressOf(c.Act)}
}

// New provider: somebody signs in by the word of an identity provider that nobody ever came by. The alert hangs on the sign-in.
var oktaNewProvider = &Detection{
	Rule: Rule{
		ID: "okta_new_provider_sign_in", Name: "Okta sign-in by a provider never seen", Severity: 73, Points: 55,
		Description: "An identity provider that vouched for nobody until now vouches for somebody.",
		Covers:      []string{"AU10"}, Techniques: []string{"T1199", "T1556.007"}, NHI: []string{"NHI3:2025"},
		Evidence: "authenticationContext.issuer of auth_via_IDP", Lookalikes: "A provider that was added on purpose.", Tuning: "Declare a maintenance window.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 24 * time.Hour, Find: findNewProvider,
}

func findNewProvider(c *Case) *Finding {
	a := c.Act
	if a.Dataset != okta || a.Failed || c.NewIssuer() != identity.New {
		return nil
	}
	return &Finding{Key: a.Issuer, Wide: true, Parts: newcomer(c), Reason: a.Name + " was signed in by provider " + strings.TrimSpace(a.Issuer) + ", which never vouched for anybody"}
}

// methods are an identity's ways of proving who it is.
func methods(p *identity.Profile) *identity.Habit { return &p.Methods }
