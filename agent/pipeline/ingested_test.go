package pipeline

import (
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// TestStamp: a letter says when it was sent, whatever its texts say, and what it said before stays.
func TestStamp(t *testing.T) {
	docs := []ecs.Doc{
		{Body: []byte(`{"@timestamp":"2026-09-20T20:00:00.000Z","message":"\"event\":{ of mara","event":{"kind":"alert","id":"A"},"idwatch":{"event":{}}}`)},
		{Body: []byte(`{"odd":1}`)},
	}
	stamp(docs, time.Date(2026, 9, 27, 21, 5, 6, 7e6, time.FixedZone("", 3600)))
	if !gjson.ValidBytes(docs[0].Body) || string(docs[1].Body) != `{"odd":1}` {
		t.Fatalf("got %s and %s", docs[0].Body, docs[1].Body)
	}
	for path, want := range map[string]string{
		"event.ingested": "2026-09-27T20:05:06.007Z", "event.kind": "alert", "event.id": "A", "message": `"event":{ of mara`,
	} {
		if got := gjson.GetBytes(docs[0].Body, path).Str; got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
