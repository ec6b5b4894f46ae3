package entra

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// graphRoot are the members of the envelope of a Graph activity record.
var graphRoot = snakeTable(
	row{from: "time", as: taken, slot: timeSlot},
	row{from: "category", as: keyword, slot: categorySlot},
	row{from: "operationName", as: keyword, slot: operationSlot},
	row{from: "operationVersion", as: keyword},
	row{from: "resultType", as: keyword},
	row{from: "resultSignature", as: keyword},
	row{from: "resultDescription", as: keyword},
	row{from: "callerIpAddress", as: taken, slot: callerSlot},
	row{from: "durationMs", as: taken, slot: durationSlot},
	row{from: "level", as: taken, slot: levelSlot},
	row{from: "location", as: taken, slot: countrySlot},
	row{from: "resourceId", as: taken, slot: resourceSlot},
	row{from: "tenantId", as: taken, slot: tenantSlot},
	row{from: "correlationId", as: taken, slot: correlationSlot},
	row{from: "properties", as: taken, slot: propertiesSlot},
)

// graphProperties are the members of the call itself.
// https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/microsoftgraphactivitylogs
var graphProperties = snakeTable(
	row{from: "timeGenerated", as: utc, slot: happenedSlot},
	row{from: "tokenIssuedAt", as: utc, slot: issuedSlot},
	row{from: "ipAddress", as: taken, slot: ipSlot},
	row{from: "durationMs", as: taken, slot: ownDurationSlot},
	row{from: "location", as: taken, slot: regionSlot},
	row{from: "requestId", as: taken, slot: requestSlot},
	row{from: "requestMethod", as: taken, slot: methodSlot},
	row{from: "requestUri", as: taken, slot: uriSlot},
	row{from: "responseSizeBytes", as: taken, slot: sizeSlot},
	row{from: "responseStatusCode", as: taken, slot: statusSlot},
	row{from: "userAgent", as: taken, slot: agentSlot},
	row{from: "userId", as: taken, slot: userSlot},
	row{from: "roles", as: taken, slot: rolesSlot},
	row{from: "scopes", as: taken, slot: scopesSlot},
	row{from: "wids", as: taken, slot: directoryRolesSlot},
	row{from: "clientAuthMethod", as: taken, slot: clientAuthSlot},
	row{from: "_billedSize", to: "billed_size", as: float},
	row{from: "_isBillable", to: "is_billable", as: taken, slot: billableSlot},
	row{from: "servicePrincipalId", as: keyword, slot: principalSlot},
	row{from: "signInActivityId", as: keyword, slot: tokenSlot},
	row{from: "C_DeviceId", as: keyword, slot: deviceSlot},
	row{from: "C_Sid", as: keyword, slot: sessionSlot},
	row{from: "appId", as: keyword, slot: appSlot},
	row{from: "tenantId", as: keyword, slot: ownTenantSlot},
)

// graph maps a record of Microsoft Graph activity.
func (p Parser) graph(ev *ecs.Event, root record.Value, k *walk) error {
	k.snake, k.prune = true, true
	azure := k.Open("azure")
	stream := k.Open("graphactivitylogs")
	k.object(graphRoot, root)
	if properties := k.found[propertiesSlot]; properties.Kind() == record.Object {
		mark := k.Open("properties")
		k.object(graphProperties, properties)
		k.graphLists()
		k.Close(mark)
	} else if !properties.Vacant() {
		k.Cleaned = true
	}
	k.Close(stream)
	k.envelope(ev)
	if ev.Tenant == "" {
		ev.Tenant = k.text(ownTenantSlot)
	}
	if !ev.HasDuration {
		ev.Duration, ev.HasDuration = duration(k.found[ownDurationSlot])
	}
	p.shared(ev, k, azure)
	ev.LogLevel = levelText(k.found[levelSlot])
	k.graphObjects(ev)
	k.graphEvent(ev)
	var ok bool
	if ev.Time, ok = firstTime(k.found[timeSlot], k.found[happenedSlot]); !ok {
		return noTime(GraphDataset, k.found[timeSlot])
	}
	return nil
}

// graphLists writes the members that change their type.
func (k *walk) graphLists() {
	k.words("roles", k.found[rolesSlot])
	k.words("scopes", k.found[scopesSlot])
	k.words("wids", k.found[directoryRolesSlot])
	if n, ok := wholeNumber(k.text(clientAuthSlot)); ok {
		k.Number("client_auth_method", n)
	}
	switch text := k.text(billableSlot); {
	case strings.EqualFold(text, "true"):
		k.Raw("is_billable", []byte("true"))
	case strings.EqualFold(text, "false"):
		k.Raw("is_billable", []byte("false"))
	}
}

// words writes a text of words as a list.
func (k *walk) words(name string, v record.Value) {
	if v.Kind() != record.String {
		if !v.Vacant() {
			k.keyword(name, v)
		}
		return
	}
	if v.Str() == "" {
		return
	}
	mark := len(k.B)
	k.B = append(append(append(k.B, '"'), name...), `":[`...)
	start := len(k.B)
	for word := range strings.SplitSeq(v.Str(), " ") {
		if word != "" {
			k.B = append(record.AppendString(k.B, word), ',')
		}
	}
	if len(k.B) == start {
		k.B = k.B[:mark]
		return
	}
	k.B[len(k.B)-1] = ']'
	k.B = append(k.B, ',')
}

// graphObjects writes the ECS objects that no other source has.
func (k *walk) graphObjects(ev *ecs.Event) {
	mark := k.Open("http")
	part := k.Open("request")
	k.Str("id", k.text(requestSlot))
	k.Str("method", k.text(methodSlot))
	k.Close(part)
	part = k.Open("response")
	k.Long("bytes", k.found[sizeSlot])
	k.Long("status_code", k.found[statusSlot])
	k.Close(part)
	k.Close(mark)
	k.url(k.text(uriSlot))
	k.member("device", "id", k.text(deviceSlot))
	k.member("session", "id", k.text(sessionSlot))
	k.member("token", "id", k.text(tokenSlot))
	region := k.text(countrySlot)
	if region == "" {
		region = k.text(regionSlot)
	}
	ev.Cloud.Region = region // the name of a region of Azure, not a place
	mark = k.Open("destination")
	k.member("geo", "region_name", region)
	k.Close(mark)
}

// graphEvent fills the ECS fields of a Graph call.
func (k *walk) graphEvent(ev *ecs.Event) {
	ev.Dataset = GraphDataset
	ev.Cloud.ServiceName, ev.Cloud.AccountID = "Microsoft Graph", ev.Tenant
	if v := k.found[happenedSlot]; !v.Vacant() && !isTime(v) {
		unwell(ev, "properties.timeGenerated cannot be read")
	}
	if v := k.found[issuedSlot]; !v.Vacant() && !isTime(v) {
		unwell(ev, "properties.tokenIssuedAt cannot be read")
	}
	status, _ := wholeNumber(k.text(statusSlot))
	ev.Category, ev.Type = api, callType(k.text(methodSlot), status == 401 || status == 403)
	ev.Outcome = callOutcome(status)
	text := k.text(callerSlot)
	if text == "" {
		text = k.text(ipSlot)
	}
	if sourceIP(ev, text) {
		clientToo(ev)
		ev.Client.Locate = true
	}
	k.userAgent(ev)
	k.graphIdentity(ev)
	ev.Activity = ecs.APICall
}

// graphIdentity fills who called: the user for whom an application acted, else the application.
func (k *walk) graphIdentity(ev *ecs.Event) {
	l := &ev.Link
	l.Session, l.Device, l.Token = k.text(sessionSlot), k.text(deviceSlot), k.text(tokenSlot)
	user := k.text(userSlot)
	ev.Service.ID = k.text(principalSlot)
	if ev.User.ID = user; user == "" {
		ev.User.ID = ev.Service.ID
	}
	ev.Client.User.ID = ev.User.ID
	relateUser(ev)
	if user != "" {
		person(ev)
		return
	}
	k.machine(ev, ecs.Machine)
}

func isTime(v record.Value) bool {
	_, ok := firstTime(v)
	return ok
}

var (
	api = []string{"api"}

	access, accessDenied     = []string{"access"}, []string{"access", "denied"}
	creation, creationDenied = []string{"creation"}, []string{"creation", "denied"}
	change, changeDenied     = []string{"change"}, []string{"change", "denied"}
	deletion, deletionDenied = []string{"deletion"}, []string{"deletion", "denied"}
	denied                   = []string{"denied"}
)

// callType is event.type of a call with an HTTP method.
func callType(method string, refused bool) []string {
	allowed, not := []string(nil), denied
	switch method {
	case "GET", "HEAD", "":
		allowed, not = access, accessDenied
	case "POST":
		allowed, not = creation, creationDenied
	case "PATCH", "PUT":
		allowed, not = change, changeDenied
	case "DELETE":
		allowed, not = deletion, deletionDenied
	}
	if refused {
		return not
	}
	return allowed
}

// callOutcome is event.outcome of a call with an HTTP status.
func callOutcome(status int64) string {
	switch {
	case status >= 200 && status < 300:
		return "success"
	case status >= 400:
		return "failure"
	}
	return ""
}
