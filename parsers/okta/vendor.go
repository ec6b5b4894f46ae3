package okta

import (
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// field says under which name a member goes on as a keyword.
type field struct{ from, to string }

// vendor renders okta.*, the record's members under Elastic's names.
func vendor(ev *ecs.Event, m *members) {
	w := ecs.Writer{B: ev.Vendor}
	mark := w.Open("okta")
	w.Keyword("display_message", m.displayMessage)
	w.Keyword("event_type", m.eventType)
	w.Keyword("uuid", m.uuid)
	keywords(&w, "actor", m.actor, actorFields)
	clientOf(&w, m.client)
	device(ev, &w, m.device)
	keywords(&w, "outcome", m.outcome, outcomeFields)
	targetsOf(ev, &w, m.target)
	transaction(&w, m.transaction)
	debug(ev, &w, m.debugData)
	authentication(&w, m.authenticationContext)
	security(&w, m.securityContext)
	request(&w, m.request.Get("ipChain"))
	w.Close(mark)
	ev.Vendor = w.B
	ev.KeepOriginal = ev.KeepOriginal || w.Cleaned
}

var (
	actorFields   = []field{{"alternateId", "alternate_id"}, {"displayName", "display_name"}, {"id", "id"}, {"type", "type"}}
	outcomeFields = []field{{"result", "result"}, {"reason", "reason"}}
	detailFields  = []field{{"requestApiTokenId", "request_api_token_id"}, {"rootApiTokenId", "root_api_token_id"}}
	issuerFields  = []field{{"id", "id"}, {"type", "type"}}
	agentFields   = []field{{"browser", "browser"}, {"os", "os"}, {"rawUserAgent", "raw_user_agent"}}
	contextFields = []field{
		{"credentialProvider", "credential_provider"}, {"credentialType", "credential_type"},
		{"externalSessionId", "external_session_id"}, {"rootSessionId", "root_session_id"},
	}
)

// keywords renders an object of keywords.
func keywords(w *ecs.Writer, name string, v record.Value, fields []field) {
	mark := w.Open(name)
	for _, f := range fields {
		w.Keyword(f.to, v.Get(f.from))
	}
	w.Close(mark)
}

func clientOf(w *ecs.Writer, c record.Value) {
	mark := w.Open("client")
	w.Keyword("device", c.Get("device"))
	w.Keyword("id", c.Get("id"))
	w.Keyword("zone", c.Get("zone"))
	if ip := c.Get("ipAddress"); ecs.IsIP(ip.Str()) {
		w.Copy("ip", ip)
	}
	keywords(w, "user_agent", c.Get("userAgent"), agentFields)
	w.Close(mark)
}

// device renders the device under its own member names; device_integrator is JSON in a text.
func device(ev *ecs.Event, w *ecs.Writer, d record.Value) {
	mark := w.Open("device")
	for m := d.First(); m.Kind() != record.Absent; m = m.NextIn(d) {
		switch name := m.Key(); name {
		case "device_integrator":
			integrator(ev, w, m)
		case "managed", "registered", "secure_hardware_present":
			w.Boolean(name, m)
		case "disk_encryption_type", "id", "name", "os_platform", "os_version", "screen_lock_type":
			w.Keyword(name, m)
		default:
			if !m.Vacant() {
				w.Name(name)
				w.B = append(m.AppendKept(w.B), ',')
			}
		}
	}
	w.Close(mark)
}

func integrator(ev *ecs.Event, w *ecs.Writer, m record.Value) {
	if m.Vacant() {
		return
	}
	if m.Kind() != record.String {
		w.Object("device_integrator", m)
		return
	}
	inner := inners.Get().(*record.Record)
	defer inners.Put(inner)
	if inner.Parse([]byte(m.Str())) != nil {
		fail(ev, "device.device_integrator is not JSON")
		return
	}
	w.Raw("device_integrator", inner.Text())
}

// targetsOf renders the targets. A target without a name has null in its place, as Elastic's pipeline writes.
func targetsOf(ev *ecs.Event, w *ecs.Writer, list record.Value) {
	if list.Vacant() {
		return
	}
	if list.Kind() != record.Array {
		w.Cleaned = true
		return
	}
	w.Name("target")
	w.B = append(w.B, '[')
	for m := list.First(); m.Kind() != record.Absent; m = m.NextIn(list) {
		if m.Vacant() {
			continue
		}
		if m.Kind() != record.Object {
			w.Cleaned = true
			continue
		}
		target(ev, w, m)
	}
	w.EndList()
}

func target(ev *ecs.Event, w *ecs.Writer, m record.Value) {
	w.B = append(w.B, '{')
	nullable(w, "alternate_id", m.Get("alternateId"))
	nullable(w, "display_name", m.Get("displayName"))
	detail(w, m.Get("detailEntry"))
	w.Keyword("id", m.Get("id"))
	w.Keyword("type", m.Get("type"))
	change(w, m.Get("changeDetails"))
	w.B[len(w.B)-1] = '}'
	w.B = append(w.B, ',')
	if m.Get("type").Vacant() {
		fail(ev, "target.type is missing")
	}
}

func nullable(w *ecs.Writer, name string, v record.Value) {
	if v.Vacant() {
		w.Raw(name, []byte("null"))
		return
	}
	w.Keyword(name, v)
}

func detail(w *ecs.Writer, v record.Value) {
	mark := w.Open("detailEntry")
	w.Keyword("methodTypeUsed", v.Get("methodTypeUsed"))
	w.Keyword("methodUsedVerifiedProperties", v.Get("methodUsedVerifiedProperties"))
	w.Close(mark)
}

// change renders what changed from what to what: the index holds keywords, so anything but a text becomes JSON text.
func change(w *ecs.Writer, v record.Value) {
	mark := w.Open("changeDetails")
	for _, name := range []string{"from", "to"} {
		side := w.Open(name)
		state := v.Get(name)
		for m := state.First(); m.Kind() != record.Absent && state.Kind() == record.Object; m = m.NextIn(state) {
			if m.Vacant() {
				continue
			}
			w.Name(m.Key())
			if m.Kind() == record.String {
				w.B = append(append(w.B, m.Raw()...), ',')
				continue
			}
			w.B = append(record.AppendString(w.B, string(m.AppendKept(nil))), ',')
		}
		w.Close(side)
	}
	w.Close(mark)
}

func transaction(w *ecs.Writer, t record.Value) {
	mark := w.Open("transaction")
	w.Keyword("id", t.Get("id"))
	w.Keyword("type", t.Get("type"))
	keywords(w, "detail", t.Get("detail"), detailFields)
	w.Close(mark)
}

// authentication: the interface goes where the provider is not, a quirk of Elastic's mapping.
func authentication(w *ecs.Writer, a record.Value) {
	mark := w.Open("authentication_context")
	provider := a.Get("authenticationProvider")
	if provider.Vacant() {
		provider = a.Get("interface")
	}
	w.Keyword("authentication_provider", provider)
	w.Long("authentication_step", a.Get("authenticationStep"))
	for _, f := range contextFields {
		w.Keyword(f.to, a.Get(f.from))
	}
	keywords(w, "issuer", a.Get("issuer"), issuerFields)
	w.Close(mark)
}

func security(w *ecs.Writer, s record.Value) {
	mark := w.Open("security_context")
	as := w.Open("as")
	w.Long("number", s.Get("asNumber"))
	organization := w.Open("organization")
	w.Keyword("name", s.Get("asOrg"))
	w.Close(organization)
	w.Close(as)
	w.Keyword("domain", s.Get("domain"))
	w.Boolean("is_proxy", s.Get("isProxy"))
	w.Keyword("isp", s.Get("isp"))
	w.Close(mark)
}

// request renders the chain of addresses with two of its names in snake case.
func request(w *ecs.Writer, chain record.Value) {
	if chain.Vacant() {
		return
	}
	if chain.Kind() != record.Array {
		w.Cleaned = true
		return
	}
	mark := w.Open("request")
	w.Name("ip_chain")
	w.B = append(w.B, '[')
	for hop := chain.First(); hop.Kind() != record.Absent; hop = hop.NextIn(chain) {
		if hop.Vacant() || hop.Kind() != record.Object {
			continue
		}
		w.B = append(w.B, '{')
		renamed(w, hop, "geographicalContext", "geographical_context")
		w.B[len(w.B)-1] = '}'
		w.B = append(w.B, ',')
	}
	w.EndList()
	w.Close(mark)
}

// renamed renders an object's members, one of them under another name and its postalCode as well.
func renamed(w *ecs.Writer, object record.Value, from, to string) {
	for m := object.First(); m.Kind() != record.Absent; m = m.NextIn(object) {
		if m.Vacant() {
			continue
		}
		name := m.Key()
		if name == from {
			name = to
		}
		w.Name(name)
		if name == to && m.Kind() == record.Object {
			w.B = append(w.B, '{')
			renamed(w, m, "postalCode", "postal_code")
			w.B[len(w.B)-1] = '}'
		} else {
			w.B = m.AppendKept(w.B)
		}
		w.B = append(w.B, ',')
	}
}
