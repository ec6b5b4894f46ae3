package entra

import (
	"strconv"

	"github.com/idwatch/idwatch/parsers/record"
)

// targetResources turns the list of targets into an object with one member for each, named by its position.
func (k *walk) targetResources(list record.Value) {
	if list.Kind() != record.Array {
		if list.Kind() != record.Absent {
			k.field("targetResources", anything, list)
		}
		return
	}
	mark := k.Open("target_resources")
	i := 0
	for target := list.First(); target.Kind() != record.Absent; target = target.NextIn(list) {
		if target.Kind() == record.Object {
			k.target(i, target)
		} else {
			k.Cleaned = true
		}
		i++
	}
	k.end(mark)
}

// target writes one target: what every target has, and nothing else of it.
func (k *walk) target(i int, target record.Value) {
	mark := k.position(i)
	k.unlessNull("display_name", target.Get("displayName"))
	k.always("id", target.Get("id"))
	k.unlessNull("ip_address", target.Get("ipAddress"))
	k.always("type", target.Get("type"))
	k.unlessNull("user_principal_name", target.Get("userPrincipalName"))
	properties := k.Open("modified_properties")
	// A target without this list makes Elastic's pipeline stop here and leave the rest as it is; it counts as empty.
	changes := target.Get("modifiedProperties")
	j := 0
	for change := changes.First(); change.Kind() != record.Absent; change = change.NextIn(changes) {
		if change.Kind() == record.Object {
			k.change(j, change)
		} else {
			k.Cleaned = true
		}
		j++
	}
	k.end(properties)
	k.end(mark)
}

// change writes one changed property. Its values are texts that hold JSON and stay texts.
func (k *walk) change(i int, change record.Value) {
	mark := k.position(i)
	k.always("display_name", change.Get("displayName"))
	k.unlessNull("new_value", change.Get("newValue"))
	k.unlessNull("old_value", change.Get("oldValue"))
	k.end(mark)
}

// position opens the member of an object that was a list.
func (k *walk) position(i int) int {
	mark := len(k.B)
	k.B = append(strconv.AppendInt(append(k.B, '"'), int64(i), 10), '"', ':', '{')
	return mark
}

func (k *walk) unlessNull(name string, v record.Value) {
	if v.Exists() {
		k.keyword(name, v)
	}
}

func (k *walk) always(name string, v record.Value) {
	if v.Exists() {
		k.keyword(name, v)
		return
	}
	k.B = append(append(append(k.B, '"'), name...), `":null,`...)
}

// additionalDetails writes the list of keys and values as it is, where its members fit their keyword fields.
func (k *walk) additionalDetails(list record.Value) {
	const name = "additional_details"
	switch list.Kind() {
	case record.Absent:
	case record.Null:
		k.Raw(name, list.Raw())
	case record.Object, record.Array:
		k.B = append(k.B, `"`+name+`":`...)
		k.details(list)
		k.B = append(k.B, ',')
	default:
		k.Cleaned = true // the field is an object
	}
}

func (k *walk) details(list record.Value) {
	if list.Kind() == record.Object {
		k.detail(list)
		return
	}
	start := len(k.B)
	k.B = append(k.B, '[')
	for entry := list.First(); entry.Kind() != record.Absent; entry = entry.NextIn(list) {
		if entry.Kind() == record.Object {
			k.detail(entry)
			k.B = append(k.B, ',')
		} else {
			k.Cleaned = true
		}
	}
	k.closed(start, ']')
}

// detailMembers are the members of an entry.
var detailMembers = plainTable(
	row{from: "key", as: keyword},
	row{from: "value", as: keyword},
	row{from: "user_agent", as: keyword},
)

func (k *walk) detail(entry record.Value) {
	start := len(k.B)
	k.B = append(k.B, '{')
	k.object(detailMembers, entry)
	k.closed(start, '}')
}
