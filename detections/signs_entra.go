package detections

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// entraSigns are what single records of Entra show.
var entraSigns = slices.Concat(entraSignInSigns, entraRiskSigns, entraFactorSigns, entraRoleSigns, entraAppSigns, entraConsentSigns, entraPolicySigns)

// entraText is a text member of a record's own.
func entraText(ev *ecs.Event, path ...string) string {
	return entraProperties(ev).Path(path...).Scalar()
}

// entraCode is the error number of a sign-in.
func entraCode(ev *ecs.Event, codes ...string) bool {
	return ev.Outcome == "failure" && slices.Contains(codes, entraError(ev))
}

// auditChange is what became of a changed property, over all targets: texts that hold JSON, "" when it did not change.
func auditChange(ev *ecs.Event, name string) (before, after string) {
	targets := entraProperties(ev).Get("targetResources")
	for t := targets.First(); t.Kind() != record.Absent; t = t.NextIn(targets) {
		changes := t.Get("modifiedProperties")
		for m := changes.First(); m.Kind() != record.Absent; m = m.NextIn(changes) {
			if m.Get("displayName").Str() == name {
				return m.Get("oldValue").Str(), m.Get("newValue").Str()
			}
		}
	}
	return "", ""
}

// auditRole is the role that an audited act is about.
func auditRole(ev *ecs.Event) string {
	before, after := auditChange(ev, "Role.DisplayName")
	if name := ecs.FirstOf(unquoted(after), unquoted(before)); name != "" {
		return name
	}
	targets := entraProperties(ev).Get("targetResources")
	for t := targets.First(); t.Kind() != record.Absent; t = t.NextIn(targets) {
		if t.Get("type").Str() == "Role" {
			return t.Get("displayName").Str()
		}
	}
	return ""
}

// isPIM reports whether an audited act is PIM's own doing of what somebody asked it for: the request is told by itself.
func isPIM(ev *ecs.Event) bool {
	return entraText(ev, "initiatedBy", "app", "displayName") == "MS-PIM"
}

// auditTells reports whether the targets of an audited act hold one of some words anywhere.
func auditTells(ev *ecs.Event, words ...string) bool {
	return holdsAny(string(entraProperties(ev).Get("targetResources").Raw()), words)
}

// topRoles are roles by which one can become any other.
var topRoles = []string{
	"Global Administrator", "Company Administrator", "Privileged Role Administrator", "Privileged Authentication Administrator",
	"Partner Tier2 Support", "Application Administrator", "Cloud Application Administrator", "Hybrid Identity Administrator",
	"Security Administrator", "Conditional Access Administrator", "Domain Name Administrator", "External Identity Provider Administrator",
}

// mightyScopes are permissions of Graph by which an application can take the tenant, or read what everybody has.
var mightyScopes = []string{
	"RoleManagement.ReadWrite.Directory", "AppRoleAssignment.ReadWrite.All", "Application.ReadWrite.All", "Directory.ReadWrite.All",
	"PrivilegedAccess.ReadWrite", "UserAuthenticationMethod.ReadWrite.All", "User.ReadWrite.All", "Group.ReadWrite.All", "GroupMember.ReadWrite.All",
	"Policy.ReadWrite", "Domain.ReadWrite.All", "full_access_as_app", "Mail.ReadWrite", "Mail.Read", "Mail.Send", "Files.ReadWrite.All", "Files.Read.All",
	"Sites.FullControl.All", "Sites.ReadWrite.All", "Exchange.ManageAsApp", "DeviceManagementConfiguration.ReadWrite.All", "MailboxSettings.ReadWrite",
	"user_impersonation", "Chat.ReadWrite.All", "EWS.AccessAsUser.All",
}

// isMighty reports whether a list of scopes has one that is mighty.
func isMighty(scopes string) bool {
	for _, scope := range strings.Fields(sortedWords(scopes)) {
		if slices.ContainsFunc(mightyScopes, func(m string) bool { return scope == m || strings.HasPrefix(scope, m+".") }) {
			return true
		}
	}
	return false
}
