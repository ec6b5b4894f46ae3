package cloudtrail

import (
	"encoding/json"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

const testdata = "../../testdata/cloudtrail"

// document is what Elasticsearch gets for a record. The documents of testdata are compared in package parsers.
func document(line []byte) ([]byte, error) {
	var r record.Record
	if err := r.Parse(line); err != nil {
		return nil, err
	}
	ev := event(&r, line)
	if err := Parse(ev); err != nil {
		return nil, err
	}
	return ev.AppendJSON(nil), nil
}

func event(r *record.Record, line []byte) *ecs.Event {
	return &ecs.Event{Record: r, Original: line, Namespace: "default"}
}

// parse is a record's document, decoded.
func parse(t *testing.T, line string) map[string]any {
	t.Helper()
	body, err := document([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatalf("document is not JSON: %v", err)
	}
	return doc
}
