package cloudtrail

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strings"
	"testing"
)

const conformance = "../../../shared/conformance/aws.cloudtrail"

// free is what a document may have beyond Elastic's, and what needs databases or a clock.
var free = regexp.MustCompile(`^(idwatch|data_stream|service|tags|user_agent|source\.geo|source\.as)(\.|$)|^event\.(dataset|module|created|original)$`)

// required is what of it is compared where Elastic has it.
var required = regexp.MustCompile(`^service\.`)

// TestConformance compares with what Elastic's integration makes of the same records.
func TestConformance(t *testing.T) {
	cases, _ := filepath.Glob(filepath.Join(conformance, "*.log"))
	if len(cases) == 0 {
		t.Skip("no conformance data beside the repository")
	}
	good, all := 0, 0
	for _, name := range cases {
		t.Run(filepath.Base(name), func(t *testing.T) {
			for i, want := range expected(t, name+"-expected.json") {
				line := strings.Split(string(read(t, name)), "\n")[i]
				g, n := compareLeaves(t, want, leaves(parse(t, line), "", map[string]any{}))
				good, all = good+g, all+n
			}
		})
	}
	t.Logf("%d of %d leaves are equal", good, all)
}

func expected(t *testing.T, name string) []map[string]any {
	t.Helper()
	var file struct{ Expected []map[string]any }
	if err := json.Unmarshal(read(t, name), &file); err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for _, doc := range file.Expected {
		all = append(all, leaves(doc, "", map[string]any{}))
	}
	return all
}

func compareLeaves(t *testing.T, want, got map[string]any) (good, all int) {
	t.Helper()
	for path, value := range want {
		if free.MatchString(path) && !required.MatchString(path) {
			continue
		}
		all++
		if reflect.DeepEqual(value, got[path]) {
			good++
		} else {
			t.Errorf("%s: got %v, want %v", path, got[path], value)
		}
	}
	for path, value := range got {
		if _, known := want[path]; !known && !free.MatchString(path) {
			all++
			t.Errorf("%s: got %v, want nothing", path, value)
		}
	}
	return good, all
}

// leaves flattens a document. Lists are leaves; the order of related.* does not matter.
func leaves(value any, path string, into map[string]any) map[string]any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			leaves(member, strings.TrimPrefix(path+"."+name, "."), into)
		}
	case []any:
		if strings.HasPrefix(path, "related.") {
			sort.Slice(v, func(i, j int) bool { return v[i].(string) < v[j].(string) })
		}
		into[path] = v
	default:
		into[path] = v
	}
	return into
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
