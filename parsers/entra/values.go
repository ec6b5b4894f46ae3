package entra

import "github.com/idwatch/idwatch/parsers/record"

// field writes a value that is not left out for being empty.
func (k *walk) field(name string, as kind, v record.Value) {
	switch as {
	case unlessNull:
		if v.Kind() != record.Null {
			k.keyword(name, v)
		}
	case keyword:
		k.keyword(name, v)
	case long:
		k.Long(name, v)
	case float:
		k.Float(name, v)
	case boolean:
		k.Boolean(name, v)
	case address:
		k.IP(name, v)
	case date:
		k.date(name, v)
	case utc:
		k.utcDate(name, v)
	case flattened:
		k.flattened(name, v)
	case anything:
		mark := len(k.B)
		k.B = append(append(append(k.B, '"'), name...), '"', ':')
		k.unknown(v, mark)
	}
}

// keyword writes a value for a keyword field: a scalar, a list of scalars, or the JSON text of anything else.
func (k *walk) keyword(name string, v record.Value) {
	switch kind := v.Kind(); {
	case kind == record.String:
		k.Raw(name, v.Raw())
	case kind == record.Object || kind == record.Array && holdsObjects(v):
		k.Text(name, string(v.Raw()))
		k.Cleaned = true
	case k.prune:
		k.Kept(name, v)
	default:
		k.Raw(name, v.Raw())
	}
}

func holdsObjects(array record.Value) bool {
	for m := array.First(); m.Kind() != record.Absent; m = m.NextIn(array) {
		if m.Kind() == record.Object || m.Kind() == record.Array && holdsObjects(m) {
			return true
		}
	}
	return false
}

// maxLeaf is the length from which Elasticsearch refuses a text in a flattened field.
const maxLeaf = 32000

// flattened writes an object or a list of objects. Anything else cannot stand in the field.
func (k *walk) flattened(name string, v record.Value) {
	fits := v.Kind() == record.Object || v.Kind() == record.Array || v.Kind() == record.Null
	if v.Kind() == record.Array {
		for m := v.First(); m.Kind() != record.Absent; m = m.NextIn(v) {
			fits = fits && (m.Kind() == record.Object || m.Kind() == record.Null)
		}
	}
	if !fits || len(v.Raw()) > maxLeaf && hasLongLeaf(v) {
		k.Cleaned = true
		return
	}
	mark := len(k.B)
	k.B = append(append(append(k.B, '"'), name...), '"', ':')
	k.unknown(v, mark)
}

func hasLongLeaf(v record.Value) bool {
	if len(v.Raw()) <= maxLeaf {
		return false
	}
	for m := v.First(); m.Kind() != record.Absent; m = m.NextIn(v) {
		if hasLongLeaf(m) {
			return true
		}
	}
	return v.Kind() == record.String
}

// value writes a value of no known type; it reports false when the field could not take it.
func (k *walk) value(v record.Value) bool {
	switch v.Kind() {
	case record.Object:
		start := len(k.B)
		k.B = append(k.B, '{')
		if k.snake {
			k.object(k.inner, v)
		} else {
			k.object(nil, v)
		}
		return k.closed(start, '}')
	case record.Array:
		return k.array(v)
	case record.Number:
		if !finite(v) {
			return false
		}
	}
	k.B = append(k.B, v.Raw()...)
	return true
}

// array writes a list. Lists within lists keep their keys.
func (k *walk) array(v record.Value) bool {
	start := len(k.B)
	k.B = append(k.B, '[')
	for m := v.First(); m.Kind() != record.Absent; m = m.NextIn(v) {
		if k.prune && m.Vacant() {
			continue
		}
		snake := k.snake
		k.snake = snake && m.Kind() != record.Array
		if k.value(m) {
			k.B = append(k.B, ',')
		} else {
			k.Cleaned = true
		}
		k.snake = snake
	}
	return k.closed(start, ']')
}

// closed ends the container begun at start. One that has lost all it held is no value.
func (k *walk) closed(start int, closing byte) bool {
	last := len(k.B) - 1
	if last > start {
		k.B[last] = closing
		return true
	}
	if k.prune {
		k.B = k.B[:start]
		return false
	}
	k.B = append(k.B, closing)
	return true
}

// finite reports whether a number fits the types that Elasticsearch gives to numbers by itself.
func finite(v record.Value) bool {
	raw := v.Raw()
	if len(raw) < 18 && raw[len(raw)-1]-'0' < 10 && !hasExponent(raw) {
		return true
	}
	if _, whole := v.Int(); whole {
		return true
	}
	_, ok := v.Float()
	return ok && !isDigits(raw)
}

func hasExponent(number []byte) bool {
	for _, c := range number {
		if c|0x20 == 'e' {
			return true
		}
	}
	return false
}

func isDigits(number []byte) bool {
	for i, c := range number {
		if c-'0' > 9 && (i > 0 || c != '-') {
			return false
		}
	}
	return true
}
