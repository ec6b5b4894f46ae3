package context

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections"
)

func TestYAMLAndJSONSayTheSame(t *testing.T) {
	yaml, err := Load("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	json, err := Load("testdata/full.json")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(yaml, json) {
		t.Errorf("got %+v\nfrom YAML and from JSON\n%+v", yaml, json)
	}
}

func TestLoad(t *testing.T) {
	c, err := Load("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	deployer := c.Known("repo:acme/shop:ref:refs/heads/main")
	if deployer == nil || deployer != c.Known("shop-deployer") || deployer.Owner != "platform@acme.example" || !deployer.Privileged {
		t.Errorf("wildcard: got %+v", deployer)
	}
	if got, want := deployer.Rotation, 90*24*time.Hour; got != want {
		t.Errorf("rotation: got %v, want %v", got, want)
	}
	if k := c.Known("alice@ACME.example"); k == nil || k.ID != "alice" {
		t.Errorf("login in other letters: got %+v", k)
	}
	w := c.Windows[0]
	if want := time.Date(2026, 9, 1, 22, 0, 0, 0, time.UTC); !w.Until.Equal(want) || w.Ticket != "CHG-1234" {
		t.Errorf("window: got %+v, want it until %v", w, want)
	}
	for addr, want := range map[string]bool{"203.0.113.200": true, "198.51.100.9": true, "198.51.100.10": false, "::ffff:203.0.113.1": true} {
		if got := c.NetworkOf(netip.MustParseAddr(addr)) != nil; got != want {
			t.Errorf("%s is known: got %v, want %v", addr, got, want)
		}
	}
	if c.Threshold != 60 || c.Learning.Events != 50 || c.Learning.Age != 14*24*time.Hour {
		t.Errorf("got threshold %d, learning %+v", c.Threshold, c.Learning)
	}
}

func TestBusinessHours(t *testing.T) {
	c, err := Load("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		at   string
		want bool
	}{
		{"2026-09-02T05:00:00Z", true}, // 07:00 in Berlin
		{"2026-09-02T04:59:59Z", false},
		{"2026-09-02T16:59:59Z", true},
		{"2026-09-02T17:00:00Z", false},
		{"2026-09-05T10:00:00Z", false}, // a Saturday
	} {
		at, _ := time.Parse(time.RFC3339, row.at)
		if got, declared := c.Business(at); got != row.want || !declared {
			t.Errorf("%s: got %v, %v, want %v", row.at, got, declared, row.want)
		}
	}
}

func TestParseHours(t *testing.T) {
	for said, want := range map[string]string{
		"Mon-Fri 07:00-19:00":         "-xxxxx- 420-1140",
		"Fri-Mon 00:00-24:00":         "xx---xx 0-1440",
		"sun,Wed 8:30-12:00":          "x--x--- 510-720",
		"Mon,Wed-Thu,Sat 09:00-17:45": "-x-xx-x 540-1065",
	} {
		var h detections.Hours
		if !parseHours(said, &h) {
			t.Errorf("%q was refused", said)
			continue
		}
		days := ""
		for _, on := range h.Days {
			days += map[bool]string{true: "x", false: "-"}[on]
		}
		if got := days + " " + minutes(h); got != want {
			t.Errorf("%q: got %s, want %s", said, got, want)
		}
	}
}

func minutes(h detections.Hours) string {
	return strings.Join([]string{strconv.Itoa(h.From), strconv.Itoa(h.To)}, "-")
}

// An empty file says nothing, which is what no file says.
func TestNothingSaid(t *testing.T) {
	for _, data := range []string{"", "# nothing\n", "{}", "identities:\nwindows: []\nhours: {business: Mon 00:00-01:00}\nnetworks:\nlearning:\n"} {
		c, err := Parse("f", []byte(data))
		if err != nil {
			t.Errorf("%q: %v", data, err)
			continue
		}
		if c.Threshold != 50 || c.Learning != detections.DefaultContext().Learning || len(c.Identities) > 0 {
			t.Errorf("%q: got %+v", data, c)
		}
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	if _, err := Load("/none.yaml"); err == nil || !strings.Contains(err.Error(), "/none.yaml: no such file") {
		t.Errorf("got %v", err)
	}
	path := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, maxFile+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.HasSuffix(err.Error(), ":1: is larger than 16MiB") {
		t.Errorf("got %v", err)
	}
}
