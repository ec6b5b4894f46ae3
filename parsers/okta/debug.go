package okta

import (
	"strings"
	"sync"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// inners are records for JSON that stands in texts.
var inners = sync.Pool{New: func() any { return new(record.Record) }}

// debugFields are the debug data that Elastic also keeps under snake-case names.
var debugFields = []field{
	{"deviceFingerprint", "device_fingerprint"}, {"requestId", "request_id"}, {"requestUri", "request_uri"},
	{"threatSuspected", "threat_suspected"}, {"url", "url"}, {"dtHash", "dt_hash"}, {"clientSecret", "client_secret"},
	{"requestedScopes", "requested_scopes"}, {"grantedScopes", "granted_scopes"}, {"grantType", "grant_type"},
	{"factor", "factor"},
}

// riskObject is where Elastic keeps a risk text that could not be taken apart.
const riskObject = "risk_object"

// risks is what the debug data say of a sign-in's risk.
type risks struct {
	level, reasons string
	object         string   // risk as text, where it could not be taken apart
	behaviors      []string // those that were POSITIVE
}

// debug renders the debug data: as they are, with three texts taken apart, below "flattened", and some of them beside it.
func debug(ev *ecs.Event, w *ecs.Writer, data record.Value) {
	if data.Vacant() || data.Kind() != record.Object {
		w.Cleaned = w.Cleaned || !data.Vacant()
		return
	}
	outer := w.Open("debug_context")
	inside := w.Open("debug_data")
	var r risks
	flattened := w.Open("flattened")
	for m := data.First(); m.Kind() != record.Absent; m = m.NextIn(data) {
		switch {
		case m.Vacant():
		case m.Key() == riskObject: // ours, not Okta's: see below
			w.Cleaned = true
		default:
			w.Name(m.Key())
			w.B = append(flat(ev, w.B, m, &r), ',')
		}
	}
	w.Str(riskObject, r.object)
	w.Close(flattened)
	for _, f := range debugFields {
		w.Keyword(f.to, data.Get(f.from))
	}
	w.Str("risk_level", r.level)
	w.Strings("risk_reasons", reasons(r.reasons))
	w.Strings("risk_behaviors", r.behaviors)
	w.Close(inside)
	w.Close(outer)
}

// flat appends one member of the debug data.
func flat(ev *ecs.Event, dst []byte, m record.Value, r *risks) []byte {
	if m.Kind() == record.String {
		switch string(m.RawKey()) {
		case "logOnlySecurityData":
			return logOnly(dst, m, r)
		case "behaviors":
			return behaviors(ev, dst, m, r)
		case "risk":
			return risk(ev, dst, m, r)
		}
	}
	return m.AppendKept(dst)
}

// logOnly: security data of policies that do not act yet, as JSON in a text. Its risk goes before the other.
func logOnly(dst []byte, m record.Value, r *risks) []byte {
	inner := inners.Get().(*record.Record)
	defer inners.Put(inner)
	if inner.Parse([]byte(m.Str())) != nil {
		return append(dst, m.Raw()...)
	}
	about := inner.Root().Get("risk")
	if level := about.Get("level").Scalar(); level != "" {
		r.level = strings.Clone(level)
	}
	if text := about.Get("reasons").Scalar(); text != "" {
		r.reasons = strings.Clone(text)
	}
	return append(dst, inner.Text()...)
}

// behaviors reads {New City=NEGATIVE, New Device=POSITIVE}, a printed Java map.
func behaviors(ev *ecs.Event, dst []byte, m record.Value, r *risks) []byte {
	var room [16]pair
	pairs, ok := javaMap(room[:0], m.Str())
	if !ok {
		fail(ev, "debugContext.debugData.behaviors cannot be taken apart")
		return append(dst, m.Raw()...)
	}
	for _, p := range pairs {
		if p.value == "POSITIVE" {
			r.behaviors = append(r.behaviors, p.key)
		}
	}
	return appendPairs(dst, pairs)
}

// risk reads {level=LOW, reasons=…}. Reasons have commas of their own: then the text is kept whole beside its two parts.
func risk(ev *ecs.Event, dst []byte, m record.Value, r *risks) []byte {
	text := m.Str()
	var room [16]pair
	pairs, ok := javaMap(room[:0], text)
	if ok {
		r.take(valueOf(pairs, "level"), valueOf(pairs, "reasons"))
		return appendPairs(dst, pairs)
	}
	inside := unbraced(text)
	if first, _, _ := strings.Cut(inside, ", "); !strings.Contains(first, "=") {
		fail(ev, "debugContext.debugData.risk cannot be taken apart")
		return append(dst, m.Raw()...)
	}
	r.object = text
	pairs = parts(inside)
	if len(pairs) == 0 {
		return record.AppendString(dst, inside)
	}
	r.take(valueOf(pairs, "level"), valueOf(pairs, "reasons"))
	return appendPairs(dst, pairs)
}

// take notes level and reasons unless better ones are known.
func (r *risks) take(level, reasons string) {
	if r.level == "" {
		r.level = level
	}
	if r.reasons == "" {
		r.reasons = reasons
	}
}

// parts finds level and reasons in a risk text that is no clean list of pairs.
func parts(text string) []pair {
	var found []pair
	if _, after, ok := strings.Cut(text, "level="); ok {
		level, _, _ := strings.Cut(after, " ")
		found = append(found, pair{"level", level})
	}
	if _, after, ok := strings.Cut(text, "reasons="); ok {
		found = append(found, pair{"reasons", after[:nextKey(after)]})
	}
	return found
}

// nextKey is where ", key=" begins in text, or its end.
func nextKey(text string) int {
	for at := 0; ; {
		n := strings.Index(text[at:], ", ")
		if n < 0 {
			return len(text)
		}
		at += n
		word := text[at+2:]
		if end := strings.IndexAny(word, "=, "); end > 0 && word[end] == '=' {
			return at
		}
		at += 2
	}
}

// reasons splits at commas with white space after them.
func reasons(text string) []string {
	if text == "" {
		return nil
	}
	list := strings.Split(text, ",")
	for i := range list {
		if i > 0 {
			list[i] = strings.TrimLeft(list[i], " \t")
		}
	}
	return list
}

// pair is one entry of a printed Java map.
type pair struct{ key, value string }

// javaMap takes {a=b, c=d} apart and appends its pairs; ok is false when a piece has no "=".
func javaMap(pairs []pair, text string) (_ []pair, ok bool) {
	rest, more := unbraced(text), true
	for more {
		var piece string
		piece, rest, more = strings.Cut(rest, ", ")
		key, value, found := strings.Cut(piece, "=")
		if !found {
			return nil, false
		}
		pairs = set(pairs, pair{key, value})
	}
	return pairs, true
}

// set adds a pair, or gives the one with its key another value.
func set(pairs []pair, p pair) []pair {
	for i := range pairs {
		if pairs[i].key == p.key {
			pairs[i].value = p.value
			return pairs
		}
	}
	return append(pairs, p)
}

func unbraced(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
}

func valueOf(pairs []pair, key string) string {
	for _, p := range pairs {
		if p.key == key {
			return p.value
		}
	}
	return ""
}

func appendPairs(dst []byte, pairs []pair) []byte {
	dst = append(dst, '{')
	for i, p := range pairs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(record.AppendString(dst, p.key), ':')
		dst = record.AppendString(dst, p.value)
	}
	return append(dst, '}')
}
