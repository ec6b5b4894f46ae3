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
		if only := v.First(); isResource(only) && only.NextIn(v).Kind() == record.Absent {
			w.resourceList([]record.Value{only}, []uint64{0})
			return
		}
		var few [8]record.Value // most records need no more memory than this
		var fewSlots [8]uint64
		kept, slots := resourcesIn(v, few[:0], fewSlots[:0])
		w.resourceList(kept, slots)
	default:
		w.Cleaned = true
	}
}

func (w *writer) resourceList(kept []record.Value, slots []uint64) {
	if len(kept) == 0 {
		return
	}
	w.B = append(w.B, `"resources":[`...)
	for _, i := range iterated(slots) {
		w.resource(kept[uint32(i)], true)
	}
	w.B[len(w.B)-1] = ']'
	w.B = append(w.B, ',')
}

const longResourceList = 32

// resourcesIn fills a Java map of resources: the last of equal ones counts and keeps the first one's place.
func resourcesIn(array record.Value, kept []record.Value, slots []uint64) ([]record.Value, []uint64) {
	var buffer [256]byte
	var places map[string]int // of a long list
	for m := array.First(); m.Found(); m = m.NextIn(array) {
		if !isResource(m) {
			continue
		}
		key := appendResourceKey(buffer[:0], m)
		hash := hashBytes(key)
		place, known := places[string(key)]
		if places == nil {
			place, known = findResource(kept, slots, hash, key)
		}
		if known {
			kept[place] = m
			continue
		}
		if places != nil {
			places[string(key)] = len(kept)
		}
		slots = append(slots, slot(hash, len(kept)))
		kept = append(kept, m)
		if len(kept) == longResourceList {
			places = placesOf(kept)
		}
	}
	return kept, slots
}

// findResource looks through a short list.
func findResource(kept []record.Value, slots []uint64, hash uint32, key []byte) (int, bool) {
	var buffer [256]byte
	for i, s := range slots {
		if uint32(s>>32) == hash && bytes.Equal(appendResourceKey(buffer[:0], kept[i]), key) {
			return i, true
		}
	}
	return 0, false
}

func placesOf(kept []record.Value) map[string]int {
	places := map[string]int{}
	for i, r := range kept {
		places[string(appendResourceKey(nil, r))] = i
	}
	return places
}

func isResource(v record.Value) bool { return v.Kind() == record.Object && !v.Hollow() }

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
	for m := r.First(); m.Found(); m = m.NextIn(r) {
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
	for m := r.First(); m.Found(); m = m.NextIn(r) {
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
