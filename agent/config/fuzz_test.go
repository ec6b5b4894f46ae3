package config

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
)

// secret stands where the seeds have a secret, so that the target knows it in an error.
const secret = "Hunter2Hunter2"

// FuzzParse asserts that an error has the file's name and a line and never a value, and that what is accepted reads
// back as the same from its own YAML.
func FuzzParse(f *testing.F) {
	full, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(full), "", "{}", "inputs: [{type: stdin}]",
		"outputs:\n  elasticsearch:\n    url: https://joe:" + secret + "@es\n",
		"outputs: {elasticsearch: {url: x, password_file: " + secret + ", username: [" + secret + "]}}",
		"outputs:\n  elasticsearch:\n    api_key_file: \"" + secret + "\n", "password: &" + secret + " " + secret,
		"data_dir: |\n  " + secret + "\n  b\n", "lateness: " + secret + "\ncache: " + secret + "\ninputs: [type: " + secret + "]",
	} {
		f.Add(seed)
	}
	env := testEnv(map[string]string{"DATA": "/d", "ES2": "es2", "SECRET": secret, "QUOTE": "\"'\\"})
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse("file.yaml", []byte(text), env)
		if err != nil {
			checkError(t, text, err)
			return
		}
		again, err := parse("file.yaml", c.YAML(), testEnv(nil))
		if err != nil {
			t.Fatalf("parse of its own YAML: %v\n%s", err, c.YAML())
		}
		again.lines = c.lines
		if !reflect.DeepEqual(c, again) {
			t.Fatalf("got  %+v\nwant %+v", again, c)
		}
	})
}

func checkError(t *testing.T, text string, err error) {
	t.Helper()
	var errs Errors
	if !errors.As(err, &errs) || len(errs) == 0 {
		t.Fatalf("got a %T, want Errors", err)
	}
	lines := 1 + strings.Count(text, "\n") + strings.Count(text, "\r")
	for _, e := range errs {
		if e.File != "file.yaml" || e.Line < 1 || e.Line > lines {
			t.Errorf("got %+v, want the file and a line from 1 to %d", e, lines)
		}
	}
	if strings.Contains(err.Error(), secret) && !isKeyOrVariable(text) {
		t.Errorf("the error shows a value: %v", err)
	}
}

// isKeyOrVariable reports whether the secret stands where an error may show it: as a key or a variable's name.
func isKeyOrVariable(text string) bool {
	if strings.Contains(text, "${"+secret) {
		return true
	}
	body, problem := readYAML("", []byte(text))
	if problem != nil || body == nil {
		return false
	}
	found := keyFinder(false)
	ast.Walk(&found, body)
	return bool(found)
}

type keyFinder bool

func (k *keyFinder) Visit(node ast.Node) ast.Visitor {
	if pair, ok := node.(*ast.MappingValueNode); ok && strings.Contains(pair.Key.String(), secret) {
		*k = true
	}
	return k
}
