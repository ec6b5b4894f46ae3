package elastic

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestParseAnswerWays(t *testing.T) {
	two := itemMade + "," + itemMade
	for text, quick := range map[string]bool{
		`{"errors":false,"items":[` + two + `]}`:                                          true,
		`{"took":12,"errors":false,"items":[` + two + `]}`:                                true,
		`{"took":12,"errors":false,"items":[` + two + `]} `:                               false,
		`{"took": 12, "errors": false, "items": [` + two + `]}`:                           false,
		`{"errors":false,"took":1,"items":[` + two + `]}`:                                 false,
		`{"items":[` + strings.ReplaceAll(two, "201", "200") + `]}`:                       false,
		`{"errors":true,"items":[` + two + `]}`:                                           false,
		`{"errors":false,"items":[{"create":{"_id":"a","status":201}},` + itemMade + `]}`: false,
	} {
		if got := allCreated([]byte(text), 2); got != quick {
			t.Errorf("%s: read the quick way %v, want %v", text, got, quick)
		}
		if odd, err := parseAnswer([]byte(text), 2); err != nil || len(odd) > 0 {
			t.Errorf("%s: got %v, %v", text, odd, err)
		}
	}
}

// FuzzParseAnswer compares with what encoding/json makes of an answer: no document may count as created that was not.
func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(`{"took":3,"errors":false,"items":[`+itemMade+`,`+itemMade+`]}`), 2)
	f.Add([]byte(`{"errors":true,"items":[`+itemMade+`,`+itemFailed(429, "es_rejected_execution_exception")+`]}`), 2)
	f.Add([]byte(`{"items":[{"create":{"status":201,"failure_store":"used"}}]}`), 1)
	f.Fuzz(func(t *testing.T, text []byte, n int) {
		odd, err := parseAnswer(text, n)
		if err != nil {
			return
		}
		var plain struct {
			Items []json.RawMessage
		}
		if json.Unmarshal(text, &plain) != nil || len(plain.Items) != n {
			if !strings.Contains(strings.ToLower(string(text)), "items") || !json.Valid(text) {
				t.Fatalf("%q counts as an answer about %d documents", text, n)
			}
			return // names in other spellings, or twice: encoding/json takes those
		}
		isOdd := map[int]bool{}
		for _, it := range odd {
			isOdd[it.at] = true
		}
		for i, raw := range plain.Items {
			if !isOdd[i] && !strings.Contains(string(raw), "2") {
				t.Fatalf("%q: item %d counts as created", text, i)
			}
		}
	})
}

func TestErrorType(t *testing.T) {
	for text, want := range map[string]string{
		`{"error":{"type":"security_exception","reason":"geheim"}}`: "security_exception",
		`{"error":"Incorrect HTTP method"}`:                         "",
		`{"error":{"type":"user [geheim] is wrong"}}`:               "",
		`{"error":{"type":"` + strings.Repeat("a", 101) + `"}}`:     "",
		`<html>`: "",
		``:       "",
	} {
		if got := errorType([]byte(text)); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for text, want := range map[string]time.Duration{
			"": 0, "x": 0, "-1": 0, "30": 30 * time.Second, "999999999999": maxAfter, "99999": maxAfter,
			time.Now().Add(time.Minute).UTC().Format(http.TimeFormat): time.Minute,
		} {
			if got := retryAfter(http.Header{"Retry-After": {text}}); got != want {
				t.Errorf("%q: got %v, want %v", text, got, want)
			}
		}
	})
}

func TestPauses(t *testing.T) {
	for failures, want := range map[int]time.Duration{0: 200, 1: 200, 2: 400, 5: 3200, 8: 10000, 1000: 10000} {
		want *= time.Millisecond
		for range 100 {
			if got := soon.of(failures); got < want/2 || got > want {
				t.Fatalf("after %d failures: got %v, want between %v and %v", failures, got, want/2, want)
			}
		}
	}
}
