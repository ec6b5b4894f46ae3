package entra

import (
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// slot is the place of a value that a parser needs beyond writing it.
type slot uint8

const (
	_ slot = iota // of rows that nobody asks for

	// of the envelope
	timeSlot
	createdSlot
	categorySlot
	operationSlot
	resourceSlot
	tenantSlot
	correlationSlot
	levelSlot
	durationSlot
	callerSlot
	countrySlot
	resultSlot
	propertiesSlot

	// of properties
	idSlot
	happenedSlot // when it happened, in properties
	outcomeSlot
	reasonSlot
	detailsSlot
	placeSlot
	ipSlot
	ipOldSlot
	userSlot
	loginSlot
	fullNameSlot
	userTypeSlot
	agentSlot // the user agent
	appSlot
	appNameSlot
	appOwnerSlot
	principalSlot
	principalNameSlot
	keySlot
	federatedSlot
	credentialSlot
	targetSlot // the resource signed in to, or the targets of an audited act
	deviceSlot
	sessionSlot
	tokenSlot
	requestSlot
	incomingSlot
	protocolSlot
	interactiveSlot
	homeSlot
	resourceTenantSlot
	crossSlot
	agentTypeSlot
	agentSubjectSlot
	issuerSlot
	subjectSlot
	processingSlot

	// of Graph activity
	methodSlot
	uriSlot
	statusSlot
	sizeSlot
	rolesSlot
	scopesSlot
	directoryRolesSlot
	clientAuthSlot
	billableSlot
	issuedSlot
	ownTenantSlot
	ownDurationSlot
	regionSlot

	// of Identity Protection and Azure activity
	infoSlot
	claimsSlot
	authorizationSlot
	identitySlot

	slots
)

// text is the text of a value the walk has met, "" when there was none.
func (k *walk) text(s slot) string { return k.found[s].Scalar() }

// envelope fills what all streams take from around the properties.
func (k *walk) envelope(ev *ecs.Event) {
	ev.Action = k.text(operationSlot)
	ev.Tenant = k.text(tenantSlot)
	ev.Link.Trace = k.text(correlationSlot)
	ev.Duration, ev.HasDuration = duration(k.found[durationSlot])
}

// shared writes the members of azure that all streams have and closes azure, which was opened at mark.
func (p Parser) shared(ev *ecs.Event, k *walk, mark int) {
	id := k.text(resourceSlot)
	k.Str("correlation_id", ev.Link.Trace)
	k.Str("tenant_id", ev.Tenant)
	r := parseResource(id)
	k.Str("subscription_id", r.subscription)
	part := k.Open("resource")
	k.Str("id", id)
	k.Str("group", r.group)
	k.Str("provider", r.provider)
	k.Str("namespace", r.namespace)
	k.Str("name", r.name)
	k.Str("authorization_rule", r.rule)
	k.Close(part)
	if p.OTel {
		k.otel(ev, r)
	}
	k.Close(mark)
}

// otel writes the names of version 1.41.
func (k *walk) otel(ev *ecs.Event, r resource) {
	k.member("correlation", "id", ev.Link.Trace)
	k.member("tenant", "id", ev.Tenant)
	k.member("resource_provider", "namespace", r.provider)
	k.member("resource_group", "name", r.group)
	k.member("subscription", "id", r.subscription)
	ev.Cloud.ResourceID = k.text(resourceSlot)
	if ev.Cloud.AccountID = ev.Tenant; ev.Tenant == "" {
		ev.Cloud.AccountID = r.subscription
	}
}

// member writes an object with one member.
func (k *walk) member(object, name, text string) {
	mark := k.Open(object)
	k.Str(name, text)
	k.Close(mark)
}

// sourceIP gives the source an address. What is no address is kept as a text.
func sourceIP(ev *ecs.Event, text string) (isIP bool) {
	if ev.Source.SetIP(text) {
		ev.Source.Locate = true
		return true
	}
	ev.Source.Address = text
	return false
}

// clientToo makes the source the client as well.
func clientToo(ev *ecs.Event) {
	ev.Client.IP, ev.Client.Addr = ev.Source.IP, ev.Source.Addr
	ev.Related.IP = ecs.Add(ev.Related.IP, ev.Source.IP)
}

// userAgent fills user_agent. An empty text is one too: that of a client which does not say what it is.
func (k *walk) userAgent(ev *ecs.Event) {
	agent := k.found[agentSlot]
	if agent.Kind() == record.String {
		ev.UserAgent.Original, ev.UserAgent.Known = agent.Str(), true
	} else if !agent.Vacant() {
		k.Cleaned = true
	}
}

// relateUser fills related.user.
func relateUser(ev *ecs.Event) {
	for _, text := range [...]string{ev.User.ID, ev.User.Name, ev.User.FullName} {
		ev.Related.User = ecs.Add(ev.Related.User, text)
	}
}

// unwell marks an event of which something could not be mapped. The sentence names the field and never its value.
func unwell(ev *ecs.Event, sentence string) {
	ev.Kind = "pipeline_error"
	ev.Errors = append(ev.Errors, sentence)
	ev.KeepOriginal = true
}

// levels are the log levels that are numbers, as texts.
var levels = [10][]byte{
	[]byte(`"0"`), []byte(`"1"`), []byte(`"2"`), []byte(`"3"`), []byte(`"4"`),
	[]byte(`"5"`), []byte(`"6"`), []byte(`"7"`), []byte(`"8"`), []byte(`"9"`),
}

// levelText is a level as a JSON string.
func levelText(v record.Value) []byte {
	if v.Vacant() {
		return nil
	}
	if raw := v.Raw(); v.Kind() == record.String {
		return raw
	} else if len(raw) == 1 && raw[0]-'0' < 10 {
		return levels[raw[0]-'0']
	}
	if text := v.Scalar(); text != "" {
		return record.AppendString(nil, text)
	}
	return nil
}
