// Package ecsdoc reads documents that are ECS already: alerts of endpoints and scanners, events of other integrations. They are
// context for what the audit logs show. Elasticsearch takes a field nested, dotted or mixed, and so does this package.
package ecsdoc

import (
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

const (
	// Dataset is event.dataset of documents that name none, or a name that no data stream can have.
	Dataset = "ecs.document"
	module  = "ecs"
	// textMost bounds the texts of one list that are looked at.
	textMost = 16
)

// Parse makes an event of one document, which is context: nothing of it goes out.
// https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html
func Parse(ev *ecs.Event) error {
	ev.Context = true
	return parse(ev)
}

// ParseDelivered is Parse for documents that go out, unchanged, to the data stream that they name themselves.
func ParseDelivered(ev *ecs.Event) error {
	if err := parse(ev); err != nil {
		return err
	}
	root := ev.Record.Root()
	kind := first(root.Lookup("data_stream.type"))
	if kind != "" && kind != "logs" {
		return ecs.Malformed(module, "data_stream.type")
	}
	if first(root.Lookup("data_stream.dataset")) != ev.Dataset {
		return ecs.Malformed(module, "data_stream.dataset")
	}
	return nil
}

func parse(ev *ecs.Event) error {
	root := ev.Record.Root()
	when, err := timestamp(root.Get("@timestamp"))
	if err != nil {
		return err
	}
	ev.Whole, ev.Module, ev.Time = true, module, when
	ev.ECSVersion = ecs.FirstOf(first(root.Lookup("ecs.version")), "8.11.0")
	ev.Dataset = dataset(root)
	if own(ev.Dataset) {
		return &ecs.ParseError{Dataset: module, Field: "data_stream.dataset", Problem: "is idwatch's own"} // its alerts would feed themselves
	}
	if name := first(root.Lookup("data_stream.namespace")); isPart(name) {
		ev.Namespace = name
	}
	ev.Kind = ecs.FirstOf(first(root.Lookup("event.kind")), "event")
	ev.Action = first(root.Lookup("event.action"))
	ev.Outcome = first(root.Lookup("event.outcome"))
	ev.Provider = first(root.Lookup("event.provider"))
	ev.Category = root.Lookup("event.category").Texts(nil, textMost)
	ev.Type = root.Lookup("event.type").Texts(nil, textMost)
	ev.ID = first(root.Lookup("event.id"))
	ev.NativeID = nativeID(ev, root)
	ev.Tenant = ecs.FirstOf(first(root.Lookup("organization.id")), first(root.Lookup("cloud.account.id")))
	parties(ev, root)
	ev.Activity = activity(ev, root)
	identify(ev, root)
	return nil
}

// timestamp reads a date as Elasticsearch does: ISO 8601, or milliseconds since 1970 as a number or text.
func timestamp(v record.Value) (time.Time, error) {
	if v.Vacant() {
		return time.Time{}, ecs.Missing(module, "@timestamp")
	}
	text := v.Scalar()
	if when, ok := ecs.ParseTime(text); ok {
		return when, nil
	}
	millis, err := strconv.ParseInt(text, 10, 64)
	when := time.UnixMilli(millis).UTC()
	if err != nil || when.Year() < 1 || when.Year() > 9999 {
		return time.Time{}, ecs.Malformed(module, "@timestamp")
	}
	return when, nil
}

// dataset is what the document says it belongs to.
func dataset(root record.Value) string {
	for _, field := range []string{"data_stream.dataset", "event.dataset", "event.module"} {
		if name := first(root.Lookup(field)); isPart(name) {
			return name
		}
	}
	return Dataset
}

// isPart reports whether a text can stand in the name of a data stream.
func isPart(name string) bool {
	for _, c := range []byte(name) {
		if c != '_' && c != '.' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return name != "" && len(name) <= 100
}

func own(dataset string) bool { return dataset == "idwatch" || strings.HasPrefix(dataset, "idwatch.") }

// nativeID: an alert carries the event.id of what it is about, so the alert's own id comes first.
func nativeID(ev *ecs.Event, root record.Value) string {
	id := ecs.FirstOf(first(root.Lookup("kibana.alert.uuid")), ev.ID)
	if id == "" {
		return ""
	}
	return ev.Dataset + "/" + ev.Kind + "/" + id
}

// first is the text of a field, or of the first element of its list.
func first(v record.Value) string {
	if v.Kind() == record.Array {
		v = v.First()
	}
	return v.Scalar()
}
