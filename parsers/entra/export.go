package entra

import (
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// Records exported through Microsoft Graph have no envelope: what a diagnostic setting puts into properties stands at
// the top. They are mapped as if they had one, with what can be told of it.

// isGraphSignIn reports whether a record is a sign-in without an envelope.
func isGraphSignIn(root record.Value) bool {
	return root.Get("userPrincipalName").Kind() != record.Absent && root.Get("appId").Kind() != record.Absent &&
		root.Get("status").Kind() == record.Object
}

// isGraphAudit reports whether a record is an audit record without an envelope.
func isGraphAudit(root record.Value) bool {
	return root.Get("activityDisplayName").Exists() && root.Get("initiatedBy").Exists() && !root.Get("properties").Exists()
}

// graphSignIn maps a sign-in from Microsoft Graph.
func (p Parser) graphSignIn(ev *ecs.Event, root record.Value, k *walk) error {
	k.snake, k.prune = true, true
	azure := k.Open("azure")
	stream := k.Open("signinlogs")
	k.signInProperties(root)
	category := k.graphCategory(root)
	k.Str("category", category)
	ev.Action = "Sign-in activity"
	k.Str("operation_name", ev.Action)
	k.Str("result_type", k.text(outcomeSlot))
	k.Str("result_description", k.text(reasonSlot))
	k.Close(stream)
	ev.Tenant = k.text(resourceTenantSlot)
	ev.Link.Trace = root.Get("correlationId").Str()
	p.shared(ev, k, azure)
	k.found[countrySlot] = k.found[placeSlot].Get("countryOrRegion")
	k.signInEvent(ev, category)
	var ok bool
	if ev.Time, ok = firstTime(k.found[happenedSlot]); !ok {
		return graphTime(SignInDataset, "createdDateTime", k.found[happenedSlot])
	}
	return nil
}

// graphCategory is the category that a diagnostic setting would have given a sign-in.
func (k *walk) graphCategory(root record.Value) string {
	switch root.Get("signInEventTypes").First().Str() {
	case "nonInteractiveUser":
		return "NonInteractiveUserSignInLogs"
	case "servicePrincipal":
		return "ServicePrincipalSignInLogs"
	case "managedIdentity":
		return "ManagedIdentitySignInLogs"
	}
	if interactive, ok := k.found[interactiveSlot].Bool(); ok && !interactive {
		return "NonInteractiveUserSignInLogs"
	}
	return "SignInLogs"
}

// graphAudit maps an audit record from Microsoft Graph.
func (p Parser) graphAudit(ev *ecs.Event, root record.Value, k *walk) error {
	azure := k.Open("azure")
	stream := k.Open("auditlogs")
	k.auditProperties(root)
	k.Str("category", "AuditLogs")
	ev.Action = k.text(resultSlot)
	k.Str("operation_name", ev.Action)
	k.Close(stream)
	ev.Link.Trace = root.Get("correlationId").Str()
	p.shared(ev, k, azure)
	// Without an envelope the initiating user's address is the only one.
	if sourceIP(ev, root.Path("initiatedBy", "user", "ipAddress").Str()) {
		clientToo(ev)
	}
	k.auditEvent(ev)
	var ok bool
	if ev.Time, ok = firstTime(k.found[happenedSlot]); !ok {
		return graphTime(AuditDataset, "activityDateTime", k.found[happenedSlot])
	}
	return nil
}

// graphTime is the error for an export without a usable time.
func graphTime(dataset, field string, v record.Value) error {
	if v.Exists() {
		return ecs.Malformed(dataset, field)
	}
	return ecs.Missing(dataset, field)
}
