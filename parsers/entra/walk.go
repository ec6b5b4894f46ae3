package entra

import (
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// walk goes once over a record, writes its members as the stream's tables say, and keeps those that the parser needs
// for the ECS fields.
type walk struct {
	ecs.Writer
	snake bool   // keys are converted
	prune bool   // what is empty is left out
	loose bool   // keys are converted to find their rows, as in records whose keys begin with capitals
	inner *table // for objects that have no table of their own
	found [slots]record.Value
}

// manyAlike is how many members of one object are checked for equal names by looking at all others.
const manyAlike = 16

// object writes the members of an object.
func (k *walk) object(t *table, object record.Value) {
	var seen met
	var names map[string]bool // for objects with many names that other keys could give as well
	alikes, last := 0, -1
	for m := object.First(); m.Kind() != record.Absent; m = m.NextIn(object) {
		if r := t.after(last, m.RawKey()); r != nil {
			last = int(r.at)
			k.known(r, m, &seen)
			continue
		}
		mark := len(k.B)
		var alike bool
		k.B, alike = appendName(append(k.B, '"'), m, k.snake)
		name := k.B[mark+1:]
		if r := k.converted(t, m, name, alike); r != nil {
			k.B = k.B[:mark]
			k.known(r, m, &seen)
			continue
		}
		if m.Vacant() && (k.prune || len(m.RawKey()) == 0) {
			k.B = k.B[:mark]
			continue
		}
		if alike {
			if alikes++; alikes == manyAlike {
				names = k.plainNames(object)
			}
			if names != nil && names[string(name)] || names == nil && twin(object, m, name, k.snake) {
				k.B = k.B[:mark]
				k.Cleaned = true
				continue
			}
			if names != nil {
				names[string(name)] = true
			}
		}
		k.B = append(k.B, '"', ':')
		k.unknown(m, mark)
	}
}

// converted finds the row of a key in another spelling than the vendor's, or of one that was mended to a name of the table.
func (k *walk) converted(t *table, m record.Value, name []byte, mended bool) *row {
	switch {
	case t == nil:
		return nil
	case k.snake, mended:
		return t.find(name)
	case k.loose:
		var buffer [maxName]byte
		name, _ = appendName(buffer[:0], m, true)
		return t.find(name)
	}
	return nil
}

// plainNames lists the names of an object that only one key can give, with those that were written before.
func (k *walk) plainNames(object record.Value) map[string]bool {
	names := map[string]bool{}
	alikes := 0
	for m := object.First(); m.Kind() != record.Absent; m = m.NextIn(object) {
		var buffer [maxName]byte
		name, alike := appendName(buffer[:0], m, k.snake)
		if alike {
			alikes++
		}
		if !alike || alikes < manyAlike {
			names[string(name)] = true
		}
	}
	return names
}

// unknown writes the value of a member whose key stands at mark, or takes the key back.
func (k *walk) unknown(m record.Value, mark int) {
	if k.value(m) {
		k.B = append(k.B, ',')
		return
	}
	k.B = k.B[:mark]
	k.Cleaned = true
}

// known writes a member as its row says and keeps it for the parser.
func (k *walk) known(r *row, m record.Value, seen *met) {
	if seen.again(r) { // the same name in another spelling
		k.Cleaned = true
		return
	}
	k.found[r.slot] = m
	if r.sub != nil {
		k.nested(r, m)
		return
	}
	switch {
	case r.as == taken, m.Vacant() && k.prune:
	case m.Kind() == record.Null && r.as != unlessNull:
		k.Raw(r.to, m.Raw())
	default:
		k.field(r.to, r.as, m)
	}
}

// nested writes an object whose members have rows of their own.
func (k *walk) nested(r *row, v record.Value) {
	switch {
	case v.Kind() == record.Object:
		mark := len(k.B)
		k.B = append(append(append(k.B, '"'), r.to...), '"', ':', '{')
		k.object(r.sub, v)
		k.end(mark)
	case v.Kind() == record.Null && !k.prune:
		k.Raw(r.to, v.Raw())
	case !v.Vacant():
		k.Cleaned = true // the field is an object
	}
}

// end closes an object whose name stands at mark. Where empty values stay, empty objects do.
func (k *walk) end(mark int) {
	last := len(k.B) - 1
	switch {
	case k.B[last] != '{':
		k.B[last] = '}'
	case k.prune:
		k.B = k.B[:mark]
		return
	default:
		k.B = append(k.B, '}')
	}
	k.B = append(k.B, ',')
}
