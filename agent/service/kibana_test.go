package service

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	housecontext "github.com/idwatch/idwatch/agent/context"
	"github.com/idwatch/idwatch/agent/elastic"
	"github.com/idwatch/idwatch/agent/elastic/estest"
	"github.com/idwatch/idwatch/agent/geoip"
	"github.com/idwatch/idwatch/agent/kibana"
	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/enrich"
)

// pictures are the panels of all dashboards that ask for something themselves, with the dashboard's query in theirs.
func pictures(t *testing.T) (all []kibana.Panel) {
	t.Helper()
	dashboards, err := kibana.Dashboards()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dashboards {
		for _, p := range d.Panels {
			if p.Show == "search" {
				continue
			}
			p.Title = d.ID + ": " + p.Title
			if d.Query != "" && p.Query != "" {
				p.Query = "(" + d.Query + ") and " + p.Query
			} else {
				p.Query += d.Query
			}
			all = append(all, p)
		}
	}
	if len(all) < 30 {
		t.Fatalf("got %d panels, want all of five dashboards", len(all))
	}
	return all
}

func viewTitles(t *testing.T) map[string]string {
	t.Helper()
	views, err := kibana.Views()
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{}
	for _, v := range views {
		titles[v.ID] = v.Title
	}
	return titles
}

// queried finds the fields that a query in KQL names.
var queried = regexp.MustCompile(`([A-Za-z_@][A-Za-z0-9_.@]*)\s*(?::|>=|<=|>|<)`)

func fieldsOf(query string) (names []string) {
	for _, m := range queried.FindAllStringSubmatch(query, -1) {
		names = append(names, m[1])
	}
	return names
}

// typesOf are the types that a field has in the data streams of a view.
func typesOf(t *testing.T, title, field string) (types []string) {
	t.Helper()
	for _, dataset := range elastic.Datasets {
		covered := slices.ContainsFunc(strings.Split(title, ","), func(pattern string) bool {
			ok, err := filepath.Match(pattern, "logs-"+dataset+"-default")
			return err == nil && ok
		})
		if !covered {
			continue
		}
		all, err := elastic.FieldTypes(dataset)
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, all[field]) // "" where it is not
	}
	if len(types) == 0 {
		t.Errorf("%s covers no data stream of ours", title)
	}
	return types
}

// fitting are the types that each use of a field can do with.
var fitting = map[string][]string{
	"groups":   {"keyword", "constant_keyword", "boolean", "long", "float", "ip"},
	"computes": {"long", "float", "date"},
	"counts":   {"keyword", "constant_keyword", "ip", "long", "float", "boolean"},
	"shows":    {"keyword", "constant_keyword", "ip", "long", "float", "boolean", "date", "match_only_text"},
}

func fits(t *testing.T, where, title, use, field string) {
	t.Helper()
	for _, kind := range typesOf(t, title, field) {
		if !slices.Contains(fitting[use], kind) {
			t.Errorf("%s %s %s, whose type in a stream of %s is %q", where, use, field, title, kind)
		}
	}
}

// TestKibanaFields: every field that a dashboard, a control, a search or a query uses exists in the templates, with a type that fits.
func TestKibanaFields(t *testing.T) {
	titles := viewTitles(t)
	for _, p := range pictures(t) {
		title := titles[p.View]
		for _, v := range p.Value {
			switch v.Op {
			case "count":
			case "unique":
				fits(t, p.Title, title, "counts", v.Field)
			default:
				fits(t, p.Title, title, "computes", v.Field)
			}
		}
		for _, field := range append(slices.Clone(p.Over), p.Split) {
			if field != "time" && field != "" {
				fits(t, p.Title, title, "groups", field)
			}
		}
		for _, field := range fieldsOf(p.Query) {
			fits(t, p.Title, title, "shows", field)
		}
	}
	searches, err := kibana.Searches()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range searches {
		for _, field := range append(fieldsOf(s.Query), s.Columns...) {
			fits(t, s.ID, titles[s.View], "shows", field)
		}
	}
	dashboards, err := kibana.Dashboards()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dashboards {
		for _, field := range d.Controls {
			fits(t, d.ID, titles["events"], "groups", field)
		}
	}
}

// words are those of KQL that the server's older language spells otherwise.
var words = strings.NewReplacer(" and ", " AND ", " or ", " OR ", "not ", "NOT ", " >= ", ":>=", " > ", ":>")

// lucene says a query of the sheets, which use a small part of KQL, in the language that the server itself understands.
func lucene(query string) string {
	return regexp.MustCompile(`([A-Za-z0-9_.]+): \*`).ReplaceAllString(words.Replace(query), "_exists_:$1")
}

// searchOf is the search that Lens would make of a panel.
func searchOf(p *kibana.Panel) string {
	values := map[string]any{}
	for i, v := range p.Value {
		name := "value" + string(rune('1'+i))
		switch v.Op {
		case "count":
		case "unique":
			values[name] = map[string]any{"cardinality": map[string]any{"field": v.Field}}
		case "average":
			values[name] = map[string]any{"avg": map[string]any{"field": v.Field}}
		case "last":
			values[name] = map[string]any{"max": map[string]any{"field": v.Field}}
		default:
			values[name] = map[string]any{v.Op: map[string]any{"field": v.Field}}
		}
	}
	inner := values
	over := slices.Clone(p.Over)
	if p.Split != "" {
		over = append([]string{p.Split}, over...)
	}
	for _, field := range slices.Backward(over) {
		bucket := map[string]any{"terms": map[string]any{"field": field, "size": 10}}
		if field == "time" {
			bucket = map[string]any{"date_histogram": map[string]any{"field": "@timestamp", "calendar_interval": "1d"}}
		}
		if len(inner) > 0 {
			bucket["aggs"] = inner
		}
		inner = map[string]any{"buckets": bucket}
	}
	query := map[string]any{"match_all": map[string]any{}}
	if p.Query != "" {
		query = map[string]any{"query_string": map[string]any{"query": lucene(p.Query)}}
	}
	body := map[string]any{"size": 0, "query": query, "track_total_hits": true}
	if len(inner) > 0 {
		body["aggs"] = inner
	}
	text, _ := json.Marshal(body)
	return string(text)
}

// TestIntegrationKibanaPanels: what each panel asks for is there when the demo's records went into a real server.
func TestIntegrationKibanaPanels(t *testing.T) {
	server := estest.Start(t)
	sender := openSender(t, server)
	namespace := strings.ToLower(rand.Text())
	sendDemo(t, sender, namespace)
	server.Call(t, "POST", "/logs-*-"+namespace+"/_refresh", "")

	checkRelied(t, server, namespace)
	titles := viewTitles(t)
	for _, p := range pictures(t) {
		streams := strings.ReplaceAll(titles[p.View], "-*,", "-"+namespace+",")
		streams = strings.TrimSuffix(streams, "-*") + "-" + namespace
		status, answer := server.Call(t, "POST", "/"+streams+"/_search?ignore_unavailable=true&allow_no_indices=true", searchOf(&p))
		if status != 200 {
			t.Errorf("%s: %d %s", p.Title, status, answer)
			continue
		}
		hits, buckets := gjson.Get(answer, "hits.total.value").Int(), gjson.Get(answer, "aggregations.buckets.buckets.#").Int()
		t.Logf("%-60s %7d documents %3d rows", p.Title, hits, buckets)
		if len(p.Over) > 0 && buckets == 0 { // a number alone may be 0
			t.Errorf("%s shows nothing: %d documents, %d rows", p.Title, hits, buckets)
		}
	}
}

// relied are fields on which the dashboards that come with Elastic's integrations rely, by the data stream they look into.
var relied = map[string][]string{
	"okta.system":      {"event.action", "event.outcome", "okta.transaction.type", "client.geo.location", "user.name", "source.ip", "okta.event_type", "okta.outcome.reason"},
	"azure.signinlogs": {"event.outcome", "source.geo.location", "user.name", "azure.signinlogs.properties.app_display_name", "azure.signinlogs.properties.client_app_used", "azure.signinlogs.properties.status.error_code", "azure.signinlogs.properties.device_detail.operating_system"},
	"azure.auditlogs":  {"event.outcome", "azure.auditlogs.operation_name", "azure.auditlogs.properties.category", "azure.auditlogs.properties.initiated_by.user.userPrincipalName"},
	"aws.cloudtrail":   {"event.action", "event.outcome", "event.provider", "source.geo.location", "aws.cloudtrail.event_type", "aws.cloudtrail.error_code", "user_agent.name", "cloud.region", "user.name"},
	"hashicorp_vault.audit": {
		"event.type", "hashicorp_vault.audit.type", "hashicorp_vault.audit.auth.policies", "hashicorp_vault.audit.request.mount_type", "hashicorp_vault.audit.request.path", "hashicorp_vault.audit.request.operation", "source.ip",
	},
}

// checkRelied: each of these fields is in the templates, and in some document of its stream.
func checkRelied(t *testing.T, server *estest.Server, namespace string) {
	t.Helper()
	for dataset, fields := range relied {
		types, err := elastic.FieldTypes(dataset)
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range fields {
			_, answer := server.Call(t, "POST", "/logs-"+dataset+"-"+namespace+"/_count", `{"query":{"exists":{"field":"`+field+`"}}}`)
			if n := gjson.Get(answer, "count").Int(); n == 0 || types[field] == "" {
				t.Errorf("%s: %s is of type %q and in %d documents", dataset, field, types[field], n)
			}
		}
	}
}

// auditOff is a record of somebody who switches an audit device off, a while before the demo's story.
const auditOff = `{"time":"2026-09-20T20:00:00Z","type":"response","auth":{"accessor":"hmac-sha256:0b","display_name":"ldap-oskar","policies":["admin"],"entity_id":"e-7"},` +
	`"request":{"id":"r-audit-off","operation":"delete","mount_type":"system","path":"sys/audit/file","remote_address":"203.0.113.5"},"response":{}}` + "\n"

// sendDemo sends the demo's records, one that makes a gap, and a broken one.
func sendDemo(t *testing.T, out pipeline.Output, namespace string) {
	t.Helper()
	dir := t.TempDir()
	if said, err := exec.Command("go", "run", "../../testdata/demo/generate", "-out", dir).CombinedOutput(); err != nil {
		t.Fatalf("make the demo's records: %v\n%s", err, said)
	}
	for name, text := range map[string]string{"broken.log": `{"eventType":` + "\n", "audit-off.log": auditOff} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trails, err := filepath.Glob(filepath.Join(dir, "cloudtrail", "*"))
	if err != nil || len(trails) == 0 {
		t.Fatalf("got no trails, %v", err)
	}
	house, err := housecontext.Load(filepath.Join(dir, "context.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	places, err := geoip.Open("../../testdata/geoip/City.mmdb", "../../testdata/geoip/ASN.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	defer places.Close()
	at := func(name string) []string { return []string{filepath.Join(dir, name)} }
	runAll(t, pipeline.Settings{
		Parse: parsers.Options{Namespace: namespace, Enrich: enrich.New(places)}, Output: out,
		Detect: &pipeline.Detection{Context: house, Lateness: 15 * time.Minute},
	}, []batch{
		{source: "okta", files: at("okta.ndjson")}, {source: "entra", files: at("entra.ndjson")}, {source: "vault", files: append(at("vault-audit.log"), at("audit-off.log")...)},
		{source: "cloudtrail", files: trails}, {source: "okta", files: at("broken.log"), dead: 1},
	})
}
