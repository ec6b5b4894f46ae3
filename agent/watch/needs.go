package watch

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// need is something that detections on a source go by. Logs can be configured, flow, and leave it out.
type need struct {
	datasets []string
	field    string
	patience int64 // records in a row without it that are no accident
	places   bool  // only where there is a database of places
	costly   bool  // to look for
	applies  func(ev *ecs.Event) bool
	has      func(ev *ecs.Event) bool
	effect   string
}

const (
	okta       = "okta.system"
	signIns    = "azure.signinlogs"
	audits     = "azure.auditlogs"
	cloudtrail = "aws.cloudtrail"
	vault      = "hashicorp_vault.audit"
)

var needs = []need{
	{
		datasets: []string{okta, signIns, cloudtrail, vault}, field: "source.ip", patience: 200, has: hasAddress,
		effect: "new places, impossible travel, shared networks and stolen sessions cannot be told: check that the log forwarder or proxy keeps the client's address",
	},
	{
		datasets: []string{okta, signIns, cloudtrail, vault}, field: "source.geo.location", patience: 200, places: true,
		applies: hasPublicAddress, has: func(ev *ecs.Event) bool { return ev.Source.Place != nil && ev.Source.Place.HasLocation },
		effect: "travel cannot be told: the database of cities does not know these addresses, or is too old",
	},
	{
		datasets: []string{okta, signIns, audits, cloudtrail, vault}, field: "idwatch.identity.id", patience: 200,
		has:    func(ev *ecs.Event) bool { return ev.Identity.ID != "" },
		effect: "acts belong to nobody, so that no detection sees them: check that the records are whole and the input's source is right",
	},
	{
		datasets: []string{cloudtrail}, field: "aws.cloudtrail.event_category: Management", patience: 2000, costly: true, has: isManagement,
		effect: "sign-ins, role changes and new keys are not in what arrives: have the trail record management events, read and write",
	},
	{
		datasets: []string{cloudtrail}, field: "aws.cloudtrail.user_identity.access_key_id", patience: 2000,
		has:    func(ev *ecs.Event) bool { return ev.Link.Credential != "" },
		effect: "stolen keys and sessions cannot be followed: the records have been stripped of userIdentity",
	},
	{
		datasets: []string{okta}, field: "okta.authentication_context.external_session_id", patience: 500,
		has:    func(ev *ecs.Event) bool { return ev.Link.Session != "" },
		effect: "sessions cannot be followed: export the System Log's events whole",
	},
	{
		datasets: []string{okta}, field: "user sign-ins (user.session.start, user.authentication.*)", patience: 3000, has: isSignIn,
		effect: "guessing, push bombing and new devices cannot be told: the export leaves out authentication events",
	},
	{
		datasets: []string{signIns}, field: "azure.signinlogs.properties.correlation_id", patience: 500,
		has:    func(ev *ecs.Event) bool { return ev.Link.Trace != "" },
		effect: "the steps of one sign-in cannot be joined: export the diagnostic setting's records whole",
	},
	{
		datasets: []string{vault}, field: "hashicorp_vault.audit.auth.accessor", patience: 500,
		has:    func(ev *ecs.Event) bool { return ev.Link.Credential != "" },
		effect: "tokens cannot be followed: enable the audit device without elide_list_responses or filters on auth",
	},
	{
		datasets: []string{vault}, field: "responses (type: response)", patience: 500,
		has:    func(ev *ecs.Event) bool { return strings.HasSuffix(ev.NativeID, "/response") },
		effect: "whether a request succeeded is not known: the audit device or a filter leaves out responses",
	},
}

func (n *need) concerns(dataset string) bool { return slices.Contains(n.datasets, dataset) }

func hasAddress(ev *ecs.Event) bool { return ev.Source.Addr.IsValid() || ev.Client.Addr.IsValid() }

// hasPublicAddress leaves out what no database can know.
func hasPublicAddress(ev *ecs.Event) bool {
	a := ev.Source.Addr
	return a.IsValid() && ev.Source.Locate && a.IsGlobalUnicast() && !a.IsPrivate() && !reserved.Contains(a)
}

// reserved is shared by carriers behind their own translation.
var reserved = netip.MustParsePrefix("100.64.0.0/10")

func isManagement(ev *ecs.Event) bool {
	return bytes.Contains(ev.Vendor, []byte(`"event_category":"Management"`))
}

func isSignIn(ev *ecs.Event) bool {
	switch ev.Activity {
	case ecs.SignIn, ecs.SSO, ecs.MFAApproved, ecs.MFARefused, ecs.MFAPrompt:
		return true
	}
	return false
}
