package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Nobody writes more than this by hand, and YAML's parser takes memory with the square of the depth.
const (
	maxFile  = 256 << 10
	maxDepth = 64
)

// Load reads a configuration file and checks that the files it names are there.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, err := Parse(path, data)
	if err != nil {
		return nil, err
	}
	return c, c.missingFiles()
}

// Parse reads a configuration; name stands for the file in errors. Of the machine it looks only at the environment.
// Its error is an Errors.
func Parse(name string, data []byte) (*Config, error) {
	return parse(name, data, os.LookupEnv)
}

func parse(name string, data []byte, env lookup) (*Config, error) {
	c := Default()
	c.name = name
	body, problem := readYAML(name, data)
	if problem != nil {
		return nil, Errors{*problem}
	}
	if body == nil {
		return c, nil
	}
	d := &decoder{file: name, env: env, lines: c.lines}
	into := reflect.ValueOf(c).Elem()
	d.mapping(body, "", fieldsOf(into.Type()), into)
	c.Outputs.File.named = c.Named("outputs.file")
	if len(d.errs) == 0 {
		d.errs = c.check() // what is wrong with one key would only echo here
	}
	if err := d.errs.orNil(); err != nil {
		return nil, err
	}
	return c, nil
}

// readYAML returns the root of the document, nil for an empty one.
func readYAML(name string, data []byte) (ast.Node, *Error) {
	if len(data) > maxFile {
		return nil, &Error{name, 1, "", "is larger than " + Size(maxFile).String()}
	}
	if line := deepLine(data); line > 0 {
		return nil, &Error{name, line, "", "is nested too deeply"}
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxError(name, err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.CommentType:
		case body != nil:
			return nil, &Error{name, lineOf(doc.Body), "", "has more than one YAML document"}
		default:
			body = doc.Body
		}
	}
	return body, nil
}

// deepLine returns the first line that nests beyond maxDepth, 0 when none does. It counts brackets and dashes as they
// stand, in quotes too, which is too strict for no file that means anything.
func deepLine(data []byte) int {
	depth, number := 0, 0
	for line := range bytes.Lines(data) {
		number++
		if bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("#")) {
			continue
		}
		for _, c := range line {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			}
			if depth > maxDepth {
				return number
			}
		}
		if bytes.Count(line, []byte("- "))+bytes.Count(line, []byte("? ")) > maxDepth {
			return number
		}
	}
	return 0
}

// syntaxError keeps line and meaning of a YAML error. Its own text shows the lines around it, with their values.
func syntaxError(name string, err error) *Error {
	e := &Error{name, 1, "", "is not YAML"}
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return e
	}
	if t := syntax.GetToken(); t != nil && t.Position != nil {
		e.Line = max(t.Position.Line, 1)
	}
	if text := syntax.GetMessage(); !strings.ContainsAny(text, "\"`\n") { // quotes announce a value
		e.Problem += ": " + text
	}
	return e
}

// missingFiles checks that the files of the configuration can be read.
func (c *Config) missingFiles() error {
	var errs Errors
	visit(reflect.ValueOf(c).Elem(), "", func(path string, f field, v reflect.Value) {
		if problem := checkFile(f, textOf(v)); problem != "" {
			errs = append(errs, c.errorAt(path, problem))
		}
	})
	for i, in := range c.Inputs {
		visit(reflect.ValueOf(in).Elem(), "inputs["+strconv.Itoa(i)+"]", func(path string, f field, v reflect.Value) {
			if problem := checkFile(f, textOf(v)); problem != "" {
				errs = append(errs, c.errorAt(path, problem))
			}
		})
	}
	return errs.orNil()
}

// checkFile says what is wrong with a file that a key names. It leaves out the name, since a secret may stand there.
func checkFile(f field, path string) string {
	if f.file == "" || path == "" {
		return ""
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such " + map[string]string{"file": "file", "dir": "directory"}[f.file]
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case err != nil:
		return "cannot be opened"
	case f.file == "dir" && !info.IsDir():
		return "want a directory, got a file"
	case f.file == "file" && info.IsDir():
		return "want a file, got a directory"
	}
	return ""
}

func (c *Config) errorAt(path, problem string) Error {
	if c.name == "" {
		return Error{Key: path, Problem: problem}
	}
	return Error{c.name, max(c.lines[path], 1), path, problem}
}
