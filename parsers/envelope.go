package parsers

import "github.com/idwatch/idwatch/parsers/record"

// What records come wrapped in:
//
//	{"Records":[…]}            a CloudTrail file
//	{"records":[…]}            an Entra diagnostic batch from an Event Hub
//	{"events":[…]}, {"data":{"events":[…]}}  an Okta event hook
//	{"detail-type":…,"detail":{…}}           Amazon EventBridge

// isList reports whether a member of this name and kind is a list of records.
func isList(name string, kind record.Kind) bool {
	return kind == record.Array && isListName(name)
}

func isListName(name string) bool {
	return name == "Records" || name == "records" || name == "events"
}

// isEnvelope reports whether a JSON object is a list of records and none itself.
func isEnvelope(root record.Value) bool {
	for m := root.First(); m.Kind() != record.Absent; m = m.NextIn(root) {
		if k := m.Kind(); k != record.Array && k != record.Object {
			continue
		}
		if isList(m.Key(), m.Kind()) || m.Key() == "data" && m.Get("events").Kind() == record.Array {
			return true
		}
	}
	return false
}

// eventBridgeDetail is the record inside an EventBridge event.
func eventBridgeDetail(root record.Value) record.Value {
	detail := root.Get("detail")
	if detail.Kind() != record.Object || !root.Get("detail-type").Exists() {
		return record.Value{}
	}
	return detail
}
