package entra

import (
	"net/netip"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// activityRoot are the members of the envelope of Azure's own activity, and of categories that nothing else here knows.
// The rest of the record keeps the vendor's shape.
// https://learn.microsoft.com/en-us/azure/azure-monitor/platform/activity-log-schema
var activityRoot = plainTable(
	row{from: "time", as: taken, slot: timeSlot},
	row{from: "category", as: keyword, slot: categorySlot},
	row{from: "operationName", to: "operation_name", as: keyword, slot: operationSlot},
	row{from: "operationVersion", to: "operation_version", as: keyword},
	row{from: "resultType", to: "result_type", as: keyword, slot: resultSlot},
	row{from: "resultSignature", to: "result_signature", as: keyword},
	row{from: "resultDescription", to: "result_description", as: keyword},
	row{from: "callerIpAddress", as: taken, slot: callerSlot},
	row{from: "durationMs", as: taken, slot: durationSlot},
	row{from: "level", as: taken, slot: levelSlot},
	row{from: "resourceId", as: taken, slot: resourceSlot},
	row{from: "tenantId", as: taken, slot: tenantSlot},
	row{from: "correlationId", as: taken, slot: correlationSlot},
	row{from: "identity", as: taken, slot: identitySlot},
	row{from: "properties", as: taken, slot: propertiesSlot},
	row{from: "timeStamp", as: date, slot: createdSlot},
	row{from: "eventTimestamp", as: date, slot: happenedSlot},
	row{from: "TimeGenerated", as: date, slot: issuedSlot},
	row{from: "eventDataId", as: keyword, slot: idSlot},
)

// identityMembers are the members of identity. Those of claims and authorization are names of their own.
var identityMembers = plainTable(
	row{from: "claims", slot: claimsSlot},
	row{from: "authorization", slot: authorizationSlot},
)

// activity maps a record of Azure activity.
func (p Parser) activity(ev *ecs.Event, root record.Value, k *walk) error {
	azure := k.Open("azure")
	stream := k.Open("activitylogs")
	k.object(activityRoot, root)
	k.activityIdentity(k.found[identitySlot])
	switch properties := k.found[propertiesSlot]; {
	case properties.Kind() == record.Object:
		k.field("properties", anything, properties)
	case !properties.Vacant():
		k.Cleaned = true // the field is an object
	}
	k.Close(stream)
	k.envelope(ev)
	if ev.Tenant == "" {
		ev.Tenant = tenantOf(k.text(resourceSlot))
	}
	p.shared(ev, k, azure)
	k.activityEvent(ev)
	var ok bool
	times := [...]slot{timeSlot, createdSlot, happenedSlot, issuedSlot}
	for i := 0; i < len(times) && !ok; i++ {
		ev.Time, ok = firstTime(k.found[times[i]])
	}
	if !ok {
		return noTime(ActivityDataset, k.found[timeSlot])
	}
	return nil
}

// activityIdentity writes who is said to have acted: claims of a token, or just a name.
func (k *walk) activityIdentity(identity record.Value) {
	switch {
	case identity.Vacant():
	case identity.Kind() == record.Object:
		mark := k.Open("identity")
		k.object(identityMembers, identity)
		k.end(mark)
	default:
		k.keyword("identity_name", identity)
	}
}

// activityEvent fills the ECS fields of Azure activity.
func (k *walk) activityEvent(ev *ecs.Event) {
	ev.Dataset = ActivityDataset
	ev.NativeID = k.text(idSlot)
	ev.LogLevel = levelText(k.found[levelSlot])
	ev.Outcome = resultOutcome(k.text(resultSlot))
	text := k.text(callerSlot)
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		ev.Source.Port = int64(withPort.Port())
		text = withPort.Addr().String()
	}
	if sourceIP(ev, text) {
		clientToo(ev)
	}
	k.activityUser(ev)
	ev.Activity = resourceActivity(ev.Action)
}

// resultOutcome is event.outcome of a result, "unknown" while something goes on.
func resultOutcome(result string) string {
	switch {
	case result == "0", hasPrefixFold(result, "succe"), hasPrefixFold(result, "success"):
		return "success"
	case hasPrefixFold(result, "fail"):
		return "failure"
	case hasPrefixFold(result, "start"), hasPrefixFold(result, "accept"):
		return "unknown"
	}
	return ""
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// The claims that name a person, an application or a token.
const (
	upnClaim    = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
	objectClaim = "http://schemas.microsoft.com/identity/claims/objectidentifier"
)

// activityUser fills who acted, as far as the claims tell.
func (k *walk) activityUser(ev *ecs.Event) {
	claims := k.found[claimsSlot]
	ev.Link.Token = claims.Get("uti").Str()
	app := claims.Get("appid").Str()
	upn := claims.Get(upnClaim).Str()
	if upn == "" && app != "" {
		kind := ecs.Machine
		if claims.Get("xms_mirid").Exists() {
			kind = ecs.Workload
		}
		ev.Identity = ecs.Identity{ID: application(app, ""), Kind: kind}
		service(ev, app)
		return
	}
	u := &ev.User
	u.ID, u.Name, u.FullName = claims.Get(objectClaim).Str(), upn, claims.Get("name").Str()
	if strings.IndexByte(upn, '@') > 0 {
		u.Email = upn
	}
	relateUser(ev)
	person(ev)
}

// resourceActivity is the kind of act of an operation such as Microsoft.Authorization/roleAssignments/write.
func resourceActivity(operation string) ecs.Activity {
	for _, known := range resourceFamilies {
		if indexFold(operation, known.part) >= 0 {
			return known.activity
		}
	}
	return ecs.APICall
}

// resourceFamilies are parts of the names of operations, whose letter case changes from record to record. The first
// that is found counts.
var resourceFamilies = []family{
	{"/diagnosticSettings/", ecs.LogTampering},
	{"/elevateAccess/action", ecs.Elevation},
	{"/roleAssignments/write", ecs.PrivilegeGrant},
	{"/roleAssignments/delete", ecs.PrivilegeRevoke},
	{"/roleDefinitions/write", ecs.PrivilegeGrant},
	{"/federatedIdentityCredentials/write", ecs.TrustChange},
	{"/regenerateKey/action", ecs.CredentialRotate},
	{"/listKeys/action", ecs.CredentialRead},
	{"/listSecrets/action", ecs.CredentialRead},
	{"/listClusterAdminCredential/action", ecs.CredentialRead},
	{"/listClusterUserCredential/action", ecs.CredentialRead},
	{"/runCommand/action", ecs.CodeRun},
	{"Microsoft.Resources/deployments/write", ecs.Deployment},
	{"/write", ecs.ResourceChange},
	{"/delete", ecs.ResourceChange},
}
