package pipeline

import (
	"bytes"
	"slices"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// eventMember begins the object that tells about the document itself. Within a text its quotes would be escaped.
var eventMember = []byte(`"event":{`)

// stamp writes into letters that are about to be sent when that is: event.ingested. Whoever looks for new alerts at their destination
// goes by it, since an alert may be sent days after the act.
func stamp(docs []ecs.Doc, now time.Time) {
	member := now.UTC().AppendFormat([]byte(`"ingested":"`), `2006-01-02T15:04:05.000Z`)
	member = append(member, `",`...)
	for i := range docs {
		if at := bytes.Index(docs[i].Body, eventMember); at >= 0 {
			docs[i].Body = slices.Insert(bytes.Clone(docs[i].Body), at+len(eventMember), member...)
		}
	}
}
