package torture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/elastic/estest"
)

// outcome is what came out of a run.
type outcome struct {
	events  map[string]string // document by its record's id, compacted
	alerts  map[string]string // what counts of each alert: its last revision
	doubles []string          // records, and revisions of alerts, that are there more than once
}

var (
	revisionOf = regexp.MustCompile(`"revision":\d+,?`)
	createdOf  = regexp.MustCompile(`"(created|ingested)":"[^"]*",?`)
)

// outcomeOf sorts documents. An alert that was taken back, or is part of another, does not count, nor does the namespace.
func outcomeOf(events, alerts []string, namespace string) outcome {
	o := outcome{events: map[string]string{}, alerts: map[string]string{}}
	for _, doc := range events {
		id, doc := nativeID(doc), strings.ReplaceAll(doc, namespace, "of-the-test")
		if _, there := o.events[id]; there {
			o.doubles = append(o.doubles, id)
		}
		o.events[id] = doc
	}
	last, told := map[string]int64{}, map[string]bool{}
	for _, doc := range alerts {
		doc = strings.ReplaceAll(doc, namespace, "of-the-test")
		id, revision := gjson.Get(doc, "event.id").Str, gjson.Get(doc, "idwatch.revision").Int()
		if which := fmt.Sprint(id, " revision ", revision); told[which] {
			o.doubles = append(o.doubles, which)
		} else {
			told[which] = true
		}
		if n, there := last[id]; there && n > revision {
			continue
		}
		last[id] = revision
		o.alerts[id] = createdOf.ReplaceAllString(revisionOf.ReplaceAllString(doc, ""), "")
		if gjson.Get(doc, "idwatch.withdrawn").Bool() || gjson.Get(doc, "idwatch.folded_into").Exists() {
			o.alerts[id] = ""
		}
	}
	for id, doc := range o.alerts {
		if doc == "" {
			delete(o.alerts, id)
		}
	}
	return o
}

var nativeIDs = regexp.MustCompile(`n-\d{9}`)

// nativeID is the number that the producer gave a record.
func nativeID(doc string) string { return nativeIDs.FindString(doc) }

// inFiles is what the file output has.
func inFiles(t *testing.T, dir, namespace string) outcome {
	t.Helper()
	var events, alerts []string
	files, _ := filepath.Glob(filepath.Join(dir, "*-"+namespace+".ndjson*"))
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		if strings.Contains(path, "idwatch.") {
			alerts = append(alerts, lines...)
		} else {
			events = append(events, lines...)
		}
	}
	return outcomeOf(events, alerts, namespace)
}

// inCluster is what Elasticsearch has.
func inCluster(t *testing.T, server *estest.Server, namespace string) outcome {
	t.Helper()
	var events, alerts []string
	for _, stream := range streams {
		events = append(events, all(t, server, stream+namespace)...)
	}
	for _, stream := range []string{"logs-idwatch.alert-", "logs-idwatch.signal-"} {
		alerts = append(alerts, all(t, server, stream+namespace)...)
	}
	return outcomeOf(events, alerts, namespace)
}

// all reads a data stream to its end.
func all(t *testing.T, server *estest.Server, stream string) (docs []string) {
	t.Helper()
	server.Call(t, "POST", "/"+stream+"/_refresh", "")
	status, answer := server.Call(t, "POST", "/"+stream+"/_search?scroll=5m", `{"size":5000,"sort":["_doc"]}`)
	if status == 404 {
		return nil
	}
	for {
		hits := gjson.Get(answer, "hits.hits").Array()
		if len(hits) == 0 {
			return docs
		}
		for _, hit := range hits {
			var compact bytes.Buffer
			if err := json.Compact(&compact, []byte(hit.Get("_source").Raw)); err != nil {
				t.Fatal(err)
			}
			docs = append(docs, compact.String())
		}
		body, _ := json.Marshal(map[string]string{"scroll": "5m", "scroll_id": gjson.Get(answer, "_scroll_id").Str})
		if status, answer = server.Call(t, "POST", "/_search/scroll", string(body)); status != 200 {
			t.Fatalf("scroll: %d %.300s", status, answer)
		}
	}
}

// compare tells how two outcomes differ.
func compare(t *testing.T, got, want outcome) {
	t.Helper()
	if len(got.doubles) > 0 {
		t.Errorf("%d documents are there more than once, such as %s", len(got.doubles), got.doubles[0])
	}
	tell(t, "record", got.events, want.events)
	tell(t, "alert", got.alerts, want.alerts)
}

func tell(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	var missing, changed, more []string
	for id, doc := range want {
		switch other, there := got[id]; {
		case !there:
			missing = append(missing, id)
		case other != doc:
			changed = append(changed, id+"\n got "+other+"\nwant "+doc)
		}
	}
	for id := range got {
		if _, there := want[id]; !there {
			more = append(more, id)
		}
	}
	slices.Sort(missing)
	for name, list := range map[string][]string{"missing": missing, "changed": changed, "too many": more} {
		if len(list) > 0 {
			t.Errorf("%ss %s: %d of %d, such as %s", what, name, len(list), len(want), list[0])
		}
	}
}
