package detections

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A CI run elsewhere: credentials that a run of a CI system got are good for an hour and for its runner alone. Used from
// another network they were carried away. The alert hangs on the call that issued them.
var awsCIElsewhere = &Detection{
	Rule: Rule{
		ID: "aws_ci_credentials_elsewhere", Name: "AWS credentials of a CI run used elsewhere", Severity: 73, Points: 60,
		Description: "Credentials issued to a run of a CI system are used from another network than the run's.",
		Covers:      []string{"NH10"}, Techniques: []string{"T1078.004", "T1199"}, NHI: []string{"NHI2:2025", "NHI3:2025"},
		Evidence: "AssumeRoleWithWebIdentity and the use of its key from another network", Lookalikes: "Own runners that go out by several networks: learned as their habit.",
		Tuning: "Declare the runners' networks.",
	},
	Within: time.Hour, Find: findCIElsewhere,
}

func findCIElsewhere(c *Case) *Finding {
	a := c.Act
	if a.Dataset != cloudtrail || a.Via != "" || !isTemporary(a) || !isCI(a) || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	k, here := c.Credential(a.Credential), a.Network()
	if k == nil || here == "" || k.MadeNetwork == "" || k.MadeNetwork == here {
		return nil
	}
	f := &Finding{Key: a.Credential, Evidence: []*Act{k.MadeDoc}, Reason: fmt.Sprintf("credentials of the CI run %s, issued to %s, were used from %s", a.Actor.ID, k.MadeDoc.Addr, a.Addr)}
	switch {
	case isHabit(c, networks, here):
		f.Parts = append(f.Parts, Part{"usual_network", -25, "runs of this repository often use this network"})
	case c.isNew(networks, here):
		f.Parts = append(f.Parts, Part{"new_network", 15, "no run of this repository was ever seen there"})
	}
	return f
}

// A pod looks around: who breaks into a container turns its service account into AWS credentials and asks what they are good for.
// The alert hangs on the exchange.
var awsClusterAccount = &Detection{
	Rule: Rule{
		ID: "aws_cluster_account_explores", Name: "Cluster service account explores AWS", Severity: 73, Points: 55, Chain: true,
		Description: "A Kubernetes service account gets AWS credentials and then lists things over several services that it never asked for.",
		Covers:      []string{"NH11"}, Techniques: []string{"T1078.004", "T1550.001", "T1580"}, NHI: []string{"NHI5:2025"},
		Evidence: "AssumeRoleWithWebIdentity of system:serviceaccount:…, then lists in several services", Lookalikes: "A controller that manages AWS: learned as its habit.",
		Tuning: "Name such controllers in the context file.",
	},
	Within: time.Hour, Find: findClusterAccount,
}

const (
	podWindow   = 30 * time.Minute
	podLooks    = 5
	podServices = 3
)

func findClusterAccount(c *Case) *Finding {
	a := c.Act
	if a.Dataset != cloudtrail || !explores(a) || !strings.HasPrefix(a.Actor.ID, "system:serviceaccount:") || isHabit(c, operations, a.Operation) {
		return nil
	}
	acts := c.Back(podWindow, func(b *Act) bool { return explores(b) && !isHabit(c, operations, b.Operation) })
	all := append(slices.Clone(acts), a)
	looked, services := distinct(all, func(b *Act) string { return b.Operation }), distinct(all, (*Act).service)
	if looked < podLooks || services < podServices {
		return nil
	}
	f := &Finding{Evidence: acts, Reason: fmt.Sprintf("the pod account %s asked for at least %d lists in %d AWS services within %s", a.Actor.ID, looked, services, span(podWindow))}
	if k := c.Credential(a.Credential); k != nil && !k.Made.IsZero() {
		f.Evidence = append([]*Act{k.MadeDoc}, acts...)
	}
	if c.isNew(operations, a.Operation) {
		f.Parts = append(f.Parts, Part{"new_operation", newPoints, "the account never asked for these"})
	}
	return f
}

// explores: it looks around, or is refused something.
func explores(a *Act) bool { return looks(a) || a.Denied && a.Via == "" }
