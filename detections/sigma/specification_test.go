package sigma_test

import (
	"testing"

	"github.com/idwatch/idwatch/detections/sigma/oracletest"
)

// example is a detection with records that meet it and such as do not, after the specification's chapters.
type example struct {
	name      string
	detection string // what stands under "detection:", indented by two
	yes, no   []string
}

// lists are the placeholders that examples use.
var lists = map[string][]string{"servers": {"srv*", "db-1"}, "name": {"value"}}

var examples = []example{
	{"text compares without regard to case", "s: {User: Admin}\n  condition: s",
		[]string{`{"User":"admin"}`, `{"User":"ADMIN"}`}, []string{`{"User":"admin "}`, `{"User":""}`, `{"User":null}`, `{}`}},
	{"case over Unicode", "s: {User: JÜRGEN}\n  condition: s", []string{`{"User":"jürgen"}`}, []string{`{"User":"jurgen"}`}},
	{"a list of values is OR", "s: {EventID: [517, 1102]}\n  condition: s",
		[]string{`{"EventID":517}`, `{"EventID":"1102"}`}, []string{`{"EventID":5171}`, `{"EventID":"0517"}`, `{}`}},
	{"a map is AND", "s: {EventLog: Security, EventID: 517}\n  condition: s",
		[]string{`{"EventLog":"Security","EventID":517}`}, []string{`{"EventLog":"Security"}`, `{"EventID":517}`}},
	{"a list of maps is OR", "s:\n    - Image|endswith: '\\example.exe'\n    - Description|contains: 'Test executable'\n  condition: s",
		[]string{`{"Image":"C:\\example.exe"}`, `{"Description":"a test executable!"}`}, []string{`{"Image":"example.exe"}`, `{"Description":"test"}`}},
	{"keywords stand anywhere in the values", "k: [EVILSERVICE, 'svchost.exe -n evil']\n  condition: k",
		[]string{`{"a":{"b":["run evilservice now"]}}`, `{"x":"svchost.exe -n evil"}`}, []string{`{"evilservice":"no"}`, `{"x":"svchost.exe"}`}},
	{"keywords that all have to stand", "k:\n    '|all': [OabVirtualDirectory, ' -ExternalUrl ']\n  condition: k",
		[]string{`{"a":"set OabVirtualDirectory","b":"x -ExternalUrl y"}`}, []string{`{"a":"OabVirtualDirectory"}`}},
	{"a question mark is one character", "s: {p: 'prog?.exe'}\n  condition: s", []string{`{"p":"progA.exe"}`, `{"p":"progé.exe"}`}, []string{`{"p":"prog.exe"}`, `{"p":"progAB.exe"}`}},
	{"an asterisk is any run", "s: {p: 'antivirus_V*.exe'}\n  condition: s", []string{`{"p":"antivirus_V1.exe"}`, `{"p":"antivirus_V.exe"}`}, []string{`{"p":"antivirus_1.exe"}`}},
	{"escaped wildcards are plain", `s: {p: 'a\*b\?'}` + "\n  condition: s", []string{`{"p":"a*b?"}`}, []string{`{"p":"axb?"}`, `{"p":"a*bc"}`, `{"p":"a\\*b\\?"}`}},
	{"a backslash, then a wildcard", `s: {p: 'dir\\*'}` + "\n  condition: s", []string{`{"p":"dir\\"}`, `{"p":"dir\\x"}`}, []string{`{"p":"dir*"}`, `{"p":"dirx"}`}},
	{"a backslash and an asterisk, both plain", `s: {p: 'a\\\*'}` + "\n  condition: s", []string{`{"p":"a\\*"}`}, []string{`{"p":"a\\x"}`}},
	{"any other backslash is itself", `s: {p: 'a\b'}` + "\n  condition: s", []string{`{"p":"a\\b"}`}, []string{`{"p":"ab"}`}},
	{"four backslashes are two", `s: {p: 'a\\\\b'}` + "\n  condition: s", []string{`{"p":"a\\\\b"}`}, []string{`{"p":"a\\b"}`}},
	{"contains", "s: {p|contains: mid}\n  condition: s", []string{`{"p":"amidst"}`, `{"p":"mid"}`}, []string{`{"p":"mi"}`}},
	{"contains with a wildcard", "s: {p|contains: 'a*b'}\n  condition: s", []string{`{"p":"xa--by"}`}, []string{`{"p":"b a"}`}},
	{"an asterisk alone under contains is something", "s: {p|contains: '*'}\n  condition: s", []string{`{"p":"x"}`, `{"p":0}`}, []string{`{"p":""}`, `{"p":null}`, `{}`}},
	{"startswith", "s: {p|startswith: adm_}\n  condition: s", []string{`{"p":"ADM_1"}`}, []string{`{"p":"xadm_"}`}},
	{"endswith", "s: {p|endswith: .exe}\n  condition: s", []string{`{"p":"a.EXE"}`}, []string{`{"p":"a.exe "}`}},
	{"all", "s: {p|contains|all: [a, b]}\n  condition: s", []string{`{"p":"bca"}`, `{"p":["xa","xb"]}`}, []string{`{"p":"aa"}`}},
	{"null is absent or null", "s: {p: null}\n  condition: s", []string{`{}`, `{"p":null}`}, []string{`{"p":""}`, `{"p":0}`}},
	{"the empty text is present and empty", "s: {p: ''}\n  condition: s", []string{`{"p":""}`}, []string{`{}`, `{"p":null}`, `{"p":" "}`}},
	{"exists", "s: {p|exists: true}\n  condition: s", []string{`{"p":null}`, `{"p":""}`}, []string{`{}`}},
	{"exists not", "s: {p|exists: false}\n  condition: s", []string{`{}`}, []string{`{"p":null}`}},
	{"cased", "s: {p|cased: Abc}\n  condition: s", []string{`{"p":"Abc"}`}, []string{`{"p":"abc"}`}},
	{"cased contains", "s: {p|contains|cased: Abc}\n  condition: s", []string{`{"p":"xAbcx"}`}, []string{`{"p":"xabcx"}`}},
	{"neq", "s: {p|neq: a}\n  condition: s", []string{`{"p":"b"}`}, []string{`{"p":"A"}`}},
	{"re searches, with regard to case", "s: {p|re: 'b[0-9]+'}\n  condition: s", []string{`{"p":"ab12c"}`}, []string{`{"p":"B1"}`, `{"p":"b"}`}},
	{"re i", "s: {p|re|i: '^b$'}\n  condition: s", []string{`{"p":"B"}`}, []string{`{"p":"ab"}`}},
	{"re m", "s: {p|re|m: '^b$'}\n  condition: s", []string{`{"p":"a\nb"}`}, []string{`{"p":"ab"}`}},
	{"re s", "s: {p|re|s: 'a.b'}\n  condition: s", []string{`{"p":"a\nb"}`}, []string{`{"p":"ab"}`}},
	{"cidr of version 4", "s: {ip|cidr: 10.0.0.0/8}\n  condition: s", []string{`{"ip":"10.255.0.1"}`}, []string{`{"ip":"11.0.0.1"}`, `{"ip":"x"}`, `{}`}},
	{"cidr of version 6", "s: {ip|cidr: '2001:db8::/32'}\n  condition: s", []string{`{"ip":"2001:db8::1"}`}, []string{`{"ip":"2001:db9::1"}`}},
	{"lt", "s: {n|lt: 5}\n  condition: s", []string{`{"n":4}`, `{"n":"4.5"}`}, []string{`{"n":5}`, `{"n":"x"}`, `{}`}},
	{"lte", "s: {n|lte: 5}\n  condition: s", []string{`{"n":5}`}, []string{`{"n":6}`}},
	{"gt", "s: {n|gt: 5}\n  condition: s", []string{`{"n":5.5}`}, []string{`{"n":5}`}},
	{"gte", "s: {n|gte: 5}\n  condition: s", []string{`{"n":"5"}`}, []string{`{"n":4.9}`}},
	{"hour", "s: {t|hour: 18}\n  condition: s", []string{`{"t":"2026-01-01T18:30:00Z"}`}, []string{`{"t":"2026-01-01T19:00:00Z"}`, `{"t":"18"}`}},
	{"outside office hours", "s:\n    - {t|hour|lt: 7}\n    - {t|hour|gte: 19}\n  condition: s", []string{`{"t":"2026-01-01T06:59:59Z"}`, `{"t":"2026-01-01T19:00:00.123Z"}`}, []string{`{"t":"2026-01-01T12:00:00Z"}`}},
	{"minute", "s: {t|minute: 30}\n  condition: s", []string{`{"t":"2026-01-01T18:30:00Z"}`}, []string{`{"t":"2026-01-01T18:31:00Z"}`}},
	{"day", "s: {t|day: 2}\n  condition: s", []string{`{"t":"2026-01-02T18:30:00Z"}`}, []string{`{"t":"2026-02-01T18:31:00Z"}`}},
	{"week", "s: {t|week: 1}\n  condition: s", []string{`{"t":"2026-01-01T18:30:00Z"}`}, []string{`{"t":"2026-01-12T18:31:00Z"}`}},
	{"month", "s: {t|month: 2}\n  condition: s", []string{`{"t":"2026-02-02T18:30:00Z"}`}, []string{`{"t":"2026-03-01T18:31:00Z"}`}},
	{"year", "s: {t|year: 2026}\n  condition: s", []string{`{"t":"2026-02-02T18:30:00Z"}`}, []string{`{"t":"2025-03-01T18:31:00Z"}`}},
	{"windash", "s: {c|windash|contains: ' -f'}\n  condition: s", []string{`{"c":"x -f"}`, `{"c":"x /f"}`, `{"c":"x –f"}`, `{"c":"x ―f"}`}, []string{`{"c":"x f"}`}},
	{"base64", "s: {c|base64: 'foo bar'}\n  condition: s", []string{`{"c":"Zm9vIGJhcg=="}`}, []string{`{"c":"foo bar"}`}},
	{"base64offset", "s: {c|base64offset|contains: 'secret'}\n  condition: s", []string{`{"c":"c2VjcmV0"}`, `{"c":"eHNlY3JldHk="}`, `{"c":"eHhzZWNyZXQ="}`}, []string{`{"c":"secret"}`}},
	{"utf16le and base64", "s: {c|utf16le|base64: cmd}\n  condition: s", []string{`{"c":"YwBtAGQA"}`}, []string{`{"c":"AGMAbQBk"}`}},
	{"wide and base64", "s: {c|wide|base64: cmd}\n  condition: s", []string{`{"c":"YwBtAGQA"}`}, []string{`{"c":"Y21k"}`}},
	{"utf16be and base64", "s: {c|utf16be|base64: cmd}\n  condition: s", []string{`{"c":"AGMAbQBk"}`}, []string{`{"c":"YwBtAGQA"}`}},
	{"utf16 and base64", "s: {c|utf16|base64: cmd}\n  condition: s", []string{`{"c":"//5jAG0AZAA="}`}, []string{`{"c":"YwBtAGQA"}`}},
	{"fieldref", "s: {a|fieldref: b.c}\n  condition: s", []string{`{"a":"X","b":{"c":"x"}}`}, []string{`{"a":"x","b":{"c":"y"}}`, `{"a":"x"}`, `{"a":null,"b":{"c":null}}`}},
	{"fieldref and neq", "s: {a|fieldref|neq: b}\n  condition: s", []string{`{"a":"x","b":"y"}`}, []string{`{"a":"x","b":"x"}`}},
	{"expand", "s: {h|expand: '%servers%'}\n  condition: s", []string{`{"h":"SRV17"}`, `{"h":"db-1"}`}, []string{`{"h":"%servers%"}`, `{"h":"db-2"}`}},
	{"an escaped per cent sign", `s: {h|expand: '\%plain%name%'}` + "\n  condition: s", []string{`{"h":"%plainvalue"}`}, []string{`{"h":"plainvalue"}`}},
	{"no placeholder without expand", "s: {h: '%servers%'}\n  condition: s", []string{`{"h":"%servers%"}`}, []string{`{"h":"srv1"}`}},
	{"true is the record's truth and its text", "s: {f: 'true'}\n  condition: s", []string{`{"f":true}`, `{"f":"true"}`, `{"f":"True"}`}, []string{`{"f":false}`, `{"f":1}`}},
	{"an array on the way means any element", "s: {target.displayName: x}\n  condition: s", []string{`{"target":[{"displayName":"a"},{"displayName":"X"}]}`}, []string{`{"target":[]}`, `{"target":{"id":"x"}}`}},
	{"an array at the end too", "s: {layers: x}\n  condition: s", []string{`{"layers":["a","x"]}`}, []string{`{"layers":["ax"]}`}},
	{"two entries may be met by two elements", "s: {t.a: 1, t.b: 2}\n  condition: s", []string{`{"t":[{"a":1},{"b":2}]}`}, []string{`{"t":[{"a":1}]}`}},
	{"a key may hold dots", "s: {a.b.c: x}\n  condition: s", []string{`{"a.b":{"c":"x"}}`, `{"a":{"b.c":"x"}}`, `{"a.b.c":"x"}`}, []string{`{"a":{"c":"x"}}`}},
	{"an object is its compact text", `s: {p|contains: '"Effect":"Allow"'}` + "\n  condition: s", []string{`{"p":{"s": [{"Effect": "Allow"}]}}`, `{"p":"x\"Effect\":\"Allow\""}`}, []string{`{"p":{"Effect":"Deny"}}`}},
	{"an empty array's text", "s: {p: '[]'}\n  condition: s", []string{`{"p":[]}`, `{"p":"[]"}`}, []string{`{"p":""}`, `{}`}},
	{"names without regard to case, when none is exact", "s: {ResultType: x}\n  condition: s", []string{`{"resulttype":"x"}`}, []string{`{"ResultType":"y","resultType":"x"}`}},
	{"and binds closer than or", "a: {f: 1}\n  b: {g: 1}\n  c: {h: 1}\n  condition: a or b and c", []string{`{"f":1}`, `{"g":1,"h":1}`}, []string{`{"g":1}`, `{"h":1}`}},
	{"not binds closer than and", "a: {f: 1}\n  b: {g: 1}\n  condition: not a and b", []string{`{"g":1}`}, []string{`{"f":1,"g":1}`, `{}`}},
	{"parentheses", "a: {f: 1}\n  b: {g: 1}\n  c: {h: 1}\n  condition: (a or b) and c", []string{`{"f":1,"h":1}`}, []string{`{"f":1}`, `{"h":1}`}},
	{"not of parentheses", "a: {f: 1}\n  b: {g: 1}\n  condition: not (a or b)", []string{`{}`}, []string{`{"f":1}`, `{"g":1}`}},
	{"1 of them, without those that start with _", "a: {f: 1}\n  _b: {g: 1}\n  condition: 1 of them", []string{`{"f":1}`}, []string{`{"g":1}`}},
	{"all of them, without those that start with _", "a: {f: 1}\n  c: {h: 1}\n  _b: {g: 1}\n  condition: all of them", []string{`{"f":1,"h":1}`}, []string{`{"f":1,"g":1}`}},
	{"1 of a pattern", "sel_a: {f: 1}\n  sel_b: {g: 1}\n  other: {h: 1}\n  condition: 1 of sel_*", []string{`{"g":1}`}, []string{`{"h":1}`}},
	{"all of a pattern", "sel_a: {f: 1}\n  sel_b: {g: 1}\n  condition: all of sel_*", []string{`{"f":1,"g":1}`}, []string{`{"f":1}`}},
	{"a pattern with the asterisk in the middle", "a_x_c: {f: 1}\n  a_y_c: {g: 1}\n  a_y_d: {h: 1}\n  condition: 1 of a_*_c", []string{`{"g":1}`}, []string{`{"h":1}`}},
	{"selection and not filters", "selection: {f: 1}\n  filter_a: {g: 1}\n  filter_b: {h: 1}\n  condition: selection and not 1 of filter_*", []string{`{"f":1}`}, []string{`{"f":1,"g":1}`, `{"f":1,"h":1}`}},
	{"a list of conditions is OR", "a: {f: 1}\n  b: {g: 1}\n  condition: [a, b]", []string{`{"f":1}`, `{"g":1}`}, []string{`{}`}},
	{"not null", "s: {EventID: 4738}\n  filter: {PasswordLastSet: null}\n  condition: s and not filter", []string{`{"EventID":4738,"PasswordLastSet":"x"}`}, []string{`{"EventID":4738}`, `{"EventID":4738,"PasswordLastSet":null}`}},
	{"empty in two ways", "m: {FieldA: something}\n  e1: {FieldB: ''}\n  e2: {FieldB: null}\n  condition: m and 1 of e*", []string{`{"FieldA":"something"}`, `{"FieldA":"something","FieldB":""}`}, []string{`{"FieldA":"something","FieldB":"x"}`}},
}

// rule is the whole text of an example's rule.
func (e *example) rule() string {
	return "title: " + e.name + "\nid: 7c3cbd3a-0000-4000-8000-000000000000\nlogsource: {product: okta, service: okta}\ndetection:\n  " + e.detection + "\n"
}

// TestExamplesOfTheSpecification holds the slow reading against what the specification says, chapter by chapter.
func TestExamplesOfTheSpecification(t *testing.T) {
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			rule := slowly(t, e.rule())
			for want, records := range map[bool][]string{true: e.yes, false: e.no} {
				for _, record := range records {
					got, err := rule.Match([]byte(record))
					if err != nil || got != want {
						t.Errorf("%s: got %v %v, want %v", record, got, err, want)
					}
				}
			}
		})
	}
}

// slowly reads a rule as the oracle does.
func slowly(t testing.TB, text string) *oracletest.Rule {
	t.Helper()
	documents, err := oracletest.Documents([]byte(text))
	if err != nil || len(documents) != 1 {
		t.Fatalf("got %d documents and %v, want one", len(documents), err)
	}
	rule := &oracletest.Rule{Placeholders: lists}
	if err := rule.Parse(documents[0]); err != nil {
		t.Fatal(err)
	}
	return rule
}
