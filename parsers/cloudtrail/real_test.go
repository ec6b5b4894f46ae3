package cloudtrail

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
)

const real = "../../../shared/real"

// TestRealRecords parses what real accounts recorded. Addresses that are none must not keep a record out.
func TestRealRecords(t *testing.T) {
	arrays, _ := filepath.Glob(filepath.Join(real, "stratus/logs/*.json"))
	files, _ := filepath.Glob(filepath.Join(real, "invictus/CloudTrail/*.json"))
	if len(arrays)+len(files) == 0 {
		t.Skip("no real records beside the repository")
	}
	var records []json.RawMessage
	for _, name := range arrays {
		var list []json.RawMessage
		decode(t, read(t, name), &list)
		records = append(records, list...)
	}
	for _, name := range files {
		var file struct{ Records []json.RawMessage }
		decode(t, read(t, name), &file)
		records = append(records, file.Records...)
	}
	noAddress := 0
	activities := map[ecs.Activity]int{}
	for _, text := range records {
		doc := parse(t, string(text))
		source, _ := doc["source"].(map[string]any)
		if source["address"] != nil && source["ip"] == nil {
			noAddress++
		}
		own := doc["idwatch"].(map[string]any)
		activities[ecs.Activity(own["activity"].(string))]++
		if id, _ := own["identity"].(map[string]any); id["id"] == nil {
			t.Errorf("record %v has no identity", doc["event"].(map[string]any)["id"])
		}
	}
	t.Logf("%d records, %d from no IP address, activities %v", len(records), noAddress, activities)
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
