package parsers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/idwatch/idwatch/"

// allowed is the import table of docs/architecture.md. An edge of the agent may import ecs and nothing else of ours.
var allowed = map[string][]string{
	"parsers/record":      {},
	"parsers/ecs":         {"parsers/record"},
	"parsers/okta":        {"parsers/ecs", "parsers/record"},
	"parsers/entra":       {"parsers/ecs", "parsers/record"},
	"parsers/cloudtrail":  {"parsers/ecs", "parsers/record"},
	"parsers/vault":       {"parsers/ecs", "parsers/record"},
	"parsers/ecsdoc":      {"parsers/ecs", "parsers/record"},
	"parsers/enrich":      {"parsers/ecs", "parsers/record"},
	"parsers":             {"parsers/"},
	"detections/pack":     {},
	"detections/latest":   {},
	"detections/identity": {"parsers/ecs", "detections/pack"},
	"detections":          {"parsers/ecs", "parsers/record", "detections/identity", "detections/latest", "detections/pack"},
	"detections/sigma":    {"parsers/ecs", "parsers/record", "detections", "detections/identity", "detections/pack"},
	"agent/context":       {"agent/strict", "parsers/ecs", "detections", "detections/identity"},
	"agent/rules":         {"detections/"},
	"agent/scenario":      {"agent/context", "agent/rules", "parsers", "detections", "detections/"},
	"agent/pipeline":      {"parsers", "detections", "detections/", "agent/spool"},
	"agent/secret":        {},
	"agent/trust":         {"agent/secret"},
	"agent/supervise":     {},
	"agent/elastic":       {"parsers/ecs", "agent/secret", "agent/trust"},
	"agent/kibana":        {},
	"agent/source":        {"agent/durable", "parsers/ecs"},
	"agent/filesink":      {"agent/durable", "parsers/ecs"},
	"agent/deadletter":    {"agent/durable", "parsers/ecs"},
	"agent/config":        {"agent/strict", "parsers/ecs"},
	"agent/geoip":         {"parsers/ecs"},
	"agent/durable":       {},
	"agent/strict":        {},
	"agent/spool":         {"agent/durable"},
	"agent/coldstore":     {},
	"agent/status":        {},
	"agent/httpd":         {"agent/secret", "agent/source/listen"},
	"agent/metrics":       {"agent/status"},
	"agent/store":         {"parsers/ecs"},
	"agent/control":       {"agent/source/listen"},
	"agent/audit":         {"agent/durable", "parsers/ecs"},
	"agent/windows":       {"agent/durable"},
	"agent/escalate":      {"agent/durable", "parsers/ecs", "agent/secret", "agent/trust"},
	"agent/portrait":      {"detections", "detections/identity"},
	"agent/watch":         {"agent/status", "parsers/ecs"},
	"agent/console":       {"parsers/ecs", "detections", "detections/identity", "agent/store", "agent/status"},
	"agent/torture":       {},
	"agent/service":       {"agent/", "parsers", "detections", "detections/"},
	"agent":               {"agent/", "parsers", "detections", "detections/"},
	"parsers/chunk":       {"parsers/record"},
	"plugin":              {"plugin/", "agent/", "parsers/ecs", "parsers/chunk"},

	"agent/inlet":          {"agent/config", "agent/source", "agent/source/", "agent/supervise", "parsers"},
	"agent/source/listen":  {"agent/secret", "agent/supervise", "agent/trust"},
	"agent/source/hook":    {"parsers/ecs", "agent/source", "agent/source/listen", "agent/secret"},
	"agent/source/socket":  {"agent/source", "agent/source/listen"},
	"agent/source/okta":    {"agent/durable", "agent/source", "agent/secret", "agent/trust"},
	"agent/source/s3":      {"agent/source", "agent/secret"},
	"agent/source/kafka":   {"agent/source", "agent/secret", "agent/trust"},
	"agent/source/forward": {"agent/source", "agent/source/listen", "agent/secret", "parsers/chunk"},
}

func TestImportsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && path != ".." || entry.Name() == "testdata" || entry.Name() == "demo-out") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(path))[len(".."):]
		checkImports(t, path, strings.TrimPrefix(dir, "/"), seen)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 15 {
		t.Errorf("saw only %d packages", len(seen))
	}
}

func checkImports(t *testing.T, path, pkg string, seen map[string]bool) {
	t.Helper()
	may, known := allowed[pkg]
	if !known && (strings.HasSuffix(pkg, "test") || strings.Contains(pkg, "test/")) {
		return // helpers of tests
	}
	if !known {
		t.Errorf("%s: package %s is not in the table", path, pkg)
		return
	}
	seen[pkg] = true
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	for _, spec := range file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		ours, isOurs := strings.CutPrefix(name, module)
		if isOurs && !slices.ContainsFunc(may, func(m string) bool {
			return ours == m || m == "parsers" && strings.HasPrefix(ours, "parsers") || strings.HasSuffix(m, "/") && strings.HasPrefix(ours, m)
		}) {
			t.Errorf("%s imports %s", path, ours)
		}
	}
}
