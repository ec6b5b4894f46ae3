package record

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestParseFindsMembers(t *testing.T) {
	var r Record
	text := `{"a":{"b":[1,{"c":"x\u00e9\n"},true]},"k\u0041":"v","empty":"","n":null,"e":1.5e3}`
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	root := r.Root()
	if got := root.Path("a", "b").At(1).Get("c").Str(); got != "xé\n" {
		t.Errorf("got %q, want the unescaped text", got)
	}
	if got := root.Get("kA").Str(); got != "v" {
		t.Errorf("escaped key: got %q, want v", got)
	}
	if f, ok := root.Get("e").Float(); !ok || f != 1500 {
		t.Errorf("got %v %v, want 1500", f, ok)
	}
	if root.Get("gone").Exists() || root.Get("n").Exists() || !root.Get("empty").Exists() {
		t.Error("existence is wrong for an absent, a null or an empty member")
	}
	if root.Get("a").Get("b").Len() != 3 {
		t.Error("array length is wrong")
	}
}

func TestParseMends(t *testing.T) {
	deep := strings.Repeat(`{"d":`, 20) + `1` + strings.Repeat(`}`, 20)
	tests := map[string]struct{ in, want string }{
		"last of equal keys":         {`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		"equal by escape":            {`{"a":1,"\u0061":3}`, `{"a":3}`},
		"equal by an earlier escape": {`{"\u0061":1,"a":3}`, `{"a":3}`},
		"invalid UTF-8":              {"{\"a\":\"x\xffy\"}", "{\"a\":\"x\ufffdy\"}"},
		"half a surrogate":           {`{"a":"\ud800x"}`, "{\"a\":\"\ufffdx\"}"},
		"line breaks":                {"{\n \"a\" : [1,\r\n2] }", `{"a":[1,2]}`},
		"containers far down":        {deep, strings.Repeat(`{"d":`, 17) + `"{\"d\":{\"d\":{\"d\":1}}}"` + strings.Repeat(`}`, 17)},
		"nothing to be mended":       {`{"a": [1, 2]}`, `{"a": [1, 2]}`},
		"surrogate pair is kept":     {`{"a":"\ud83d\ude00"}`, `{"a":"\ud83d\ude00"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var r Record
			if err := r.Parse([]byte(test.in)); err != nil {
				t.Fatal(err)
			}
			if got := string(r.Text()); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct {
		in   string
		want Problem
	}{
		"nothing":         {"", Truncated},
		"no object":       {"[1]", NotObject},
		"cut":             {`{"a":"b`, Truncated},
		"cut word":        {`{"a":tr`, Truncated},
		"trailing comma":  {`{"a":1,}`, NotJSON},
		"leading zero":    {`{"a":01}`, BadNumber},
		"bad escape":      {`{"a":"\x"}`, BadEscape},
		"control":         {"{\"a\":\"\x01\"}", BadString},
		"two records":     {`{} {}`, AfterValue},
		"too deep":        {strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65), TooDeep},
		"too large":       {`{"a":"` + strings.Repeat("x", MaxBytes) + `"}`, TooLarge},
		"unquoted":        {`{a:1}`, NotJSON},
		"missing colon":   {`{"a" 1}`, NotJSON},
		"closed by other": {`{"a":[1}`, NotJSON},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var r Record
			err := r.Parse([]byte(test.in))
			syntax, ok := err.(*SyntaxError)
			if !ok || syntax.Problem != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if r.Root().Kind() != Absent {
				t.Error("a refused record has a root")
			}
		})
	}
}

func TestWithoutEmpties(t *testing.T) {
	text := `{"a":null,"b":"-","c":{"d":[],"e":{"f":"none"}},"g":[0,"",{"h":""}],"i":false}`
	var r Record
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if got, want := string(r.Root().AppendKept(nil)), `{"b":"-","c":{"e":{"f":"none"}},"g":[0],"i":false}`; got != want {
		t.Errorf("kept: got %s, want %s", got, want)
	}
	if got, want := string(r.Root().AppendFilled(nil)), `{"g":[0],"i":false}`; got != want {
		t.Errorf("filled: got %s, want %s", got, want)
	}
}

func TestWideObjectWithRepeats(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		b.WriteString(`"k` + strings.Repeat("x", i%100) + `":` + string('0'+rune(i%10)) + `,`)
	}
	var r Record
	if err := r.Parse([]byte("{" + b.String() + `"z":0}`)); err != nil {
		t.Fatal(err)
	}
	if got := r.Root().Len(); got != 101 {
		t.Errorf("got %d members, want 101", got)
	}
}

// FuzzParse: a record is taken exactly when encoding/json takes it (within our limits), and means the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-0.5e+7,{"b":"\u00e9\ud83d\ude00"}],"a":null}`, `{"":{"":[]}}`, "{\"a\":\"\xff\"}", `{"a":"\ud800"}`, `{`, `{"a":1.}`} {
		f.Add([]byte(seed))
	}
	var r Record
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := r.Parse(raw)
		var want any
		wantErr := json.Unmarshal(raw, &want)
		if err != nil {
			problem := err.(*SyntaxError).Problem
			if wantErr == nil && problem != NotObject && problem != TooDeep {
				t.Fatalf("refused what JSON allows: %v", err)
			}
			return
		}
		if wantErr != nil {
			t.Fatalf("took what is not JSON: %v", wantErr)
		}
		var got any
		if err := json.Unmarshal(r.Text(), &got); err != nil {
			t.Fatalf("own text is not JSON: %v", err)
		}
		if depth(want) <= TextDepth && !reflect.DeepEqual(got, want) {
			t.Fatalf("got %s, want the meaning of %s", r.Text(), raw)
		}
		compare(t, r.Root(), got)
	})
}

func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, m := range v {
			deepest = max(deepest, depth(m))
		}
	case []any:
		for _, m := range v {
			deepest = max(deepest, depth(m))
		}
	default:
		return 0
	}
	return deepest + 1
}

// compare checks the tape's own view of a value against encoding/json's.
func compare(t *testing.T, v Value, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		if v.Kind() != Object || v.Len() != len(want) {
			t.Fatalf("object of %d members, want %d", v.Len(), len(want))
		}
		for name, m := range want {
			compare(t, v.Get(name), m)
		}
	case []any:
		if v.Kind() != Array || v.Len() != len(want) {
			t.Fatalf("array of %d elements, want %d", v.Len(), len(want))
		}
		for i, m := range want {
			compare(t, v.At(i), m)
		}
	case string:
		if v.Kind() != String || v.Str() != want {
			t.Fatalf("got %q, want %q", v.Str(), want)
		}
	case float64:
		if f, _ := v.Float(); f != want {
			t.Fatalf("got %v, want %v", f, want)
		}
	case bool:
		if got, ok := v.Bool(); !ok || got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	case nil:
		if v.Kind() != Null {
			t.Fatalf("got kind %v, want null", v.Kind())
		}
	}
}
