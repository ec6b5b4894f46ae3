package detections

import (
	"fmt"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Trying doors: a session is used to try application after application. The alert hangs on the first refusal.
var oktaDenied = &Detection{
	Rule: Rule{
		ID: "okta_denied_applications", Name: "Okta refuses application after application", Severity: 47, Points: 65,
		Description: "One identity is refused by several applications, or again and again by one, within the hour.",
		Covers:      []string{"AU11"}, Techniques: []string{"T1550.004"},
		Evidence: "app.generic.unauth_app_access_attempt, policy.evaluate_sign_on DENY, user.authentication.sso FAILURE", Lookalikes: "A bookmark of an application that was taken away.",
	},
	On: []ecs.Activity{ecs.PolicyDecision, ecs.SSO}, Within: time.Hour, Find: findDenied,
}

const (
	refusedWindow = time.Hour
	refusedApps   = 5
)

func findDenied(c *Case) *Finding {
	if !isDeniedApp(c.Act) {
		return nil
	}
	before := c.Back(refusedWindow, isDeniedApp)
	all := append(before, c.Act)
	n := rows(all)
	if n < refusedApps {
		return nil
	}
	f := &Finding{Evidence: before, Parts: newcomer(c), Reason: fmt.Sprintf("%s was refused %d times by applications within %s", c.Act.Name, n, refusedWindow)}
	if distinct(all, appOf) == 1 {
		f.Parts = append(f.Parts, Part{"one_application", -15, "always by the same application"})
	}
	return f
}

func isDeniedApp(a *Act) bool {
	return a.Dataset == okta && a.Failed && (a.Activity == ecs.PolicyDecision || a.Activity == ecs.SSO)
}

// appOf names the application that an act is about.
func appOf(a *Act) string { return ecs.FirstOf(a.Resource, a.Target) }

// Many doors: a session opens everything there is within a minute. People open what they work with. The alert hangs on the first.
var oktaManyApps = &Detection{
	Rule: Rule{
		ID: "okta_many_applications", Name: "Many applications opened at once through Okta", Severity: 47, Points: 45,
		Description: "One identity opens many different applications within a minute.",
		Covers:      []string{"AU11"}, Techniques: []string{"T1550.004", "T1538"},
		Evidence: "user.authentication.sso", Lookalikes: "A browser that opens yesterday's tabs: at home, with the own device.",
	},
	On: []ecs.Activity{ecs.SSO}, Within: time.Hour, Find: findManyApps,
}

const (
	manyAppsWindow = time.Minute
	manyAppsCount  = 7
)

func findManyApps(c *Case) *Finding {
	opens := func(a *Act) bool { return a.Dataset == okta && a.Is(ecs.SSO) }
	if !opens(c.Act) {
		return nil
	}
	if len(c.Recent(manyAppsWindow))+1 < manyAppsCount {
		return nil
	}
	before := c.Back(manyAppsWindow, opens)
	n := distinct(append(before, c.Act), appOf)
	if n < manyAppsCount {
		return nil
	}
	f := &Finding{Evidence: before, Parts: append(atHome(c), newcomer(c)...), Reason: fmt.Sprintf("%s opened %d applications within %s", c.Act.Name, n, manyAppsWindow)}
	if c.Act.Has(oktaProxySign) {
		f.Parts = append(f.Parts, Part{"proxy", 10, "through a proxy"})
	}
	return f
}
