package detections

import (
	"fmt"
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Theft on the host, then the way in: an endpoint product sees credentials taken on somebody's machine; then a factor of that person is
// set up, changed or removed, and somebody signs in. Each log alone shows a support call. The alert hangs on the theft.
var theftThenSignIn = &Detection{
	Rule: Rule{
		ID: "any_theft_then_sign_in", Name: "Credentials taken on the host, factor changed, signed in", Severity: 99, Points: 70, Chain: true,
		Description: "An endpoint alert about credential theft on a person's host, a change of that person's factors, then a sign-in, within twelve hours.",
		Covers:      []string{"XS3"}, Techniques: []string{"T1556.006", "T1078.004"},
		Evidence: "the endpoint's alert, the factor, the sign-in", Lookalikes: "A new laptop: no theft was seen on the old one. A red team: declare its window.",
		Tuning: "Name accounts of hosts (ecs:user/<domain>\\<name>) among the names of the person in the context file, where documents have no e-mail address.",
	},
	On: []ecs.Activity{ecs.SignIn, ecs.SSO, ecs.MFAApproved}, Within: 12 * time.Hour, Find: findTheftThenSignIn,
}

const theftSpan = 12 * time.Hour

func findTheftThenSignIn(c *Case) *Finding {
	a := c.Act
	if a.Failed || a.Dataset == ecsContext || c.Machine() {
		return nil
	}
	changed := lastOf(c.factorsChanged(theftSpan))
	if changed == nil {
		return nil
	}
	theft := c.theftBefore(changed.Time)
	if theft == nil || theft.Time.Before(a.Time.Add(-theftSpan)) {
		return nil
	}
	f := &Finding{Evidence: []*Act{theft, changed}, Parts: append(strangeness(c), spansSources([]*Act{theft, a})...)}
	f.Reason = fmt.Sprintf("%s: %s, then %s, and a sign-in %s after the theft", a.Name, ecs.FirstOf(theft.Why, theft.Action), changed.Action, agoText(c, theft.Time))
	return f
}

// factorsChanged are changes of the identity's factors within d, by itself or by somebody else, oldest first.
func (c *Case) factorsChanged(d time.Duration) []*Act {
	change := func(b *Act) bool { return b.Is(ecs.MFAEnroll, ecs.MFARemove) }
	own := c.Back(d, func(b *Act) bool { return change(b) && (b.TargetID == "" || c.Same(b.TargetID, c.ID)) })
	for _, b := range c.Done(c.ID, d, change) {
		if !c.Same(b.Actor.ID, c.ID) {
			own = append(own, b)
		}
	}
	slices.SortFunc(own, byTime)
	return own
}

// theftBefore is the last theft before a time on the identity itself, or on a host where it was at work.
func (c *Case) theftBefore(at time.Time) *Act {
	theft := func(b *Act) bool { return b.Has(ecsTheft) && b.Time.Before(at) }
	found := c.Back(theftSpan, theft)
	for _, host := range c.hosts() {
		found = append(found, pick(c.memory.Sessions.Get(host).Since(c.Act.Time, theftSpan), theft)...)
	}
	slices.SortFunc(found, byTime)
	return lastOf(found)
}

// hosts are those where the identity was seen by other products within a day.
func (c *Case) hosts() []string {
	var hosts []string
	for _, b := range c.Back(lineSpan, func(b *Act) bool { return b.Dataset == ecsContext && b.Topic != "" }) {
		hosts = ecs.Add(hosts, b.Topic)
	}
	return hosts
}

// Proxy, then an alert: whoever hides where he is from, and then gives reason for another alert, hides for a reason. The alert hangs on the sign-in.
var proxyThenAlert = &Detection{
	Rule: Rule{
		ID: "okta_proxy_then_alert", Name: "Sign-in through a proxy, then another alert", Severity: 73, Points: 60, Chain: true,
		Description: "A sign-in through a proxy or anonymiser is followed within half an hour by any other alert on the same person, ours or another product's.",
		Covers:      []string{"XS2"}, Techniques: []string{"T1078.004", "T1090.003"},
		Evidence: "the sign-in, and what the other alert stands on", Lookalikes: "A person whose way always is a proxy: the network is one's own.", Tuning: "Declare the house's own proxies as networks of kind egress.",
	},
	Within: time.Hour, Find: findProxyThenAlert, Last: true,
}

const proxyThenWithin = 30 * time.Minute

func findProxyThenAlert(c *Case) *Finding {
	other := c.otherAlert()
	if other == nil && !c.Act.Has(ecsAlert) {
		return nil
	}
	proxied := c.Back(proxyThenWithin, func(b *Act) bool { return b.Has(oktaProxySign) && !b.Failed && !c.egress(b.Addr) })
	if len(proxied) == 0 {
		return nil
	}
	in, what := proxied[0], c.Act.Action
	f := &Finding{Evidence: []*Act{in}}
	if other != nil {
		what = other.Rule.Name
		for _, e := range other.Evidence {
			if e.ID != in.ID && e.ID != c.Act.ID {
				f.Evidence = append(f.Evidence, e)
			}
		}
	}
	if first := networkSince(c, in.Network()); !first.IsZero() && in.Time.Sub(first) > 7*24*time.Hour {
		f.Parts = append(f.Parts, Part{"own_proxy", -25, "the person has come by this network for more than a week"})
	}
	f.Reason = fmt.Sprintf("%s signed in through a proxy, and %s later: %s", in.Name, agoText(c, in.Time), what)
	return f
}

// otherAlert is an alert that the act just raised, and that is neither about the proxy itself nor a story of its own.
func (c *Case) otherAlert() *Alert {
	for _, a := range c.Raised {
		if !a.Signal && !a.Rule.Chain && a.Rule.ID != "okta_proxy_sign_in" {
			return a
		}
	}
	return nil
}

// networkSince is when the identity first came from a network.
func networkSince(c *Case, network string) time.Time {
	if c.Who == nil {
		return time.Time{}
	}
	if first := c.Who.Networks.First(network); first != 0 {
		return time.Unix(0, first)
	}
	return time.Time{}
}

// Leaked and left: a scanner finds one of our keys in a repository, and within the hour nobody quarantines, disables or deletes it. That nothing
// happened is told by no record; the engine asks when the hour is over. The alert hangs on the finding.
var leakNotQuarantined = &Detection{
	Rule: Rule{
		ID: "aws_leaked_key_not_quarantined", Name: "Key found in a repository and not quarantined", Severity: 73, Points: 60,
		Description: "A scanner reports an AWS key in a repository, and an hour later it is neither quarantined by AWS, nor disabled, deleted or resolved.",
		Covers:      []string{"XS6"}, Techniques: []string{"T1552.001"}, NHI: []string{"NHI2:2025", "NHI7:2025"},
		Evidence: "the scanner's document; no AWSCompromisedKeyQuarantine, UpdateAccessKey or DeleteAccessKey after it", Lookalikes: "An example key: resolved as no secret.",
		Tuning: "Read CloudTrail of the account that the key belongs to; resolve findings that are none.",
	},
	Signs: []string{ecsSecretFound}, After: leakPatience, Within: 24 * time.Hour, Find: findLeakNotQuarantined,
}

// leakPatience is how long somebody has for taking a leaked key out of use.
const leakPatience = time.Hour

// quarantines is the line of all acts by which AWS quarantined a key.
const quarantines = "quarantine"

func findLeakNotQuarantined(c *Case) *Finding {
	a := c.Act
	since := c.Now.Sub(a.Time)
	early := since + time.Hour // AWS may be faster than the scanner
	resolved := pick(c.memory.Sessions.Get(a.Topic).Since(c.Now, since), func(b *Act) bool { return b.Has(ecsSecretOver) })
	if len(resolved) > 0 || c.quarantined(a.Object, early) {
		return nil
	}
	f := &Finding{Key: a.Topic, Reason: fmt.Sprintf("a key found in %s was neither quarantined nor disabled within %s", a.Target, leakPatience)}
	k := c.Credential(a.Object)
	switch {
	case k != nil && k.LastUse.After(a.Time):
		f.Parts = append(f.Parts, Part{"used_since", 20, "the key has been used since"})
	case k != nil:
		f.Parts = append(f.Parts, Part{"ours", 10, "the key is one that works here"})
	}
	return f
}

// quarantined reports whether a key, or its owner, was taken out of use within d; any key of ours, where the finding does not say which.
func (c *Case) quarantined(key string, d time.Duration) bool {
	acts := pick(c.memory.Sessions.Get(quarantines).Since(c.Now, d), func(*Act) bool { return true })
	if key == "" {
		return len(acts) > 0
	}
	k := c.Credential(key)
	if k != nil && !k.Ended.IsZero() {
		return true
	}
	owner := c.memory.Graph.Find(keyPrefix + key)
	known := owner != keyPrefix+key
	if k != nil && k.Owner != "" {
		owner, known = c.memory.Graph.Find(identity.Fold(k.Owner)), true
	}
	for i := range acts {
		if !known || c.Same(acts[i].TargetID, owner) {
			return true
		}
	}
	return false
}
