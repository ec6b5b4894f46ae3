package context

import (
	"fmt"
	"strings"
	"testing"
)

// entry is one identity that is in order.
const entry = "identities:\n- id: shop\n  names: [repo:acme/shop:*]\n"

// window is one window that is in order.
const window = entry + "windows:\n- kind: rotation\n  from: 2026-09-01T20:00:00Z\n  until: 2026-09-01T22:00:00Z\n  identities: [shop]\n"

func TestBadInput(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"no mapping", "- a", "f:1: want a mapping of keys, got a list"},
		{"unknown section", "identites: []", "f:1: identites: unknown key (did you mean identities?)"},
		{"unknown key far away", "zzz: 1", "f:1: zzz: unknown key (one of alert_threshold, hours, identities, learning, networks, windows)"},
		{"key that is no word", "\"a b\": 1", "f:1: has a key that is not a plain word"},
		{"key twice", "learning: {days: 1, days: 2}", "f:1: learning.days: is there twice, first in line 1"},
		{"two documents", "learning: {days: 1}\n---\nlearning: {days: 1}", "f:3: has more than one YAML document"},
		{"anchor", "identities: &a []", "f:1: identities: want a list, got a YAML anchor, alias or tag, which are not supported here"},
		{"not UTF-8", "identities: \xff", "f:1: is not UTF-8"},
		{"too deep", strings.Repeat("[", 40), "f:1: is nested too deeply"},
		{"too large", strings.Repeat("# long\n", maxYAML/7+1), "f:1: is larger than 4MiB: write it as JSON"},
		{"bad YAML", "identities:\n  - id: [a", "f:2: is not YAML: sequence end token ']' not found"},

		{"no id", "identities:\n- kind: human", "f:2: identities[0].id: is missing"},
		{"empty id", "identities:\n- id: ' '", "f:2: identities[0].id: is empty"},
		{"number as id", "identities:\n- id: 7", "f:2: identities[0].id: want text, got a number (put it in quotes)"},
		{"control character", "identities:\n- id: \"a\\u001b[31m\"", "f:2: identities[0].id: has a line break or another control character in it"},
		{"long text", "identities:\n- id: " + strings.Repeat("a", 2049), "f:2: identities[0].id: is longer than 2048 bytes"},
		{"kind", entry + "  kind: humna", "f:4: identities[0].kind: unknown value (did you mean human?)"},
		{"id twice", entry + "- id: shop", "f:4: identities[1].id: is there twice, first in line 2"},
		{"name twice", entry + "- id: other\n  names:\n  - a\n  - repo:acme/shop:*", "f:7: identities[1].names[1]: is there twice, first in line 3"},
		{"login twice", "identities:\n- id: a@acme.example\n- id: b\n  names: A@ACME.example", "f:4: identities[1].names: is there twice, first in line 2"},
		{"name of all", "identities:\n- id: a\n  names: ['*']", "f:3: identities[0].names[0]: stands for every identity there is"},
		{"names are no texts", "identities:\n- id: a\n  names: {b: c}", "f:3: identities[0].names: want text, got a mapping"},
		{"no names", "identities:\n- id: a\n  names: []", "f:3: identities[0].names: is an empty list"},
		{"privileged", entry + "  privileged: yes", "f:4: identities[0].privileged: want true or false"},
		{"created", entry + "  lifecycle: {created: 10.1.2026}", "f:4: identities[0].lifecycle.created: want a day such as 2026-01-10"},
		{"expires", entry + "  lifecycle: {created: 2026-01-02, expires: 2026-01-01}", "f:4: identities[0].lifecycle.expires: is not after created"},
		{"rotation", entry + "  lifecycle: {rotation_days: 0}", "f:4: identities[0].lifecycle.rotation_days: want a whole number from 1 to 3660"},

		{"window without identities", "windows:\n- {kind: rotation, from: 2026-09-01T20:00:00Z, until: 2026-09-01T22:00:00Z}", "f:2: windows[0].identities: is missing"},
		{"window of all", strings.Replace(window, "[shop]", "['*']", 1), "f:8: windows[0].identities: stands for every identity there is"},
		{"misspelt identity", strings.Replace(window, "[shop]", "[shpo]", 1), "f:8: windows[0].identities: names no identity of this file, but one that is nearly spelt so, in line 2"},
		{"time without zone", strings.Replace(window, "22:00:00Z", "22:00:00", 1), "f:7: windows[0].until: want a time with its zone, such as 2026-09-01T20:00:00Z"},
		{"window ends first", strings.Replace(window, "T22", "T19", 1), "f:5: windows[0].until: is not after from"},
		{"kind of window", strings.Replace(window, "rotation", "party", 1), "f:5: windows[0].kind: unknown value (one of deployment, maintenance, failover, rotation, elevation)"},
		{"source", window + "  sources: [aws]", "f:9: windows[0].sources: unknown source (one of okta, entra, cloudtrail, vault, ecs)"},

		{"no network", "networks:\n- name: a\n  cidrs: [10.0.0.0/33]", "f:3: networks[0].cidrs: want networks such as 203.0.113.0/24 or 2001:db8::/32"},
		{"all addresses", "networks:\n- name: a\n  cidrs: ['::/0']", "f:3: networks[0].cidrs: has every address there is in it"},
		{"no name", "networks:\n- cidrs: [10.0.0.0/8]", "f:2: networks[0].name: is missing"},

		{"hours", "hours: {business: 'Mon-Fri 7-19'}", "f:1: hours.business: want days and hours within a day, such as \"Mon-Fri 07:00-19:00\""},
		{"hours over midnight", "hours: {business: 'Mon-Fri 22:00-06:00'}", "f:1: hours.business: want days and hours within a day, such as \"Mon-Fri 07:00-19:00\""},
		{"no hours", "hours: {timezone: Europe/Berlin}", "f:1: hours.business: is missing"},
		{"zone", "hours: {timezone: Europe/Bärlin, business: Mon 00:00-24:00}", "f:1: hours.timezone: want a time zone of the tz database, such as Europe/Berlin"},
		{"the machine's zone", "hours: {timezone: Local, business: Mon 00:00-24:00}", "f:1: hours.timezone: want a time zone of the tz database, such as Europe/Berlin"},
		{"learning", "learning: {days: -1}", "f:1: learning.days: want a whole number from 0 to 365"},
		{"threshold", "alert_threshold: high", "f:1: alert_threshold: want a whole number from 0 to 100"},
		{"threshold of 101", "alert_threshold: 101", "f:1: alert_threshold: want a whole number from 0 to 100"},
		{"no number", "alert_threshold: 5.5", "f:1: alert_threshold: want a whole number from 0 to 100"},
		{"no value", "alert_threshold:", "f:1: alert_threshold: want a number, got nothing"},

		{"bad JSON", "{\"identities\": [\n{\"id\": nope}]}", "f:2: is not JSON"},
		{"JSON cut short", "{\"identities\": [\n7,", "f:2: is not JSON"},
		{"two JSON documents", "{}\n{}", "f:2: has more than one JSON document"},
		{"deep JSON", "{\"a\":\n" + strings.Repeat("[", 40), "f:2: is nested too deeply"},
		{"key twice in JSON", "{\"learning\": {\"days\": 1,\n\"days\": 2}}", "f:2: learning.days: is there twice, first in line 1"},
		{"JSON null", "{\"identities\": [\nnull]}", "f:2: identities[0].id: is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f", []byte(c.data))
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// A fault far down is found where it stands, and with it all others.
func TestErrorsInLine40(t *testing.T) {
	var file strings.Builder
	file.WriteString("# who is who\nidentities:\n")
	for n := range 18 { // lines 3 to 38
		fmt.Fprintf(&file, "- id: job-%d\n  kind: service\n", n)
	}
	file.WriteString("- id: job-x\n  kind: sevrice\n  onwer: platform@acme.example\n") // 39 to 41
	file.WriteString("alert_threshold: many\n")
	_, err := Parse("context.yaml", []byte(file.String()))
	want := "context.yaml:40: identities[18].kind: unknown value (did you mean service?)\n" +
		"context.yaml:41: identities[18].onwer: unknown key (did you mean owner?)\n" +
		"context.yaml:42: alert_threshold: want a whole number from 0 to 100"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestManyErrorsAreCut(t *testing.T) {
	_, err := Parse("f", []byte("networks:\n"+strings.Repeat("- {}\n", 30)))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 21 || lines[20] != "f: and 40 more" {
		t.Errorf("got %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}
