// Package context reads the context file: what only people know of identities, windows and networks.
//
// It is strict: an unknown key, a wrong type or a bad value is an error with file and line, several at once. An error
// names keys and never quotes a value, because a secret may stand on the wrong line.
package context

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/idwatch/idwatch/agent/strict"
	"github.com/idwatch/idwatch/detections"
)

// What a file may measure. One entry takes some 150 bytes, and YAML's parser eighty times the file: the longest lists are
// written by programs anyway, which can write JSON.
const (
	maxFile = 16 << 20
	maxYAML = 4 << 20
)

// What is wrong with a context file.
type (
	Error  = strict.Error
	Errors = strict.Errors
)

// Load reads a context file, YAML or JSON.
func Load(path string) (*detections.Context, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read context: %w", err)
	}
	if info.Size() > maxFile {
		return nil, Errors{{File: path, Line: 1, Problem: "is larger than 16MiB"}}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read context: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a context; name stands for the file in errors. Its error is an Errors.
func Parse(name string, data []byte) (*detections.Context, error) {
	root, problem := read(name, data)
	if problem != nil {
		return nil, Errors{*problem}
	}
	d := &decoder{file: name, into: detections.DefaultContext(), lines: map[string]int{}}
	if root != nil {
		d.document(root)
	}
	if err := d.errs.OrNil(); err != nil {
		return nil, err
	}
	d.into.Index()
	return d.into, nil
}

// read returns the root of the file, nil for an empty one.
func read(name string, data []byte) (*node, *Error) {
	if len(data) > maxFile {
		return nil, &Error{File: name, Line: 1, Problem: "is larger than 16MiB"}
	}
	if text := bytes.TrimLeft(data, " \t\r\n"); len(text) > 0 && text[0] == '{' {
		return readJSON(name, data)
	}
	return readYAML(name, data)
}

// document reads the whole file.
func (d *decoder) document(root *node) {
	c := d.into
	d.object(root, "", nil, members{
		"identities":      func(n *node, at string) { d.each(n, at, d.identity) },
		"windows":         func(n *node, at string) { d.each(n, at, d.window) },
		"networks":        func(n *node, at string) { d.each(n, at, d.network) },
		"hours":           d.hours,
		"learning":        d.learning,
		"alert_threshold": func(n *node, at string) { c.Threshold = d.number(n, at, 0, 100) },
	})
	d.checkWindows()
}

// learning reads when an identity is mature.
func (d *decoder) learning(n *node, path string) {
	m := &d.into.Learning
	d.object(n, path, nil, members{
		"days":   func(n *node, at string) { m.Age = time.Duration(d.number(n, at, 0, 365)) * 24 * time.Hour },
		"events": func(n *node, at string) { m.Events = d.number(n, at, 0, 1_000_000) },
	})
}
