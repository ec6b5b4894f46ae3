package store

import (
	"time"

	"github.com/tidwall/gjson"
)

// row is what of an alert's document stands in columns. The texts are views into it.
type row struct {
	id, rule, who, folded string
	at                    int64 // event time in milliseconds
	score, severity       int64
	revision              int64
	withdrawn             bool
}

// rowOf reads the columns from a document of our own making.
func rowOf(body []byte) (row, bool) {
	m := gjson.GetManyBytes(body, "@timestamp", "event.id", "event.action", "event.severity", "event.risk_score", "idwatch.revision",
		"idwatch.withdrawn", "idwatch.folded_into", "idwatch.identity.id")
	at, err := time.Parse(time.RFC3339, m[0].Str)
	if err != nil || m[1].Str == "" {
		return row{}, false
	}
	return row{
		at: at.UnixMilli(), id: m[1].Str, rule: m[2].Str, severity: m[3].Int(), score: m[4].Int(), revision: m[5].Int(),
		withdrawn: m[6].Bool(), folded: m[7].Str, who: m[8].Str,
	}, true
}
