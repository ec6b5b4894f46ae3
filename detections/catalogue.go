package detections

import (
	"slices"
	"strings"
)

// Row is a row of the catalogue: one thing that audit logs can show and somebody would want to know.
type Row struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Reason string `json:"reason,omitempty"` // why nothing covers it
}

// Covering lists for each row of the catalogue the ids of the rules that cover it, sorted.
func Covering(rules []*Rule) map[string][]string {
	all := map[string][]string{}
	for _, row := range Catalogue {
		all[row.ID] = []string{}
	}
	for _, r := range rules {
		for _, id := range r.Covers {
			all[id] = append(all[id], r.ID)
		}
	}
	for _, ids := range all {
		slices.Sort(ids)
	}
	return all
}

// Rules lists the rules of all built-in detections, sorted by id.
func Rules() []*Rule {
	var all []*Rule
	for _, s := range Signs() {
		if !s.Quiet {
			all = append(all, &s.Rule)
		}
	}
	for _, d := range Detections() {
		all = append(all, &d.Rule)
	}
	slices.SortFunc(all, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Catalogue is the list of rows that coverage is counted in.
var Catalogue = []Row{
	{ID: "AU1", Title: "Okta: one account guessed at until it locks"},
	{ID: "AU2", Title: "Okta: one address or device tries many accounts"},
	{ID: "AU3", Title: "Okta, CloudTrail: a guessed account is entered"},
	{ID: "AU5", Title: "Okta: sign-in through a proxy or anonymiser"},
	{ID: "AU6", Title: "Okta: two places too far apart"},
	{ID: "AU7", Title: "Okta: device, network or client new to the user"},
	{ID: "AU8", Title: "Okta: sign-in at hours the user never works"},
	{ID: "AU9", Title: "Okta: password typed where the user name belongs"},
	{ID: "AU10", Title: "Okta: sign-in through an identity provider not seen before"},
	{ID: "AU11", Title: "Okta: apps refused again and again, or many opened at once"},
	{ID: "AU12", Title: "Okta: the service or the user reports a threat"},
	{ID: "AU14", Title: "Entra: failed sign-ins or lock-outs in number"},
	{ID: "AU16", Title: "Entra: two places too far apart"},
	{ID: "AU17", Title: "Entra: risk marks, and sign-ins let through in spite of them"},
	{ID: "AU18", Title: "Entra: legacy protocol or password grant"},
	{ID: "AU19", Title: "Entra: device-code flow that does not fit"},
	{ID: "AU20", Title: "Entra: a client that attackers bring along"},
	{ID: "AU21", Title: "Entra: application, device or method new to the user"},
	{ID: "AU22", Title: "Entra: attempt on a disabled account"},
	{ID: "AU23", Title: "CloudTrail: failed console sign-ins"},
	{ID: "AU25", Title: "CloudTrail: console sign-in without MFA or SAML, or from two places"},
	{ID: "AU26", Title: "CloudTrail: root at work"},
	{ID: "AU27", Title: "Vault: burst of refused logins or requests"},
	{ID: "AU28", Title: "Vault: login by a mount, role or network new to the entity"},

	{ID: "MF1", Title: "Okta: many pushes refused or left unanswered"},
	{ID: "MF2", Title: "Okta: push approved after a series of refusals"},
	{ID: "MF3", Title: "Okta: push asked for in one place and answered in another"},
	{ID: "MF5", Title: "Okta: factor or password reset by an administrator"},
	{ID: "MF6", Title: "Okta: factor gone and not set up again, or gone with a password reset"},
	{ID: "MF8", Title: "Okta: one phone or device for several users"},
	{ID: "MF9", Title: "Okta: phishing site stopped by the authenticator"},
	{ID: "MF10", Title: "Okta: MFA bypassed, or lowered for everybody"},
	{ID: "MF11", Title: "Entra, CloudTrail: second factor refused or guessed"},
	{ID: "MF12", Title: "Entra: sign-in method changed or a temporary pass issued"},
	{ID: "MF13", Title: "CloudTrail: MFA device removed, or registered oddly"},

	{ID: "SE1", Title: "Okta: one session on two devices or networks"},
	{ID: "SE4", Title: "Okta: somebody works as somebody else"},
	{ID: "SE5", Title: "Okta: refresh token used twice, or grant that fails oddly"},
	{ID: "SE7", Title: "Entra: one session or refresh token from several addresses"},
	{ID: "SE8", Title: "Entra: token, then device, then a primary token"},
	{ID: "SE10", Title: "Entra: token issuer forged or odd"},
	{ID: "SE11", Title: "CloudTrail: one key or session from several networks"},
	{ID: "SE12", Title: "CloudTrail: session or federation token asked for by a user"},
	{ID: "SE13", Title: "CloudTrail: console or portal token made from API credentials"},
	{ID: "SE15", Title: "CloudTrail: role taken by somebody who never did"},
	{ID: "SE16", Title: "Vault: token used elsewhere or after its lease"},
	{ID: "SE17", Title: "Vault: wrapped answer opened by somebody else, or twice"},

	{ID: "PR1", Title: "Okta: administrator role given"},
	{ID: "PR2", Title: "Okta: administrator console entered oddly"},
	{ID: "PR4", Title: "Okta: many memberships changed"},
	{ID: "PR5", Title: "Okta: another way in is added"},
	{ID: "PR6", Title: "Entra: directory role given, outside PIM above all"},
	{ID: "PR7", Title: "Entra: account made and raised, or made and deleted, at once"},
	{ID: "PR9", Title: "Entra: PIM used too much, or its alerts and settings changed"},
	{ID: "PR10", Title: "Entra: caller raises itself over all subscriptions"},
	{ID: "PR11", Title: "Entra: guest invited or turned into a member"},
	{ID: "PR12", Title: "CloudTrail: administrator policy attached"},
	{ID: "PR13", Title: "CloudTrail: policy changed so that rights grow"},
	{ID: "PR14", Title: "CloudTrail: role opened to another account or service"},
	{ID: "PR15", Title: "CloudTrail: user or role made and raised in one go"},
	{ID: "PR16", Title: "CloudTrail: role handed to a service to act through it"},
	{ID: "PR18", Title: "Vault: policy that gives sudo or a wildcard"},
	{ID: "PR19", Title: "Vault: root token made or used"},

	{ID: "CR1", Title: "Okta: API token made, changed or revoked"},
	{ID: "CR2", Title: "Okta: client secret or application password shown"},
	{ID: "CR3", Title: "Okta: vaulted password changed outside its rotation"},
	{ID: "CR5", Title: "Entra: secret or certificate added to an application"},
	{ID: "CR6", Title: "Entra: issuer of federated credentials added or changed"},
	{ID: "CR7", Title: "Entra, CloudTrail: the provider says that a credential leaked"},
	{ID: "CR8", Title: "Entra: device secrets read in number"},
	{ID: "CR9", Title: "CloudTrail: key or login made for somebody else"},
	{ID: "CR10", Title: "CloudTrail: new key used at once"},
	{ID: "CR12", Title: "CloudTrail: many secrets read"},
	{ID: "CR13", Title: "CloudTrail: first secret that this identity reads"},
	{ID: "CR14", Title: "CloudTrail: key file, user data or instance password fetched"},
	{ID: "CR15", Title: "CloudTrail: leaked key tried out"},
	{ID: "CR16", Title: "CloudTrail: foreign identities let in"},
	{ID: "CR17", Title: "CloudTrail: encryption key disabled or about to be deleted"},
	{ID: "CR18", Title: "Vault: many secrets read by one entity"},
	{ID: "CR19", Title: "Vault: path or mount that the entity never read"},
	{ID: "CR20", Title: "Vault: long-lived, periodic or orphan token"},
	{ID: "CR21", Title: "Vault: secret-id made or used outside its pipeline"},
	{ID: "CR22", Title: "Vault: secrets destroyed, leases revoked, snapshot or key taken"},

	{ID: "NH1", Title: "Entra: service principal made or removed, owner changed"},
	{ID: "NH2", Title: "Entra: application gets powerful permissions or consent"},
	{ID: "NH3", Title: "Entra: service principal on a network it never used"},
	{ID: "NH4", Title: "Entra: application and resource never combined before"},
	{ID: "NH5", Title: "Entra: service principal lists cluster credentials"},
	{ID: "NH7", Title: "Okta: API token or directory agent unlike itself"},
	{ID: "NH9", Title: "CloudTrail: instance credentials outside their host"},
	{ID: "NH10", Title: "CloudTrail: CI credentials outside CI networks"},
	{ID: "NH11", Title: "CloudTrail: cluster service account explores"},
	{ID: "NH12", Title: "CloudTrail: long-lived key from an address it never used"},
	{ID: "NH13", Title: "CloudTrail: region, network or country new to the identity"},
	{ID: "NH14", Title: "CloudTrail: API call new to the identity"},
	{ID: "NH15", Title: "CloudTrail: person does what only automation should"},
	{ID: "NH16", Title: "CloudTrail: plumbing of AI agents changed"},
	{ID: "NH17", Title: "Vault: person on a machine's path, or machine on a desk"},

	{ID: "DE1", Title: "Okta: policy, zone or application changed or removed"},
	{ID: "DE3", Title: "Okta: log stream tampered with"},
	{ID: "DE5", Title: "Entra: conditional access changed"},
	{ID: "DE6", Title: "Entra: federation, authority or domain changed"},
	{ID: "DE7", Title: "Entra: device registration loosened or misused"},
	{ID: "DE8", Title: "CloudTrail: trail stopped, deleted or narrowed"},
	{ID: "DE9", Title: "CloudTrail: detectors and recorders off"},
	{ID: "DE10", Title: "CloudTrail: other logs removed"},
	{ID: "DE12", Title: "Vault: audit device off, added or changed"},
	{ID: "DE13", Title: "Vault: sealed, raw storage, plugins, new mounts"},
	{ID: "DE14", Title: "Any source: silent or late"},

	{ID: "DA2", Title: "CloudTrail: many kinds of discovery or refused calls"},
	{ID: "DA3", Title: "CloudTrail: snapshot, image or database shared"},
	{ID: "DA4", Title: "CloudTrail: bucket opened"},
	{ID: "DA5", Title: "CloudTrail: objects encrypted, deleted or held to ransom"},
	{ID: "DA6", Title: "CloudTrail: table exported, bucket probed"},
	{ID: "DA7", Title: "CloudTrail: remote shell"},
	{ID: "DA8", Title: "CloudTrail: function opened or its code changed"},

	{ID: "XS1", Title: "Okta, CloudTrail: console sign-in that the provider did not broker"},
	{ID: "XS2", Title: "Okta: proxy sign-in, then any other alert on the user"},
	{ID: "XS3", Title: "Endpoint, Okta: theft on the host, MFA change, sign-in"},
	{ID: "XS4", Title: "Clouds: one address reads secrets in two"},
	{ID: "XS5", Title: "Any source: alerts of several sources on one identity"},
	{ID: "XS6", Title: "Repository, CloudTrail: leaked secret that nobody quarantined"},
	{ID: "XS7", Title: "Okta or Entra, CloudTrail: risky sign-in, then the cloud"},
	{ID: "XS8", Title: "Any source: two places too far apart, over sources"},
	{ID: "XS9", Title: "Any source: impossible travel, then a refreshed token"},
	{ID: "XS10", Title: "Any source: dormant identity back, outside its hours"},
	{ID: "XS11", Title: "Any source: rights gained, then data or secrets read"},
	{ID: "XS12", Title: "Any source: machine identity does what is new to it"},
	{ID: "XS13", Title: "Any source: secret used elsewhere minutes after it was made, or after its end"},
	{ID: "XS14", Title: "Any source: identity works after it was offboarded"},
	{ID: "XS15", Title: "Any source: one machine identity, two workloads"},
	{ID: "XS16", Title: "Any source: agent faster or wider than itself"},
	{ID: "XS17", Title: "Any source: third party does something new"},
	{ID: "XS18", Title: "Any source: identity made, raised, used and thrown away"},
	{ID: "XS19", Title: "Any sources: sign-in, escalation, new credential, unusual access"},
	{ID: "XS20", Title: "Any source: token wider than the identity ever had"},
	{ID: "XS21", Title: "Any source: session or token far longer than the identity's own"},
	{ID: "XS22", Title: "Any source: second credential inside a true rotation"},
	{ID: "XS23", Title: "Any source: elevation outside what was agreed"},
	{ID: "XS24", Title: "Any source: signals add up"},
	{ID: "XS25", Title: "Any source: right held for long, used for the first time"},
}
