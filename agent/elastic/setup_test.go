package elastic

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// templateServer is as much of Elasticsearch as Setup talks to.
type templateServer struct {
	missing   []string          // what templates may not hold
	ilm       int               // status of the ILM API; 0 is 200
	lifecycle int               // the same for the lifecycle of data streams
	denies    string            // requests to paths that begin so are answered 403
	templates string            // answer to GET /_index_template
	resolve   string            // answer to GET /_resolve/index
	stored    map[string]string // what was put, by path
	puts      []string
}

func (s *templateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	body, _ := io.ReadAll(r.Body)
	if s.denies != "" && strings.HasPrefix(r.URL.Path, s.denies) {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	switch {
	case r.Method == http.MethodPut:
		s.put(w, r.URL.Path, string(body))
	case r.URL.Path == "/":
		io.WriteString(w, `{"version":{"number":"8.19.4"}}`)
	case r.URL.Path == "/_index_template/_simulate":
		s.refuse(w, string(body))
	case r.URL.Path == "/_ilm/status":
		w.WriteHeader(max(200, s.ilm))
	case strings.HasSuffix(r.URL.Path, "/_lifecycle"):
		w.WriteHeader(max(200, s.lifecycle))
	case r.URL.Path == "/_index_template":
		io.WriteString(w, s.templates)
	case strings.HasPrefix(r.URL.Path, "/_resolve/index/"):
		io.WriteString(w, s.resolve)
	case s.stored[r.URL.Path] == "":
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *templateServer) put(w http.ResponseWriter, path, body string) {
	if s.refuse(w, body) {
		return
	}
	if s.stored == nil {
		s.stored = map[string]string{}
	}
	s.stored[path] = body
	s.puts = append(s.puts, path)
}

func (s *templateServer) refuse(w http.ResponseWriter, body string) bool {
	for _, word := range s.missing {
		if strings.Contains(body, word) {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"error":{"type":"illegal_argument_exception","reason":"outer","caused_by":{"reason":"no `+word+`\n"}}}`)
			return true
		}
	}
	return false
}

// runSetup runs Setup against the server and returns what it says.
func runSetup(t *testing.T, s *templateServer, o SetupOptions) (string, error) {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	var out bytes.Buffer
	err := Setup(t.Context(), Settings{URLs: []string{server.URL}}, o, &out)
	return out.String(), err
}

func TestSetupInstalls(t *testing.T) {
	s := &templateServer{}
	for range 2 {
		if out, err := runSetup(t, s, SetupOptions{}); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if s.puts[0] != "/_ilm/policy/idwatch" || slices.Contains(s.puts[1:], "/_ilm/policy/idwatch") {
		t.Errorf("the policy is to be installed first, and once: %v", s.puts)
	}
	if want := 2*(3+2*len(Datasets)) + 1; len(s.puts) != want {
		t.Errorf("got %d requests, want %d", len(s.puts), want)
	}
	for path, want := range map[string]string{
		"/_index_template/idwatch-logs-okta.system index_patterns.0":                                                  "logs-okta.system-*",
		"/_index_template/idwatch-logs-okta.system priority":                                                          "150",
		"/_index_template/idwatch-logs-okta.system composed_of.1":                                                     "idwatch-okta.system",
		"/_component_template/idwatch-settings template.settings.index\\.lifecycle\\.name":                            "idwatch",
		"/_component_template/idwatch-settings template.settings.index\\.mapping\\.ignore_malformed":                  "true",
		"/_component_template/idwatch-okta.system template.mappings.properties.event.properties.module":               `{"type":"constant_keyword","value":"okta"}`,
		"/_component_template/idwatch-ecs template.mappings.properties.message.type":                                  "match_only_text",
		"/_component_template/idwatch-ecs template.mappings.properties.event.properties.original.index":               "false",
		"/_ilm/policy/idwatch policy.phases.delete.min_age":                                                           "365d",
		"/_component_template/idwatch-idwatch template.mappings.properties.idwatch.properties.revision":               `{"type":"long"}`,
		"/_component_template/idwatch-azure.activitylogs template.mappings.properties.event.properties.dataset.value": "azure.activitylogs",
	} {
		path, member, _ := strings.Cut(path, " ")
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(s.stored[path])); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if got := gjson.Get(compact.String(), member).String(); got != want {
			t.Errorf("%s %s: got %s, want %s", path, member, got, want)
		}
	}
}

func TestSetupFallsBack(t *testing.T) {
	for name, test := range map[string]struct {
		server templateServer
		want   string
		gone   string
	}{
		"match_only_text":  {templateServer{missing: []string{"match_only_text"}}, "match_only_text is not there: text is used", "match_only_text"},
		"constant_keyword": {templateServer{missing: []string{"constant_keyword"}}, "constant_keyword is not there: keyword is used", "constant_keyword"},
		"flattened":        {templateServer{missing: []string{`"flattened"}`, `"flattened",`}}, "flattened is not there", `"type":"flattened"`},
		"subobjects":       {templateServer{missing: []string{"subobjects"}}, "subobjects: false is not there", "subobjects"},
		"field limit":      {templateServer{missing: []string{"ignore_dynamic"}}, "ignore_dynamic_beyond_limit is not there", "ignore_dynamic"},
		"custom component": {templateServer{missing: []string{"idwatch@custom"}}, "idwatch@custom is left out", "idwatch@custom"},
		"no ILM":           {templateServer{ilm: 410}, "no ILM: the lifecycle of data streams is used", "lifecycle.name"},
		"no retention":     {templateServer{ilm: 400, lifecycle: 405}, "nothing is ever deleted, watch the disk", "lifecycle"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := runSetup(t, &test.server, SetupOptions{})
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if !strings.Contains(out, test.want) {
				t.Errorf("no line %q in %s", test.want, out)
			}
			for path, body := range test.server.stored {
				if strings.Contains(strings.ReplaceAll(body, " ", ""), test.gone) {
					t.Errorf("%s still has %s", path, test.gone)
				}
			}
			if name == "no ILM" && !strings.Contains(test.server.stored["/_index_template/idwatch-logs-okta.system"], `"data_retention": "365d"`) {
				t.Errorf("no retention")
			}
		})
	}
}

// Templates of an integration stay; those of the stack, which ours stand above, and our own from before do not count.
func TestSetupLeavesIntegrationsAlone(t *testing.T) {
	s := &templateServer{
		templates: `{"index_templates":[
			{"name":"logs","index_template":{"index_patterns":["logs-*-*"],"priority":100}},
			{"name":"logs-okta.system","index_template":{"index_patterns":["logs-okta.system-*"],"priority":200,"_meta":{"managed_by":"fleet"}}},
			{"name":"mine","index_template":{"index_patterns":["x-*","logs-aws.*"],"priority":300}},
			{"name":"low","index_template":{"index_patterns":["logs-azure.auditlogs-*"],"priority":1}},
			{"name":"idwatch-logs-idwatch.alert","index_template":{"index_patterns":["logs-idwatch.alert-*"],"priority":150,"_meta":{"managed_by":"idwatch"}}}]}`,
		resolve: `{"indices":[{"name":"logs-azure.signinlogs-default"}],"data_streams":[{"name":"logs-hashicorp_vault.audit-a"},{"name":"logs-other-a"}]}`,
	}
	out, err := runSetup(t, s, SetupOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"logs-okta.system-*: the template logs-okta.system stays as it is, none of idwatch is installed",
		"logs-aws.cloudtrail-*: the template mine stays as it is, none of idwatch is installed",
		"logs-azure.auditlogs-*: the template low stays as it is, none of idwatch is installed",
		"logs-hashicorp_vault.audit-a exists: what is new counts from its next index on (POST /logs-hashicorp_vault.audit-a/_rollover)",
		"logs-azure.signinlogs-default is an index and stands in the way of the data stream: reindex and delete it",
	} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("no line %q in\n%s", line, out)
		}
	}
	for path := range s.stored {
		if strings.Contains(path, "okta") || strings.Contains(path, "cloudtrail") || strings.Contains(path, "auditlogs") {
			t.Errorf("installed %s", path)
		}
	}
	if s.stored["/_index_template/idwatch-logs-idwatch.alert"] == "" {
		t.Errorf("our own template from before kept the new one out")
	}
}

func TestSetupErrors(t *testing.T) {
	for name, test := range map[string]struct {
		server templateServer
		want   string
	}{
		"may not simulate": {templateServer{denies: "/_index_template"}, "may not set templates up (403): use those of a user with manage_index_templates and manage_ilm"},
		"may not put":      {templateServer{denies: "/_component_template"}, "may not set templates up (403)"},
		"may not ILM":      {templateServer{denies: "/_ilm"}, "manage_ilm"},
		"too old":          {templateServer{missing: []string{`"template":{}`}}, "it refuses to simulate a template"},
		"refused":          {templateServer{missing: []string{"okta.actor", "alternate_id"}}, `it refuses component template idwatch-okta.system (400): "no alternate_id\n"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := runSetup(t, &test.server, SetupOptions{})
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if err := Setup(t.Context(), Settings{}, SetupOptions{}, io.Discard); err == nil || !strings.Contains(err.Error(), "url is missing") {
		t.Errorf("got %v", err)
	}
}

// A dry run changes nothing; files can be had without a server.
func TestSetupWithoutInstalling(t *testing.T) {
	s := &templateServer{}
	out, err := runSetup(t, s, SetupOptions{DryRun: true})
	if err != nil || len(s.puts) > 0 || !strings.Contains(out, "would install index template idwatch-logs-okta.system\n") {
		t.Errorf("got %v, %v, %s", err, s.puts, out)
	}
	dir := filepath.Join(t.TempDir(), "out")
	var lines bytes.Buffer
	if err := Setup(t.Context(), Settings{}, SetupOptions{DryRun: true, OutputDir: dir}, &lines); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil || !strings.Contains(lines.String(), "would write "+dir) {
		t.Errorf("a dry run wrote files: %s", &lines)
	}
	if err := Setup(t.Context(), Settings{}, SetupOptions{OutputDir: dir}, &lines); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if want := 4 + 2*len(Datasets); len(files) != want {
		t.Errorf("got %d files, want %d", len(files), want)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || !json.Valid(text) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestMatches(t *testing.T) {
	for pattern, names := range map[string]map[string]bool{
		"logs-*-*":           {"logs-a-b": true, "logs-a": false, "xlogs-a-b": false},
		"*":                  {"": true, "a": true},
		"a":                  {"a": true, "ab": false},
		"logs-okta.system-*": {"logs-okta.system-default": true, "logs-okta.system": false, "logs-okta-system-a": false},
		"*a*a":               {"aa": true, "a": false, "xaxa": true, "xaxab": false},
	} {
		for name, want := range names {
			if got := matches(pattern, name); got != want {
				t.Errorf("%q fits %q: got %v, want %v", pattern, name, got, want)
			}
		}
	}
}

// Each file of templates is read, and belongs to a stream that documents go to.
func TestSheets(t *testing.T) {
	entries, err := templates.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	names := append([]string{"ecs", "idwatch"}, Datasets...)
	if len(entries) != len(names) {
		t.Errorf("%d files for %d streams and what they share", len(entries), len(names))
	}
	for _, name := range names {
		s, err := readSheet(name)
		if err != nil {
			t.Fatal(err)
		}
		if s.Description == "" || slices.Contains(Datasets, name) && s.Module == "" {
			t.Errorf("%s: no description or module", name)
		}
	}
	if got, want := expand("{a,b}.c.{d,e}"), []string{"a.c.d", "a.c.e", "b.c.d", "b.c.e"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
