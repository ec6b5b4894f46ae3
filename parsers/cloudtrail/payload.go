package cloudtrail

import "github.com/idwatch/idwatch/parsers/record"

// maxFlattened is the length of a payload's text, in UTF-16 units, from which on it has no flattened copy.
const maxFlattened = 32766

// payload is one of the members whose content is the API's own. Each is written twice: as text, and as an object.
type payload struct {
	name    string
	value   record.Value
	omitted record.Value // a member that is not written
	copied  bool         // the text is short enough for a flattened copy
}

// payloads writes all that stands below aws.cloudtrail and is not a plain member.
func (t *trail) payloads() {
	all := [...]payload{
		{name: "request_parameters", value: t.request},
		{name: "response_elements", value: t.response},
		{name: "additional_eventdata", value: t.additional, omitted: t.moved},
		{name: "service_event_details", value: t.service},
	}
	for i := range all {
		if all[i].exists() {
			t.w.payloadText(&all[i])
		}
	}
	mark := t.w.Open("flattened")
	for i := range all {
		if all[i].copied {
			t.w.payloadCopy(&all[i])
		}
	}
	t.w.flattened("insight_details", t.insight)
	t.writeDigest()
	t.w.Close(mark)
	if t.ev.Action == "ConsoleLogin" {
		t.consoleLogin()
	}
}

// exists reports whether anything is left of the payload.
func (p *payload) exists() bool {
	if !p.omitted.Exists() {
		return !p.value.Hollow()
	}
	for m := p.value.First(); m.Found(); m = m.NextIn(p.value) {
		if !m.Hollow() && m != p.omitted {
			return true
		}
	}
	return false
}

// payloadText writes the payload as the text that Java makes of a map.
func (w *writer) payloadText(p *payload) {
	w.B = append(append(append(w.B, '"'), p.name...), `":"`...)
	start := len(w.B)
	w.B = appendJava(w.B, p.value, p.omitted)
	text := w.B[start:]
	p.copied = len(text) < maxFlattened || utf16Units(text) < maxFlattened
	w.B = append(w.B, '"', ',')
}

// payloadCopy writes the payload as it is.
func (w *writer) payloadCopy(p *payload) {
	if !p.omitted.Exists() {
		w.flattened(p.name, p.value)
		return
	}
	mark := w.Open(p.name)
	for m := p.value.First(); m.Found(); m = m.NextIn(p.value) {
		if !m.Hollow() && m != p.omitted {
			w.B = append(append(append(w.B, '"'), m.RawKey()...), '"', ':')
			w.B = append(m.AppendFilled(w.B), ',')
		}
	}
	w.Close(mark)
}

// utf16Units counts the UTF-16 units of the inside of a JSON string.
func utf16Units(text []byte) int {
	units := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && text[i+1] == 'u':
			i += 5
		case c == '\\':
			i++
		case c >= 0xF0:
			units++ // two units in all
		case c >= 0x80 && c < 0xC0:
			continue // inside of a character
		}
		units++
	}
	return units
}

// consoleLogin writes what the console adds to a sign-in.
func (t *trail) consoleLogin() {
	outer := t.w.Open("console_login")
	inner := t.w.Open("additional_eventdata")
	t.w.unlessNo("mobile_version", t.additional.Get("MobileVersion"))
	t.w.keyword("login_to", t.additional.Get("LoginTo"))
	t.w.unlessNo("mfa_used", t.additional.Get("MFAUsed"))
	t.w.Close(inner)
	t.w.Close(outer)
}

// unlessNo writes true for everything but "No".
func (w *writer) unlessNo(name string, v record.Value) {
	switch {
	case v.Hollow():
	case v.Str() == "No":
		w.Raw(name, []byte("false"))
	default:
		w.True(name, true)
	}
}
