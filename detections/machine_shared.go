package detections

import (
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// One credential, two workloads: a machine's key turns up with a second workload, or in production and test. Whoever copies keys around loses
// them. The alert hangs on the first use by the second one.
var sharedMachine = &Detection{
	Rule: Rule{
		ID: "any_machine_shared", Name: "One machine credential used by two workloads", Severity: 47, Points: 50,
		Description: "A credential is used by a second workload, in a second account, or in production and test.",
		Covers:      []string{"XS15"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI9:2025", "NHI8:2025"},
		Evidence: "equal credential id under two identities or accounts", Lookalikes: "A migration.", Tuning: "One identity for each workload; name them in the context file.",
	},
	Within: 24 * time.Hour, Find: findSharedMachine,
}

func findSharedMachine(c *Case) *Finding {
	a := c.Act
	k := c.Credential(a.Credential)
	if k == nil || a.Failed || !c.Machine() || k.Uses < 3 {
		return nil
	}
	f := &Finding{Key: a.Credential}
	if k.Users.Len() > 0 && !k.Users.Has(ecs.FirstOf(a.Actor.ID, c.ID)) {
		f.Parts = append(f.Parts, Part{"second_workload", 10, "a second workload uses the credential"})
	}
	if a.Account != "" && k.Accounts.Len() > 0 && !k.Accounts.Has(a.Account) {
		f.Parts = append(f.Parts, Part{"second_account", 10, "it is used in a second account"})
	}
	if env := c.environment(); env != "" {
		if other := c.Credential(environments(a.Credential)); other != nil && other.Users.Len() > 0 && !other.Users.Has(env) {
			f.Parts = append(f.Parts, Part{"environments", 15, "it is used in " + env + " and elsewhere"})
		}
	}
	if len(f.Parts) == 0 {
		return nil
	}
	f.Evidence = c.Back(lineSpan, func(b *Act) bool { return b.Credential == a.Credential })
	f.Evidence = f.Evidence[max(0, len(f.Evidence)-1):]
	f.Reason = "the credential of " + a.Name + ": " + reasonsOf(f.Parts)
	return f
}

// environment is where an act is done, as the context file says: of the account, else of the workload that the record names.
func (c *Case) environment() string {
	if len(c.Context.Identities) == 0 {
		return ""
	}
	if account := c.Context.Known("aws:account/" + c.Act.Account); account != nil && account.Environment != "" {
		return account.Environment
	}
	if known := c.Context.of(c.Act); known != nil {
		return known.Environment
	}
	return ""
}

// environments is the key under which is kept where a credential was used.
func environments(credential string) string { return "environments/" + credential }
