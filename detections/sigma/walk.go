package sigma

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/record"
)

// route is a path into a vendor's records, ready to be looked up.
type route struct {
	text  string
	cuts  []cut  // the names with which it can begin, longest first
	inner *route // of Entra's paths: the rest behind "properties."
}

// cut is a name with which a path can begin: up to a dot, or all of it.
type cut struct {
	end       int
	signature uint32
}

func newRoute(text string) *route {
	r := &route{text: text}
	for end := len(text); end >= 0; end = strings.LastIndexByte(text[:end], '.') {
		r.cuts = append(r.cuts, cut{end, signatureOf(text[:end])})
	}
	if inner, wrapped := strings.CutPrefix(text, "properties."); wrapped {
		r.inner = newRoute(inner)
	}
	return r
}

// own appends what stands at a path of the vendor's record: with the keys as they are written or, when there is nothing, in
// any case. Entra's records from Graph have at the top what its diagnostic records have below properties.
func (m *matcher) own(r *route) bool {
	if m.follow(r, false) || m.follow(r, true) {
		return true
	}
	return r.inner != nil && m.view.azure && !m.root.Get("properties").Found() && (m.follow(r.inner, false) || m.follow(r.inner, true))
}

// follow is walk from the top of the record.
func (m *matcher) follow(r *route, folded bool) bool {
	for _, c := range r.cuts {
		name := r.text[:c.end]
		for i := range m.entries {
			e := &m.entries[i]
			if e.signature != c.signature && e.signature != unlike && c.signature != unlike {
				continue
			}
			if isNamed(e.value, name, folded) && m.lead(e.value, r.text, c.end, folded) {
				return true
			}
		}
	}
	return false
}

// lead goes on from a member whose name is the path up to end.
func (m *matcher) lead(member record.Value, path string, end int, folded bool) bool {
	if end == len(path) {
		m.emit(member)
		return true
	}
	return m.walk(member, path[end+1:], folded)
}

// walk appends to the matcher's values those that stand at a path below v, and reports whether there are any. An array on the way
// means any of its elements. A key may hold dots: of the keys that fit, the longest that leads on is taken.
func (m *matcher) walk(v record.Value, path string, folded bool) bool {
	switch v.Kind() {
	case record.Array:
		found := false
		for e := v.First(); e.Found(); e = e.NextIn(v) {
			if m.walk(e, path, folded) {
				found = true
			}
		}
		return found
	case record.Object:
		return m.walkObject(v, path, folded)
	}
	return false
}

func (m *matcher) walkObject(v record.Value, path string, folded bool) bool {
	for end := len(path); end >= 0; end = strings.LastIndexByte(path[:end], '.') {
		if !folded {
			if member := v.Get(path[:end]); member.Found() && m.lead(member, path, end, folded) {
				return true
			}
			continue
		}
		for member := v.First(); member.Found(); member = member.NextIn(v) {
			if isNamed(member, path[:end], folded) && m.lead(member, path, end, folded) {
				return true
			}
		}
	}
	return false
}

// emit appends a value that a path led to. An array stands for its elements and for itself, as JSON text.
func (m *matcher) emit(v record.Value) {
	if v.Kind() == record.Array {
		for e := v.First(); e.Found(); e = e.NextIn(v) {
			m.emit(e)
		}
	}
	m.values = append(m.values, valueOf(v))
}

// everything appends all values below v that are neither object, array nor null.
func (m *matcher) everything(v record.Value) {
	if !v.IsContainer() {
		if v.Exists() {
			m.values = append(m.values, valueOf(v))
		}
		return
	}
	for e := v.First(); e.Found(); e = e.NextIn(v) {
		m.everything(e)
	}
}
