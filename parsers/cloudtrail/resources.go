package cloudtrail

import (
	"bytes"

	"github.com/idwatch/idwatch/parsers/record"
)

// writeResources writes aws.cloudtrail.resources: a list without repeats, in the order of a Java map keyed by ARN,
// account and type.
func (t *trail) writeResources(v record.Value) {
	w := &t.w
	switch v.Kind() {
	case record.Object: // no list: as it is
		w.B = append(w.B, `"resources":`...)
		w.resource(v, false)
	case record.Array:
		var few [8]record.Value // most records need no more memory than this
		var fewSlots [8]uint64
		list := resourceList{kept: few[:0], slots: fewSlots[:0]}
		list.fill(v)
		w.resourceList(&list)
	default:
		w.Cleaned = true
	}
}

func (w *writer) resourceList(list *resourceList) {
	if len(list.kept) == 0 {
		return
	}
	w.B = append(w.B, `"resources":[`...)
	for _, i := range iterated(list.slots) {
		w.resource(list.kept[uint32(i)], true)
	}
	w.B[len(w.B)-1] = ']'
	w.B = append(w.B, ',')
}

// resourceList is a Java map of resources: the last of equal ones counts and keeps the first one's place.
type resourceList struct {
	kept   []record.Value
	slots  []uint64
	places map[string]int // of long lists, by key
}

func (l *resourceList) fill(array record.Value) {
	var buffer [256]byte
	for m := array.First(); m.Kind() != record.Absent; m = m.NextIn(array) {
		if m.Kind() != record.Object || m.Hollow() {
			continue
		}
		key := appendResourceKey(buffer[:0], m)
		hash := hashString(string(key))
		place := l.find(hash, key)
		if place >= 0 {
			l.kept[place] = m
			continue
		}
		l.slots = append(l.slots, slot(hash, len(l.kept)))
		l.kept = append(l.kept, m)
		if l.places != nil {
			l.places[string(key)] = len(l.kept) - 1
		}
	}
}

const longResourceList = 32

// find returns the place of the resource with the given key, or -1.
func (l *resourceList) find(hash uint32, key []byte) int {
	if l.places == nil && len(l.kept) >= longResourceList {
		l.places = map[string]int{}
		for i, r := range l.kept {
			l.places[string(appendResourceKey(nil, r))] = i
		}
	}
	if l.places != nil {
		if place, ok := l.places[string(key)]; ok {
			return place
		}
		return -1
	}
	var buffer [256]byte
	for i, s := range l.slots {
		if uint32(s>>32) == hash && bytes.Equal(appendResourceKey(buffer[:0], l.kept[i]), key) {
			return i
		}
	}
	return -1
}

func appendResourceKey(dst []byte, r record.Value) []byte {
	parts := partsOf(r)
	dst = append(append(dst, filledScalar(parts.arn)...), '_')
	dst = append(append(dst, filledScalar(parts.account)...), '_')
	return append(dst, filledScalar(parts.kind)...)
}

func filledScalar(v record.Value) string {
	if v.Hollow() {
		return ""
	}
	return v.Scalar()
}

// resourceParts are the members of a resource that the index knows.
type resourceParts struct{ arn, account, kind record.Value }

func partsOf(r record.Value) (p resourceParts) {
	for m := r.First(); m.Kind() != record.Absent; m = m.NextIn(r) {
		switch m.Key() {
		case "ARN", "arn":
			p.arn = m
		case "accountId", "account_id":
			p.account = m
		case "type":
			p.kind = m
		}
	}
	return p
}

// resource writes one resource. Members that the index does not know are kept where a later record cannot clash with
// them: texts under a plain name.
func (w *writer) resource(r record.Value, renamed bool) {
	arn, account := "arn", "account_id"
	if !renamed {
		arn, account = "ARN", "accountId"
	}
	w.B = append(w.B, '{')
	p := partsOf(r)
	w.keyword(arn, p.arn)
	w.keyword(account, p.account)
	w.keyword("type", p.kind)
	for m := r.First(); m.Kind() != record.Absent; m = m.NextIn(r) {
		switch name := m.Key(); name {
		case "ARN", "arn", "accountId", "account_id", "type":
		default:
			if !m.Hollow() && m.Kind() == record.String && isPlainName(name) {
				w.Raw(name, m.Raw())
			} else if !m.Hollow() {
				w.Cleaned = true
			}
		}
	}
	if last := len(w.B) - 1; w.B[last] == ',' {
		w.B[last] = '}'
	} else {
		w.B = append(w.B, '}')
	}
	w.B = append(w.B, ',')
}

func isPlainName(s string) bool {
	for _, c := range []byte(s) {
		if c|0x20 < 'a' && c-'0' > 9 && c != '_' || c|0x20 > 'z' {
			return false
		}
	}
	return s != ""
}
