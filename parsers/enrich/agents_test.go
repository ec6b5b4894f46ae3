package enrich

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
	"unsafe"
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

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, raw, want string }{
		{"nothing", "", `"name":"Other","device":{"name":"Other"},`},
		{"unknown", "some-tool of ours", `"name":"Other","device":{"name":"Other"},`},
		{"four parts of a version and a system with one",
			"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.71 Safari/537.36",
			`"name":"Chrome","version":"120.0.6099.71","device":{"name":"Other"},"os":{"name":"Windows","version":"10","full":"Windows 10"},`},
		{"an empty part ends a version",
			"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.14; rv:88.0) Gecko/20100101 Firefox/88.0",
			`"name":"Firefox","version":"88.0","device":{"name":"Mac"},"os":{"name":"Mac OS X","version":"10.14","full":"Mac OS X 10.14"},`},
		{"a system without a version has no full name",
			"Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
			`"name":"Firefox","version":"115.0","device":{"name":"Other"},"os":{"name":"Linux"},`},
		{"botocore makes a spider", "Boto3/1.28.2 Python/3.11.4 Linux/6.1.0-9-amd64 Botocore/1.31.2",
			`"name":"Boto3","version":"1.28.2","device":{"name":"Spider"},"os":{"name":"Linux","version":"6.1.0","full":"Linux 6.1.0"},`},
		{"a name with a quote", `my"app/7 CFNetwork/1`,
			`"name":"my\"app","version":"7","device":{"name":"Other"},`},
		{"only the first group is put into a template",
			"Mozilla/5.0 (Linux; Android 9; vivo 1814 Build/PPR1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.99 Mobile Safari/537.36",
			`"name":"Chrome Mobile","version":"86.0.4240.99","device":{"name":"vivo $2"},"os":{"name":"Android","version":"9","full":"Android 9"},`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := NewUserAgents(1).Parse(c.raw)
			if string(got.JSON) != c.want {
				t.Errorf("got  %s\nwant %s", got.JSON, c.want)
			}
		})
	}
}

func TestParseKeepsNoView(t *testing.T) {
	agents := NewUserAgents(10)
	buffer := []byte("curl/8.4.0")
	first := agents.Parse(unsafe.String(&buffer[0], len(buffer)))
	copy(buffer, "xxxxxxxxxx")
	if first.Name != "curl" || first.Version != "8.4.0" {
		t.Errorf("got %s %s, want curl 8.4.0", first.Name, first.Version)
	}
	if again := agents.Parse("curl/8.4.0"); again != first {
		t.Error("the second look is not answered from the cache")
	}
	var none *UserAgents
	view := none.Parse(unsafe.String(&buffer[0], len(buffer)))
	copy(buffer, "yyyyyyyyyy")
	if view.Name != other {
		t.Errorf("got %s, want %s", view.Name, other)
	}
}

func TestParseIsBounded(t *testing.T) {
	agents := NewUserAgents(2)
	long := strings.Repeat("é", agentBytes) // the limit falls between two characters, not into one
	if got := cut("x"+long, agentBytes); !utf8.ValidString(got) || len(got) != agentBytes-1 {
		t.Errorf("cut to %d bytes, valid %t", len(got), utf8.ValidString(got))
	}
	if agents.Parse(long+"1") != agents.Parse(long+"2") {
		t.Error("what stands behind the limit makes a difference")
	}
	for i := range 10 {
		agents.Parse(fmt.Sprint("curl/", i))
	}
	if got := agents.known.Len(); got != 2 {
		t.Errorf("%d entries, want 2", got)
	}
}

func TestParseHitAllocatesNothing(t *testing.T) {
	agents := NewUserAgents(2)
	if got := testing.AllocsPerRun(100, func() { agents.Parse("curl/8.4.0") }); got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

func TestParseFromManySides(t *testing.T) {
	agents := NewUserAgents(4)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for n := range 50 {
				version := fmt.Sprint((i + n) % 8)
				if got := agents.Parse("curl/" + version); got.Version != version {
					t.Errorf("got %s, want %s", got.Version, version)
				}
			}
		})
	}
	wait.Wait()
}

func TestEnricherWithoutAnything(t *testing.T) {
	for _, e := range []*Enricher{nil, {}, New(nil)} {
		if got := e.Agent("curl/8.4.0"); got.Name != "curl" {
			t.Errorf("got %s, want curl", got.Name)
		}
		if e.Place(netip.MustParseAddr("192.0.2.1")) != nil || e.Place(netip.Addr{}) != nil {
			t.Error("a place from nowhere")
		}
	}
}
