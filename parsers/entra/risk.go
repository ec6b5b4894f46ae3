package entra

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// riskRoot are the members of an Identity Protection record's envelope. As in the audit log, others keep their names.
var riskRoot = plainTable(
	row{from: "time", as: taken, slot: timeSlot},
	row{from: "category", as: keyword, slot: categorySlot},
	row{from: "operationName", to: "operation_name", as: keyword, slot: operationSlot},
	row{from: "operationVersion", to: "operation_version", as: keyword},
	row{from: "resultSignature", to: "result_signature", as: keyword},
	row{from: "durationMs", as: taken, slot: durationSlot},
	row{from: "level", as: taken, slot: levelSlot},
	row{from: "Level", as: taken},
	row{from: "identity", as: taken},
	row{from: "location", as: taken},
	row{from: "callerIpAddress", as: taken, slot: callerSlot},
	row{from: "resourceId", as: taken, slot: resourceSlot},
	row{from: "tenantId", as: taken, slot: tenantSlot},
	row{from: "correlationId", as: taken, slot: correlationSlot},
	row{from: "properties", as: taken, slot: propertiesSlot},
)

// riskProperties are the members of a risk detection, or of a user or a principal at risk.
// https://learn.microsoft.com/en-us/graph/api/resources/identityprotection-overview
var riskProperties = plainTable(
	row{from: "id", as: keyword, slot: idSlot},
	row{from: "riskType", to: "risk_type", as: keyword},
	row{from: "riskEventType", to: "risk_event_type", as: keyword},
	row{from: "riskState", to: "risk_state", as: keyword},
	row{from: "riskLevel", to: "risk_level", as: keyword},
	row{from: "riskDetail", to: "risk_detail", as: keyword},
	row{from: "userId", to: "user_id", as: keyword, slot: userSlot},
	row{from: "userDisplayName", to: "user_display_name", as: keyword, slot: fullNameSlot},
	row{from: "userPrincipalName", to: "user_principal_name", as: keyword, slot: loginSlot},
	row{from: "userType", to: "user_type", as: keyword, slot: userTypeSlot},
	row{from: "detectionTimingType", to: "detection_timing_type", as: keyword},
	row{from: "requestId", to: "request_id", as: keyword, slot: requestSlot},
	row{from: "correlationId", to: "correlation_id", as: keyword},
	row{from: "tokenIssuerType", to: "token_issuer_type", as: keyword},
	row{from: "isDeleted", to: "is_deleted", as: boolean},
	row{from: "isGuest", to: "is_guest", as: boolean},
	row{from: "isProcessing", to: "is_processing", as: boolean},
	row{from: "ipAddress", to: "ip_address", as: address},
	row{from: "activityDateTime", to: "activity_datetime", as: utc, slot: happenedSlot},
	row{from: "detectedDateTime", to: "detected_datetime", as: utc, slot: createdSlot},
	row{from: "lastUpdatedDateTime", to: "last_updated_datetime", as: utc, slot: issuedSlot},
	row{from: "riskLastUpdatedDateTime", to: "risk_last_updated_datetime", as: utc, slot: resultSlot},
	row{from: "additionalInfo", as: taken, slot: infoSlot},
	row{from: "location", as: flattened},
	row{from: "resourceTenantId", as: taken},
	row{from: "homeTenantId", as: taken},
	row{from: "crossTenantAccessType", as: taken},
	row{from: "appId", as: keyword, slot: appSlot},
	row{from: "servicePrincipalId", as: keyword, slot: principalSlot},
	row{from: "servicePrincipalDisplayName", as: keyword, slot: principalNameSlot},
	row{from: "agentId", as: keyword, slot: agentTypeSlot},
	row{from: "agentDisplayName", as: keyword, slot: appNameSlot},
)

// risk maps a record of Identity Protection.
func (p Parser) risk(ev *ecs.Event, root record.Value, k *walk) error {
	azure := k.Open("azure")
	stream := k.Open("identityprotection")
	k.object(riskRoot, root)
	if properties := k.found[propertiesSlot]; properties.Kind() == record.Object {
		mark := k.Open("properties")
		k.object(riskProperties, properties)
		k.additionalInfo(k.found[infoSlot])
		k.end(mark)
	} else if !properties.Vacant() {
		k.Cleaned = true
	}
	k.Close(stream)
	k.envelope(ev)
	if ev.Tenant == "" {
		ev.Tenant = tenantOf(k.text(resourceSlot))
	}
	p.shared(ev, k, azure)
	ev.LogLevel = levelText(k.found[levelSlot])
	sourceIP(ev, k.text(callerSlot))
	k.riskEvent(ev, root)
	var ok bool
	times := [...]slot{timeSlot, happenedSlot, createdSlot, issuedSlot, resultSlot}
	for i := 0; i < len(times) && !ok; i++ {
		ev.Time, ok = firstTime(k.found[times[i]])
	}
	if !ok {
		return noTime(RiskDataset, k.found[timeSlot])
	}
	return nil
}

// riskEvent fills the ECS fields of an Identity Protection record: who is at risk, which is not who did something.
func (k *walk) riskEvent(ev *ecs.Event, root record.Value) {
	ev.Dataset = RiskDataset
	ev.NativeID = k.text(idSlot)
	ev.Activity = ecs.RiskReport
	u := &ev.User
	u.ID, u.Name, u.FullName = k.text(userSlot), k.text(loginSlot), k.text(fullNameSlot)
	u.Email = u.Name
	relateUser(ev)
	ev.Link.Request = k.text(requestSlot)
	switch name, _ := category(root); {
	case strings.Contains(name, "ServicePrincipal"):
		k.machine(ev, ecs.Machine)
	case strings.Contains(name, "Agent"):
		k.machine(ev, ecs.AIAgent)
		if id := k.text(agentTypeSlot); ev.Identity.ID == "" && id != "" {
			ev.Identity = ecs.Identity{ID: "entra:sp/" + id, Kind: ecs.AIAgent}
			service(ev, k.text(appNameSlot))
		}
	default:
		person(ev)
	}
}

// additionalInfo writes what is a JSON text in the record as the list that it holds. Names in it are kept.
func (k *walk) additionalInfo(info record.Value) {
	const name = "additional_info"
	if info.Kind() != record.String {
		if !info.Vacant() {
			k.flattened(name, info)
		}
		return
	}
	var inner record.Record
	wrapped := append(append([]byte(`{"info":`), info.Str()...), '}')
	if inner.Parse(wrapped) != nil || inner.Root().Len() != 1 {
		k.Raw("additionalInfo", info.Raw())
		return
	}
	k.flattened(name, inner.Root().Get("info"))
}
