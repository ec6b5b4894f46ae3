package entra

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// auditRoot are the members of an audit record's envelope. This stream renames those listed here and no others.
var auditRoot = plainTable(
	row{from: "time", as: taken, slot: timeSlot},
	row{from: "category", as: keyword, slot: categorySlot},
	row{from: "identity", as: keyword},
	row{from: "operationName", to: "operation_name", as: keyword, slot: operationSlot},
	row{from: "operationVersion", to: "operation_version", as: keyword},
	row{from: "resultSignature", to: "result_signature", as: keyword},
	row{from: "resultDescription", to: "result_description", as: keyword},
	row{from: "durationMs", as: taken, slot: durationSlot},
	row{from: "level", as: taken, slot: levelSlot},
	row{from: "Level", to: "level", as: float},
	row{from: "callerIpAddress", as: taken, slot: callerSlot},
	row{from: "resourceId", as: taken, slot: resourceSlot},
	row{from: "tenantId", as: taken, slot: tenantSlot},
	row{from: "correlationId", as: taken, slot: correlationSlot},
	row{from: "properties", as: taken, slot: propertiesSlot},
)

// auditProperties are the members of an audit record itself, as Microsoft Graph exports them too.
// https://learn.microsoft.com/en-us/graph/api/resources/directoryaudit
var auditProperties = plainTable(
	row{from: "id", as: keyword, slot: idSlot},
	row{from: "category", as: keyword},
	row{from: "result", as: taken, slot: outcomeSlot},
	row{from: "activityDisplayName", to: "activity_display_name", as: keyword, slot: resultSlot},
	row{from: "activityDateTime", to: "activity_datetime", as: date, slot: happenedSlot},
	row{from: "additionalDetails", as: taken, slot: detailsSlot},
	row{from: "resultReason", to: "result_reason", as: keyword},
	row{from: "resultDescription", to: "result_description", as: keyword},
	row{from: "correlationId", to: "correlation_id", as: keyword},
	row{from: "loggedByService", to: "logged_by_service", as: keyword},
	row{from: "operationType", to: "operation_type", as: keyword},
	row{from: "authenticationProtocol", to: "authentication_protocol", as: keyword},
	row{from: "userAgent", as: unlessNull},
	row{from: "initiatedBy", to: "initiated_by", sub: initiators},
	row{from: "targetResources", as: taken, slot: targetSlot},
)

// initiators are who acted: a user or an application. Their members keep their names.
var initiators = plainTable(
	row{from: "user", sub: plainTable(
		row{from: "id", as: keyword, slot: userSlot},
		row{from: "displayName", as: unlessNull, slot: fullNameSlot},
		row{from: "userPrincipalName", as: keyword, slot: loginSlot},
		row{from: "ipAddress", as: keyword},
		row{from: "userType", as: keyword, slot: userTypeSlot},
		row{from: "roles", as: keyword},
		row{from: "agentType", as: keyword, slot: agentSubjectSlot},
	)},
	row{from: "app", sub: plainTable(
		row{from: "appId", as: unlessNull, slot: appSlot},
		row{from: "displayName", as: keyword, slot: appNameSlot},
		row{from: "servicePrincipalId", as: keyword, slot: principalSlot},
		row{from: "servicePrincipalName", as: unlessNull, slot: principalNameSlot},
		row{from: "agentType", as: keyword, slot: agentTypeSlot},
	)},
)

// audit maps a record of the audit log.
func (p Parser) audit(ev *ecs.Event, root record.Value, k *walk) error {
	azure := k.Open("azure")
	stream := k.Open("auditlogs")
	k.object(auditRoot, root)
	k.auditProperties(k.found[propertiesSlot])
	k.Close(stream)
	k.envelope(ev)
	p.shared(ev, k, azure)
	if level := k.found[levelSlot]; level.Scalar() != "" {
		ev.LogLevel = level.Raw()
	}
	if sourceIP(ev, k.text(callerSlot)) {
		clientToo(ev)
	}
	k.auditEvent(ev)
	var ok bool
	if ev.Time, ok = firstTime(k.found[timeSlot], k.found[happenedSlot]); !ok {
		return noTime(AuditDataset, k.found[timeSlot])
	}
	return nil
}

// auditProperties writes the audit record itself.
func (k *walk) auditProperties(properties record.Value) {
	if properties.Kind() != record.Object {
		k.Cleaned = k.Cleaned || !properties.Vacant()
		return
	}
	mark := k.Open("properties")
	k.object(auditProperties, properties)
	if result := k.found[outcomeSlot]; result.Kind() > record.Absent && outcome(result) == "" {
		k.keyword("result", result)
	}
	k.additionalDetails(k.found[detailsSlot])
	k.targetResources(k.found[targetSlot])
	k.end(mark)
}

// auditEvent fills the ECS fields of an audit record.
func (k *walk) auditEvent(ev *ecs.Event) {
	ev.Dataset = AuditDataset
	ev.NativeID = k.text(idSlot)
	ev.Outcome = outcome(k.found[outcomeSlot])
	u := &ev.User
	u.ID, u.Name, u.FullName = k.text(userSlot), k.text(loginSlot), k.text(fullNameSlot)
	relateUser(ev)
	ev.Related.EntityAlways = true
	for _, s := range [...]slot{userSlot, principalSlot} {
		ev.Related.Entity = ecs.Add(ev.Related.Entity, k.text(s))
	}
	targets := k.found[targetSlot]
	for t := targets.First(); t.Kind() != record.Absent && len(ev.Related.Entity) < maxRelated; t = t.NextIn(targets) {
		ev.Related.Entity = ecs.Add(ev.Related.Entity, t.Get("id").Scalar())
	}
	k.auditIdentity(ev)
	operation := k.text(resultSlot)
	if operation == "" {
		operation = ev.Action
	}
	ev.Activity = auditActivity(operation)
	k.credentials(ev)
}

// maxRelated bounds related.entity, each of whose members is compared with all others.
const maxRelated = 1000

// outcome is event.outcome of an audit record's result, "" when it is neither of the two.
func outcome(result record.Value) string {
	switch text := result.Str(); {
	case strings.EqualFold(text, "success"):
		return "success"
	case strings.EqualFold(text, "failure"):
		return "failure"
	}
	return ""
}

// auditIdentity fills who acted: the user, or the application if no user is named or the application is an agent.
func (k *walk) auditIdentity(ev *ecs.Event) {
	app := k.text(appNameSlot)
	agent := isAgent(k.text(agentTypeSlot))
	isUser := ev.User.ID != "" || ev.User.Name != ""
	if app == "" && k.text(appSlot) == "" && k.text(principalSlot) == "" || isUser && !agent {
		person(ev)
		if isAgent(k.text(agentSubjectSlot)) {
			ev.Identity.Kind = ecs.AIAgent
			service(ev, ev.User.FullName)
		}
		return
	}
	k.machine(ev, ecs.Machine)
	if ev.Identity.ID == "" { // a service of Microsoft's that has no principal here
		ev.Identity = ecs.Identity{ID: "entra:service/" + app, Kind: ecs.Machine}
		service(ev, app)
	}
	if agent {
		ev.Identity.Kind = ecs.AIAgent
		ev.Link.OnBehalfOf = login(ev.User.Name)
	}
}
