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
	items := gjson.GetBytes(text, "items")
	if !items.IsArray() {
		return nil, errAnswer
	}
	var odd []item
	at := 0
	items.ForEach(func(_, answer gjson.Result) bool {
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

// allCreated reads the usual answer without taking it apart: exactly {"errors":false,"items":[…]} with n times itemMade. Whatever
// looks different, if only by a blank, is for the thorough way.
func allCreated(text []byte, n int) bool {
	head, rest, ok := bytes.Cut(text, []byte(`"errors":false,"items":[`))
	if !ok || !isHead(head) {
		return false
	}
	for i := range n {
		if i > 0 {
			if rest, ok = bytes.CutPrefix(rest, []byte(",")); !ok {
				return false
			}
		}
		if rest, ok = bytes.CutPrefix(rest, []byte(itemMade)); !ok {
			return false
		}
	}
	return string(rest) == "]}"
}

// itemMade is the answer about a document that was created, as it comes when only fields are asked for.
const itemMade = `{"create":{"status":201}}`

// isHead reports whether an answer begins with nothing or with the time it took.
func isHead(head []byte) bool {
	digits := bytes.TrimSuffix(bytes.TrimPrefix(head, []byte(`{"took":`)), []byte(","))
	if len(digits) == len(head)-len(`{"took":,`) && len(digits) > 0 && len(digits) < 10 {
		return digits[0] != '0' && len(bytes.Trim(digits, "0123456789")) == 0
	}
	return string(head) == "{"
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
