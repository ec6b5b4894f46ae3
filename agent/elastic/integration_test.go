package elastic

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/elastic/estest"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// realSettings are those of the real server.
func realSettings(s *estest.Server) Settings {
	return Settings{URLs: []string{s.URL}, CAFile: s.CAFile, Username: s.Username, PasswordFile: s.PasswordFile}
}

// newNamespace keeps the documents of a test apart from those of others.
func newNamespace() string { return strings.ToLower(rand.Text()) }

var setUp sync.Once

// real starts the server with the templates installed, and a sender to it.
func real(t *testing.T) (*estest.Server, *Sender) {
	t.Helper()
	server := estest.Start(t)
	setUp.Do(func() {
		if err := Setup(t.Context(), realSettings(server), SetupOptions{}, io.Discard); err != nil {
			t.Fatalf("Setup: %v", err)
		}
	})
	return server, openTo(t, realSettings(server))
}

func TestIntegrationSetup(t *testing.T) {
	server := estest.Start(t)
	for range 2 { // it may be repeated
		var out bytes.Buffer
		if err := Setup(t.Context(), realSettings(server), SetupOptions{}, &out); err != nil {
			t.Fatalf("Setup: %v\n%s", err, &out)
		}
		for _, line := range []string{
			"match_only_text is not there: text is used",
			"constant_keyword is not there: keyword is used",
			"no ILM and no lifecycle of data streams: nothing is ever deleted, watch the disk",
			"installed component template idwatch-ecs",
			"installed index template idwatch-logs-okta.system",
		} {
			if !strings.Contains(out.String(), line+"\n") {
				t.Errorf("no line %q in\n%s", line, &out)
			}
		}
	}
	for _, dataset := range Datasets {
		status, body := server.Call(t, "GET", "/_index_template/idwatch-logs-"+dataset, "")
		if status != 200 || gjson.Get(body, "index_templates.0.index_template.priority").Int() != priority {
			t.Errorf("%s: got %d %s", dataset, status, body)
		}
	}
}

// Each stream takes a document with each of its fields, and each field has the type that the sheet gives it.
func TestIntegrationEveryField(t *testing.T) {
	server, sender := real(t)
	namespace := newNamespace()
	for _, dataset := range Datasets {
		t.Run(dataset, func(t *testing.T) {
			stream := "logs-" + dataset + "-" + namespace
			full := fullDocument(t, dataset)
			refused, err := sender.Send(t.Context(), []ecs.Doc{{Stream: stream, ID: "full", Body: full}})
			if err != nil || len(refused) > 0 {
				t.Fatalf("got refused %v, error %v for %s", refused, err, full)
			}
			server.Call(t, "POST", "/"+stream+"/_refresh", "")
			_, found := server.Call(t, "GET", "/"+stream+"/_search", "")
			if gjson.Get(found, "hits.total.value").Int() != 1 || gjson.Get(found, "hits.hits.0._ignored").Exists() {
				t.Errorf("got %s", found)
			}
			types := typesOf(t, server, stream)
			for name, want := range wantTypes(t, dataset) {
				if got := types[name]; got != want {
					t.Errorf("%s: got type %q, want %q", name, got, want)
				}
			}
			if len(types) > maxFields/2 {
				t.Errorf("%d fields", len(types))
			}
		})
	}
}

// fullDocument has a value for each field of a stream's sheets.
func fullDocument(t *testing.T, dataset string) []byte {
	t.Helper()
	doc := object{"data_stream": object{"type": "logs", "dataset": dataset}, "new": object{"ip": "192.0.2.1", "date": "2026-09-01"}}
	for name, kind := range sheetFields(t, dataset) {
		set(doc, name, map[string]any{
			"date": "2026-09-01T10:00:00.123Z", "ip": "2001:db8::1", "long": 7, "integer": 7, "float": 1.5, "double": 2.5, "boolean": true,
			"geo_point": object{"lat": 1.5, "lon": 2.5}, "flattened": []any{object{"a.b": []any{1, "x", object{"c": nil}}}},
		}[kind])
	}
	body, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func set(doc object, name string, value any) {
	if value == nil {
		value = []any{"text", strings.Repeat("ä", 900)}
	}
	first, rest, nested := strings.Cut(name, ".")
	if !nested {
		doc[first] = value
		return
	}
	inner, ok := doc[first].(object)
	if !ok {
		inner = object{}
		doc[first] = inner
	}
	set(inner, rest, value)
}

// sheetFields are the fields of a stream's sheets with their types, but for objects whose members have dots in their names.
func sheetFields(t *testing.T, dataset string) map[string]string {
	t.Helper()
	fields := map[string]string{}
	for _, name := range []string{dataset, "idwatch", "ecs"} {
		s, err := readSheet(name)
		if err != nil {
			t.Fatal(err)
		}
		for kind, names := range s.Fields {
			for _, field := range expandAll(names) {
				if fields[field] != "" {
					t.Errorf("%s: %s is listed twice", dataset, field)
				}
				fields[field] = kind
			}
		}
	}
	return fields
}

// wantTypes are the types that the real server gives to the fields of a stream.
func wantTypes(t *testing.T, dataset string) map[string]string {
	want := map[string]string{"new.ip": "ip", "new.date": "keyword", "event.dataset": "keyword"}
	for name, kind := range sheetFields(t, dataset) {
		switch {
		case strings.HasPrefix(kind, "keyword"):
			kind = "keyword"
		case kind == "match_only_text":
			kind = "text"
		case kind == "unread":
			kind = "object"
		}
		want[name] = kind
	}
	return want
}

// typesOf asks for the types of a stream's fields.
func typesOf(t *testing.T, server *estest.Server, stream string) map[string]string {
	t.Helper()
	_, body := server.Call(t, "GET", "/"+stream+"/_mapping", "")
	types := map[string]string{}
	gjson.Parse(body).ForEach(func(_, index gjson.Result) bool {
		addTypes(types, "", index.Get("mappings.properties"))
		return true
	})
	return types
}

func addTypes(types map[string]string, prefix string, properties gjson.Result) {
	properties.ForEach(func(name, field gjson.Result) bool {
		if kind := field.Get("type"); kind.Exists() {
			types[prefix+name.Str] = kind.Str
		}
		addTypes(types, prefix+name.Str+".", field.Get("properties"))
		return true
	})
}

func TestIntegrationTwiceIsDelivered(t *testing.T) {
	server, sender := real(t)
	stream := "logs-okta.system-" + newNamespace()
	docs := testDocs(200)
	for i := range docs {
		docs[i].Stream = stream
	}
	for round := range 2 {
		if refused, err := sender.Send(t.Context(), docs); err != nil || len(refused) > 0 {
			t.Fatalf("round %d: got refused %v, error %v", round, refused, err)
		}
	}
	if got := sender.Stats(); got.Delivered != 400 || got.Duplicates != 200 || got.Refused != 0 {
		t.Errorf("got %+v", got)
	}
	server.Call(t, "POST", "/"+stream+"/_refresh", "")
	if _, body := server.Call(t, "GET", "/"+stream+"/_count", ""); gjson.Get(body, "count").Int() != 200 {
		t.Errorf("got %s", body)
	}
}

// What the server refuses alone is refused alone, and the others are there.
func TestIntegrationPoison(t *testing.T) {
	server, sender := real(t)
	stream := "logs-okta.system-" + newNamespace()
	docs := testDocs(300)
	for i := range docs {
		docs[i].Stream = stream
	}
	docs[17].Body = []byte(`{"@timestamp":"2026-09-01T00:00:00Z","okta":"no object"}`)
	docs[40].Body = []byte(`{"@timestamp":"2026-09-01T00:00:00Z","a":1,"a":2}`)
	docs[41].Body = []byte(`{"no":"time"}`)
	docs[42].Body = []byte(`{"@timestamp":"2026-09-01T00:00:00Z"`)
	refused, err := sender.Send(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	var at []int
	for _, r := range refused {
		at = append(at, r.Index)
		if r.Status != 400 || r.Type == "" {
			t.Errorf("got %+v", r)
		}
	}
	if !reflect.DeepEqual(at, []int{17, 40, 41, 42}) {
		t.Errorf("got refused %v", at)
	}
	server.Call(t, "POST", "/"+stream+"/_refresh", "")
	if _, body := server.Call(t, "GET", "/"+stream+"/_count", ""); gjson.Get(body, "count").Int() != 296 {
		t.Errorf("got %s", body)
	}
}

// A key that the server does not know and an authority that did not sign are one clear line each.
func TestIntegrationRefusals(t *testing.T) {
	server := estest.Start(t)
	wrongCA := realSettings(server)
	wrongCA.CAFile = writeFile(t, "other.pem", string(newAuthority(t).PEM))
	wrongPassword := realSettings(server)
	wrongPassword.PasswordFile = writeFile(t, "password", "geheim")
	wrongKey := realSettings(server)
	wrongKey.Username, wrongKey.PasswordFile, wrongKey.APIKeyFile = "", "", writeFile(t, "key", "bm86Z2VoZWlt")
	for want, settings := range map[string]Settings{
		"not signed by the authority in":       wrongCA,
		"refuses user name and password (401)": wrongPassword,
		"refuses the API key (401)":            wrongKey,
	} {
		err := openTo(t, settings).Check(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %q", err, want)
		}
		if err := Setup(t.Context(), settings, SetupOptions{}, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Setup: got %v, want %q", err, want)
		}
	}
	if err := openTo(t, realSettings(server)).Check(t.Context()); err != nil {
		t.Errorf("right password: %v", err)
	}
}

// The documents that the parsers' tests hold up as right are taken.
func TestIntegrationGoldenDocuments(t *testing.T) {
	_, sender := real(t)
	namespace := newNamespace()
	docs := goldenDocs(t, namespace)
	if len(docs) < 50 {
		t.Fatalf("found %d documents only", len(docs))
	}
	refused, err := sender.Send(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refused {
		t.Errorf("%d %s: %s %s", r.Status, r.Type, docs[r.Index].Stream, docs[r.Index].Body)
	}
}

var goldenHead = regexp.MustCompile(`(?m)^(logs-[a-z_.]+)-default ([A-Za-z0-9_-]+)\n`)

// apart keeps away from the others the files whose records are made to be odd: the same unknown member is of one type in one of
// them and of another in the next.
func apart(file string) string {
	for _, word := range []string{"odd", "wrong"} {
		if strings.Contains(file, word) {
			return "." + word
		}
	}
	return ""
}

// goldenDocs reads the golden files: a line with stream and id, then the document. Those of ECS documents go to streams that an
// input has to name, and there are templates of others for these.
func goldenDocs(t *testing.T, namespace string) (docs []ecs.Doc) {
	t.Helper()
	files, _ := filepath.Glob("../../testdata/*/*.golden.json")
	for _, file := range files {
		if filepath.Base(filepath.Dir(file)) == "ecs" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		heads := goldenHead.FindAllSubmatchIndex(text, -1)
		for i, head := range heads {
			end := len(text)
			if i+1 < len(heads) {
				end = heads[i+1][0]
			}
			var body bytes.Buffer
			if err := json.Compact(&body, text[head[1]:end]); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			docs = append(docs, ecs.Doc{
				Stream: string(text[head[2]:head[3]]) + "-" + namespace + apart(file),
				ID:     fmt.Sprintf("%d-%s", len(docs), text[head[4]:head[5]]),
				Body:   body.Bytes(),
			})
		}
	}
	return docs
}

// Fields that no sheet lists get the type of the first rule that fits: those of the stream come before those of all.
func TestIntegrationUnlistedFields(t *testing.T) {
	server, sender := real(t)
	namespace := newNamespace()
	for _, test := range []struct{ dataset, body, field, want string }{
		{"azure.auditlogs", `{"azure":{"auditlogs":{"properties":{"target_resources":{"0":{"modified_properties":{"0":{"new_value":"x"}}}}}}}}`,
			"azure.properties.auditlogs.properties.properties.properties.target_resources.properties.0.properties.modified_properties.properties.0.properties.new_value.ignore_above", "8191"},
		{"azure.auditlogs", `{"azure":{"auditlogs":{"properties":{"targetResources":"text"}}}}`,
			"azure.properties.auditlogs.properties.properties.properties.targetResources.enabled", "false"},
		{"okta.system", `{"okta":{"debug_context":{"debug_data":{"flattened":{"a":{"b":1}},"risk.level":"x","new.key":"x","behaviors":"x"}}}}`,
			`okta.properties.debug_context.properties.debug_data.properties.new\.key.type`, "keyword"},
		{"okta.system", `{"okta":{"target":[{"changeDetails":{"from":{"a":"x"}}}]}}`,
			"okta.properties.target.properties.changeDetails.properties.from.properties.a.ignore_above", "1024"},
		{"idwatch.alert", `{"idwatch":{"new":[{"kind":"window","points":-20,"from":"2026-09-01T10:00:00Z"}]}}`,
			"idwatch.properties.new.properties.from.ignore_above", "8191"},
		{"idwatch.alert", `{"threat":{"indicator":{"ip":"192.0.2.1"}}}`, "threat.properties.indicator.properties.ip.type", "ip"},
		{"idwatch.alert", `{"new":{"geo":{"location":{"lat":1,"lon":2}}}}`, "new.properties.geo.properties.location.type", "geo_point"},
	} {
		stream := "logs-" + test.dataset + "-" + namespace
		body := `{"@timestamp":"2026-09-01T10:00:00Z",` + test.body[1:]
		refused, err := sender.Send(t.Context(), []ecs.Doc{{Stream: stream, ID: rand.Text(), Body: []byte(body)}})
		if err != nil || len(refused) > 0 {
			t.Errorf("got refused %v, error %v for %s", refused, err, body)
			continue
		}
		_, mapping := server.Call(t, "GET", "/"+stream+"/_mapping", "")
		gjson.Parse(mapping).ForEach(func(_, index gjson.Result) bool {
			if got := index.Get("mappings.properties." + test.field).String(); got != test.want {
				t.Errorf("%s: got %q, want %q", test.field, got, test.want)
			}
			return true
		})
	}
}
