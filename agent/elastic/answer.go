package elastic

import (
	"bytes"
	"errors"

	"github.com/tidwall/gjson"
)

// fields are the parts of the answer that are asked for. The reason of an error is not among them.
var fields = []string{"errors", "items.*.status", "items.*.error.type", "items.*.failure_store"}

// item is the answer about one document that was not simply created.
type item struct {
	at     int // position in the request
	status int
	kind   string // the error's type
	stored bool   // in the failure store, where no rule sees it
}

// errAnswer says that an answer does not tell what became of each document: none of them counts as delivered.
var errAnswer = errors.New("the answer does not tell about each document")

// parseAnswer reads what became of each of n documents and returns those that were not simply created.
func parseAnswer(text []byte, n int) ([]item, error) {
	if allCreated(text, n) {
		return nil, nil
	}
	if !gjson.ValidBytes(text) {
		return nil, errAnswer
	}
	var odd []item
	at := 0
	gjson.GetBytes(text, "items").ForEach(func(_, answer gjson.Result) bool {
		if it := parseItem(answer, at); it.status/100 != 2 || it.stored {
			odd = append(odd, it)
		}
		at++
		return true
	})
	if at != n {
		return nil, errAnswer
	}
	return odd, nil
}

// parseItem reads {"create":{"status":…,"error":{"type":…}}}. A status that is not there is 0, which nobody takes for success.
func parseItem(answer gjson.Result, at int) item {
	it := item{at: at}
	answer.ForEach(func(_, result gjson.Result) bool {
		it.status = int(result.Get("status").Int())
		it.kind = result.Get("error.type").String()
		it.stored = result.Get("failure_store").String() == "used"
		return false
	})
	return it
}

// allCreated reads the usual answer without taking it apart: no errors, n items, the status of each 200 or 201.
func allCreated(text []byte, n int) bool {
	return bytes.Contains(text[:min(len(text), 200)], []byte(`"errors":false`)) &&
		bytes.HasSuffix(bytes.TrimRight(text, " \n"), []byte("}]}")) &&
		bytes.Count(text, []byte(`"status":`)) == n &&
		bytes.Count(text, []byte(`"status":20`)) == n &&
		!bytes.Contains(text, []byte(`"failure_store":"used"`))
}

// errorType is the type of the error that an answer is about as a whole, "" when it names none.
func errorType(text []byte) string {
	kind := gjson.GetBytes(text, "error.type").String()
	if len(kind) > 100 {
		return ""
	}
	for _, c := range []byte(kind) {
		if (c < 'a' || c > 'z') && c != '_' {
			return ""
		}
	}
	return kind
}
