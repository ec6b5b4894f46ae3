package enrich

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oracles are documents of Elastic's pipelines beside the repository.
const oracles = "../../../shared/conformance"

// oracle is what a document of Elasticsearch says of a user agent.
type oracle struct {
	Original string `json:"original"`
	Name     string `json:"name"`
	Version  string `json:"version"`
	Device   struct {
		Name string `json:"name"`
	} `json:"device"`
	OS struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Full    string `json:"full"`
	} `json:"os"`
}

func TestAgentsLikeElasticsearch(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(oracles, "*", "*-expected.json"))
	older, _ := filepath.Glob(filepath.Join(oracles, "*", "*", "*-expected.json"))
	if len(files) == 0 {
		t.Skipf("skipped: no documents of Elasticsearch in %s", oracles)
	}
	agents := NewUserAgents(100)
	seen := map[string]bool{}
	for _, file := range append(files, older...) {
		for _, want := range readOracles(t, file) {
			if seen[want.Original] {
				continue
			}
			seen[want.Original] = true
			want.Version = strings.TrimRight(want.Version, ".") // before Elasticsearch 8.16.2
			if got := asOracle(t, want.Original, agents.Parse(want.Original).JSON); got != want {
				t.Errorf("%s:\ngot  %+v\nwant %+v", filepath.Base(file), got, want)
			}
		}
	}
	t.Logf("%d user agents", len(seen))
}

func readOracles(t *testing.T, file string) []oracle {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var documents struct {
		Expected []*struct {
			UserAgent *oracle `json:"user_agent"`
		} `json:"expected"`
	}
	if err := json.Unmarshal(text, &documents); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var found []oracle
	for _, d := range documents.Expected {
		if d != nil && d.UserAgent != nil {
			found = append(found, *d.UserAgent)
		}
	}
	return found
}

// asOracle reads rendered members as a document has them.
func asOracle(t *testing.T, original string, members []byte) oracle {
	t.Helper()
	got := oracle{Original: original}
	object := "{" + strings.TrimSuffix(string(members), ",") + "}"
	if err := json.Unmarshal([]byte(object), &got); err != nil {
		t.Fatalf("%s: %v", object, err)
	}
	return got
}
