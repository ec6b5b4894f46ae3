package sigma

import "github.com/idwatch/idwatch/parsers/ecs"

// field is a field that rules of a stream read: a name as a rule writes it, seen through the rule's view.
type field struct {
	name   string
	view   view
	at     *route
	alias  *alias
	direct func(*ecs.Event) string // what the event itself tells
	late   bool                    // the event's document is asked when the record does not have it
}

// direct are fields of the document that need no document.
var direct = map[string]func(*ecs.Event) string{
	"event.action":     func(e *ecs.Event) string { return e.Action },
	"event.dataset":    func(e *ecs.Event) string { return e.Dataset },
	"event.module":     func(e *ecs.Event) string { return e.Module },
	"event.outcome":    func(e *ecs.Event) string { return e.Outcome },
	"event.provider":   func(e *ecs.Event) string { return e.Provider },
	"idwatch.activity": func(e *ecs.Event) string { return string(e.Activity) },
}

// scope is what the rules of one stream share.
type scope struct {
	fields  []field
	numbers map[fieldKey]int
	tables  []aliases
	rules   []streamRule
	index   index
}

type fieldKey struct {
	name, service string
	ecs           bool
}

func newScope(tables []aliases) *scope {
	return &scope{numbers: map[fieldKey]int{}, tables: tables}
}

// field returns the number of a field.
func (s *scope) field(name string, v view) int {
	key := fieldKey{name, v.service, v.ecs}
	if n, there := s.numbers[key]; there {
		return n
	}
	f := field{name: name, view: v, at: newRoute(name), alias: find(s.tables, v.stream.product, v.service, name)}
	if isECS(name) && (v.ecs || !v.stream.owns(name)) {
		f.direct = direct[name]
		f.late = f.direct == nil && !v.ecs
	}
	s.fields = append(s.fields, f)
	s.numbers[key] = len(s.fields) - 1
	return len(s.fields) - 1
}

// placed reports whether a record of the stream, or its document, can have a field.
func (v *view) placed(tables []aliases, name string) bool {
	return name == keywords || v.stream.has(name) || find(tables, v.stream.product, v.service, name) != nil ||
		isECS(name) && (v.ecs || !v.stream.owns(name))
}

// slot is where the values of a field stand among the matcher's.
type slot struct {
	record     uint64 // for which they were looked up
	start, end int
}

// get returns the values of a field in the current record: none when it is absent.
func (m *matcher) get(number int) []value {
	s := &m.slots[number]
	if s.record != m.number {
		start := len(m.values)
		m.fetch(&m.scope.fields[number])
		s.record, s.start, s.end = m.number, start, len(m.values)
	}
	return m.values[s.start:s.end:s.end]
}

// fetch appends the values of a field.
func (m *matcher) fetch(f *field) {
	m.view = &f.view
	switch {
	case f.name == keywords:
		m.everything(m.root)
	case f.direct != nil:
		if text := f.direct(m.event); text != "" {
			m.values = append(m.values, textValue(text))
		}
	case f.view.ecs && m.inDocument(f.name):
	case f.alias != nil && f.alias.instead && m.aliased(f.alias):
	case m.own(f.at):
	case f.alias != nil && m.aliased(f.alias):
	case f.late:
		m.inDocument(f.name)
	}
}

// aliased appends what stands at an alias' places: at all of them, or at the first that has anything.
func (m *matcher) aliased(a *alias) bool {
	found := false
	for i := range a.places {
		if m.look(&a.places[i]) {
			if found = true; !a.all {
				break
			}
		}
	}
	return found
}

// inDocument appends what stands at a path of the event's document, which is made once a record.
func (m *matcher) inDocument(path string) bool {
	if m.event.Whole {
		return m.walk(m.root, path, false) || m.walk(m.root, path, true)
	}
	if m.documented != m.number {
		m.documented = m.number
		m.plain = *m.event
		m.plain.KeepOriginal = false // it would double the work, and rules have the record itself
		m.body = m.plain.AppendJSON(m.body[:0])
		_ = m.document.Parse(m.body) // one that is too large has no fields
	}
	return m.walk(m.document.Root(), path, false) || m.walk(m.document.Root(), path, true)
}

// allText is the text of all values of the record, which are those of a field, without regard to case, one after the other.
func (m *matcher) allText(field int) string {
	if m.texted != m.number {
		m.texted = m.number
		m.all = m.all[:0]
		all := m.get(field)
		for i := range all {
			m.all = append(appendFold(m.all, all[i].text), 0xFF) // which no UTF-8 has
		}
	}
	return str(m.all)
}
