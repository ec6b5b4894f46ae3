package context

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/idwatch/idwatch/agent/strict"
)

// jsonReader makes nodes of JSON, with lines.
type jsonReader struct {
	*json.Decoder
	data []byte
	at   int64 // up to where lines were counted
	line int
}

var (
	errTooDeep = errors.New(strict.TooDeep)
	errTwoDocs = errors.New("has more than one JSON document")
)

func readJSON(name string, data []byte) (*node, *Error) {
	if !utf8.Valid(data) {
		return nil, &Error{File: name, Line: 1, Problem: "is not UTF-8"}
	}
	r := &jsonReader{Decoder: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1}
	r.UseNumber()
	root, err := r.value(0)
	if err == nil {
		if _, end := r.Token(); !errors.Is(end, io.EOF) {
			err = errTwoDocs
		}
	}
	switch {
	case err == nil:
		return root, nil
	case errors.Is(err, errTooDeep), errors.Is(err, errTwoDocs):
		return nil, &Error{File: name, Line: r.here(), Problem: err.Error()}
	}
	return nil, &Error{File: name, Line: r.faulty(err), Problem: "is not JSON"} // the library's text quotes what it met
}

// faulty is the line in which reading ended with an error.
func (r *jsonReader) faulty(err error) int {
	end := int64(len(r.data))
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		end = min(max(syntax.Offset, 0), end)
	}
	return 1 + bytes.Count(r.data[:end], []byte("\n"))
}

// here is the line of what was read last.
func (r *jsonReader) here() int {
	end := min(r.InputOffset(), int64(len(r.data)))
	r.line += bytes.Count(r.data[r.at:end], []byte("\n"))
	r.at = end
	return r.line
}

func (r *jsonReader) value(depth int) (*node, error) {
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	n := &node{line: r.here()}
	switch t := token.(type) {
	case string:
		n.kind, n.text = text, t
	case json.Number:
		n.kind, n.text = number, t.String()
	case bool:
		n.kind, n.text = boolean, "false"
		if t {
			n.text = "true"
		}
	case json.Delim:
		if depth == maxDepth {
			return nil, errTooDeep
		}
		n.kind = list
		if t == '{' {
			n.kind = mapping
		}
		err = r.inside(n, depth)
	}
	return n, err
}

// inside reads the members of a list or mapping, and its end.
func (r *jsonReader) inside(n *node, depth int) error {
	for r.More() {
		p := pair{}
		if n.kind == mapping {
			key, err := r.Token()
			if err != nil {
				return err
			}
			p.key, p.line = key.(string), r.here()
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if n.kind == list {
			n.items = append(n.items, value)
			continue
		}
		p.value = value
		n.pairs = append(n.pairs, p)
	}
	_, err := r.Token()
	return err
}
