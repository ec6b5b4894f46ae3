package entra

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/record"
)

// maxDetails is how many details of a sign-in become members; Microsoft writes a handful.
const maxDetails = 256

// processingDetails writes a list of keys and values as one object. Its keys are values of the record, not names of
// Microsoft's, and are not converted. Of equal keys the last one counts.
func (k *walk) processingDetails(list record.Value) {
	const name = "authentication_processing_details"
	if list.Kind() != record.Array {
		if !list.Vacant() {
			k.flattened(name, list)
		}
		return
	}
	if list.Len() > maxDetails || hasLongLeaf(list) {
		k.Cleaned = true
		return
	}
	mark := k.Open(name)
	for entry := list.First(); entry.Kind() != record.Absent; entry = entry.NextIn(list) {
		key, value := keyAndValue(entry)
		switch {
		case !key.Exists():
			k.Cleaned = k.Cleaned || entry.Exists()
		case !value.Vacant() && !repeated(list, entry, detailName(key)):
			start := len(k.B)
			k.B = append(record.AppendString(k.B, detailName(key)), ':')
			k.unknown(value, start)
		}
	}
	k.Close(mark)
}

// keyAndValue are the two members of an entry.
func keyAndValue(entry record.Value) (key, value record.Value) {
	for m := entry.First(); m.Kind() != record.Absent; m = m.NextIn(entry) {
		switch m.Key() {
		case "key", "Key":
			key = m
		case "value", "Value":
			value = m
		}
	}
	if key.Kind() != record.String {
		key = record.Value{}
	}
	return key, value
}

// detailName is a key as a name in a flattened field, which may hold anything but nothing and a zero byte.
func detailName(key record.Value) string {
	name := key.Str()
	if name == "" {
		return "_"
	}
	if key.Escaped() {
		return strings.ReplaceAll(name, "\x00", "_")
	}
	return name
}

// repeated reports whether a later entry of the list has the same name.
func repeated(list, entry record.Value, name string) bool {
	for later := entry.NextIn(list); later.Kind() != record.Absent; later = later.NextIn(list) {
		if key, _ := keyAndValue(later); key.Exists() && detailName(key) == name {
			return true
		}
	}
	return false
}
