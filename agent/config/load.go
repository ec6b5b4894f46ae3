package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"github.com/idwatch/idwatch/agent/strict"
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
	if err := d.errs.OrNil(); err != nil {
		return nil, err
	}
	return c, nil
}

// readYAML returns the root of the document, nil for an empty one.
func readYAML(name string, data []byte) (ast.Node, *Error) {
	if len(data) > maxFile {
		return nil, &Error{File: name, Line: 1, Problem: "is larger than " + Size(maxFile).String()}
	}
	return strict.YAML(name, data, maxDepth)
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
	return errs.OrNil()
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
	return Error{File: c.name, Line: max(c.lines[path], 1), Key: path, Problem: problem}
}
