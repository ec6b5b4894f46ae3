package detections

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// Principal from elsewhere: an application's key works from anywhere, and so does a copy of it. The alert hangs on the first sign-in
// from the new network.
var entraPrincipalElsewhere = &Detection{
	Rule: Rule{
		ID: "entra_principal_new_network", Name: "Entra service principal signs in from a new network", Severity: 73, Points: 35,
		Description: "An application or managed identity with settled habits signs in from a network it never used.",
		Covers:      []string{"NH3"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI2:2025", "NHI4:2025"},
		Evidence: "ServicePrincipalSignInLogs with another autonomous system", Lookalikes: "A move to other machines.", Tuning: "Declare deployment and failover windows, and networks of your own.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 12 * time.Hour, Find: findPrincipalElsewhere,
}

const fewNetworks = 3

func findPrincipalElsewhere(c *Case) *Finding {
	a := c.Act
	if a.Dataset != entraSignIn || a.Failed || !c.Machine() || c.Novelty(networks, a.Network()) != identity.New || c.Context.NetworkOf(a.Addr) != nil {
		return nil
	}
	f := &Finding{Key: a.Credential, Reason: a.Name + " signed in from " + addressOf(a) + ", a network it never used"}
	if c.Who.Networks.Len() <= fewNetworks {
		f.Parts = append(f.Parts, Part{"settled", 10, "it has always come from the same few networks"})
	}
	if c.Novelty(countries, a.Country()) == identity.New {
		f.Parts = append(f.Parts, Part{"new_country", 15, "it was never in " + a.Country()})
	}
	if k := c.Credential(a.Credential); k != nil && !k.Made.IsZero() && a.Time.Sub(k.Made) < lineSpan {
		f.Evidence = append(f.Evidence, k.MadeDoc)
		f.Parts = append(f.Parts, Part{"fresh_key", 20, "with a key made within the day"})
	}
	return f
}

// Borrowed client: a tool asks for tokens in a user's name with the id of a program that everybody has, for a resource the user never
// reached with it. The alert hangs on the sign-in.
var entraBorrowedClient = &Detection{
	Rule: Rule{
		ID: "entra_borrowed_client", Name: "Entra application and resource never combined before", Severity: 47, Points: 25,
		Description: "A person's tokens are asked for by a client that belongs to Microsoft's family of programs, for a resource it never reached for them.",
		Covers:      []string{"NH4"}, Techniques: []string{"T1550.001", "T1528"}, NHI: []string{"NHI9:2025", "NHI10:2025"},
		Evidence: "appId and resourceId", Lookalikes: "A new feature of a program.",
	},
	On: []ecs.Activity{ecs.SignIn, ecs.SSO, ecs.TokenRefresh}, Within: 12 * time.Hour, Find: findBorrowedClient,
}

func findBorrowedClient(c *Case) *Finding {
	a := c.Act
	if a.Dataset != entraSignIn || a.Failed || c.Machine() || c.Novelty(apps, a.App) != identity.New {
		return nil
	}
	client, resource, _ := strings.Cut(a.App, ">")
	family, tempting := familyClients[client], temptingResources[resource]
	if family == "" || tempting == "" {
		return nil
	}
	f := &Finding{Key: a.App, Parts: newcomer(c), Reason: a.Name + " reached " + tempting + " with " + family + " for the first time"}
	if resource == oldGraph {
		f.Parts = append(f.Parts, Part{"old_graph", 10, "the retired directory interface, which attackers' tools use"})
	}
	if a.Device == "" {
		f.Parts = append(f.Parts, Part{"no_device", 5, "with no device that Entra knows"})
	}
	return f
}

// familyClients are public programs of Microsoft's whose refresh tokens work for each other.
var familyClients = map[string]string{
	brokerClient:                           "the authentication broker",
	"04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Azure's command line",
	"1950a258-227b-4e31-a9cf-717495945fc2": "Azure PowerShell",
	"1b730954-1685-4b74-9bfd-dac224a7b894": "Azure AD PowerShell",
	"14d82eec-204b-4c2f-b7e8-296a70dab67e": "Graph's command line",
	"d3590ed6-52b3-4102-aeff-aad2292ab01c": "Microsoft Office",
	"1fec8e78-bce4-4aaf-ab1b-5451cc387264": "Teams",
	"27922004-5251-4030-b22d-91ecd9a37ea4": "Outlook for phones",
	"872cd9fa-d31f-45e0-9eab-6e460a02d1f1": "Visual Studio",
	"aebc6443-996d-45c2-90f0-388ff96faa56": "Visual Studio Code",
}

const oldGraph = "00000002-0000-0000-c000-000000000000"

// temptingResources are what is worth a borrowed client.
var temptingResources = map[string]string{
	oldGraph:                               "the old directory interface",
	"00000003-0000-0000-c000-000000000000": "Microsoft Graph",
	"00000002-0000-0ff1-ce00-000000000000": "Exchange",
	"00000003-0000-0ff1-ce00-000000000000": "SharePoint",
	"797f4846-ba00-4fd7-ba43-dac1f8f63013": "Azure's management",
	"cfa8b339-82a2-471a-a3c9-0fc0be7a4093": "Key Vault",
	"01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9": "device registration",
}

// Cluster keys: an application signs in and at once asks for the keys of clusters. The alert hangs on the sign-in.
var entraClusterKeys = &Detection{
	Rule: Rule{
		ID: "entra_principal_lists_cluster_keys", Name: "Service principal signs in, then lists cluster credentials", Severity: 73, Points: 50,
		Description: "A service principal signs in and within half an hour has credentials of Kubernetes clusters listed.",
		Covers:      []string{"NH5"}, Techniques: []string{"T1552.007"}, NHI: []string{"NHI5:2025"},
		Evidence: "the sign-in, and listClusterAdminCredential or listClusterUserCredential", Lookalikes: "A pipeline that deploys to clusters: every day.", Tuning: "Declare deployment windows.",
	},
	Signs: []string{azureClusterKeys}, Within: time.Hour, Find: findClusterKeys,
}

func findClusterKeys(c *Case) *Finding {
	a := c.Act
	in := lastOf(c.Back(30*time.Minute, func(b *Act) bool { return b.Dataset == entraSignIn && b.Is(ecs.SignIn) }))
	if in == nil || !c.Machine() {
		return nil
	}
	f := &Finding{Evidence: []*Act{in}, Reason: a.Name + " listed credentials of cluster " + a.Target + " " + agoText(c, in.Time) + " after signing in"}
	if c.own(operations, a.Operation) {
		f.Parts = append(f.Parts, Part{"usual_work", -30, "it does this anyway"})
	}
	if c.Novelty(networks, a.Network()) == identity.New {
		f.Parts = append(f.Parts, Part{"new_network", 15, "from a network it never used"})
	}
	return f
}

// First use of a foreign issuer: an application signs in by the word of an issuer that was never heard. The alert hangs on the trust
// that was given, where it is known.
var entraIssuerUsed = &Detection{
	Rule: Rule{
		ID: "entra_new_issuer_used", Name: "Entra application signs in by a new issuer", Severity: 73, Points: 35, Chain: true,
		Description: "A federated credential of an issuer that nobody came by until now is used.",
		Covers:      []string{"CR6"}, Techniques: []string{"T1098.001", "T1078.004"}, NHI: []string{"NHI4:2025", "NHI3:2025"},
		Evidence: "federatedTokenIssuer of the sign-in, and the change of the application", Lookalikes: "A pipeline that moves away from secrets.", Tuning: "Declare a deployment window.",
	},
	On: []ecs.Activity{ecs.SignIn}, Within: 24 * time.Hour, Find: findIssuerUsed,
}

func findIssuerUsed(c *Case) *Finding {
	a := c.Act
	if a.Dataset != entraSignIn || a.Failed || !c.Machine() || a.Issuer == "" || c.NewIssuer() == identity.Known {
		return nil
	}
	f := &Finding{Key: a.Issuer, Parts: strangeness(c), Reason: a.Name + " signed in by the word of " + a.Issuer}
	trusted := c.Done(a.Actor.ID, lineSpan, func(b *Act) bool { return b.Has(entraFederated) })
	if len(trusted) > 0 {
		f.Evidence = trusted
		f.Parts = append(f.Parts, Part{"just_trusted", 20, "which was trusted within the day"})
	}
	if c.NewIssuer() == identity.New {
		f.Parts = append(f.Parts, Part{"new_issuer", 15, "which never vouched for anybody"})
	}
	if len(f.Parts) == 0 {
		return nil
	}
	return f
}
