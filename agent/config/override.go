package config

import (
	"maps"
	"reflect"
	"slices"

	"github.com/idwatch/idwatch/agent/strict"
)

// overrides are the plugin's own keys in Fluent Bit's configuration, and the key that each stands for.
var overrides = map[string]string{
	"data_dir":     "data_dir",
	"es_url":       "outputs.elasticsearch.url",
	"api_key_file": "outputs.elasticsearch.api_key_file",
	"ca_file":      "outputs.elasticsearch.ca_file",
	"namespace":    "outputs.elasticsearch.namespace",
	"context":      "context",
	"source":       "source",
}

// Override sets one of the plugin's keys over what the file says. Fluent Bit has replaced variables in the value
// already. After an error the configuration is as before.
func (c *Config) Override(key, value string) error {
	path, ok := overrides[key]
	if !ok {
		return Error{Key: key, Problem: "unknown key" + strict.OneOf(key, overrideNames())}
	}
	next := *c
	next.name = "" // what is wrong stands in no file of ours
	if problem := next.set(path, value); problem != "" {
		return Error{Key: key, Problem: problem}
	}
	next.settle(key)
	if errs := next.check(); len(errs) > 0 && errs[0].Key == path {
		return Error{Key: key, Problem: errs[0].Problem}
	} else if len(errs) > 0 {
		return Error{Key: key, Problem: "does not fit the file: " + errs[0].Error()}
	}
	next.name = c.name
	*c = next
	return nil
}

// set sets the value at a path from its text.
func (c *Config) set(path, text string) (problem string) {
	visit(reflect.ValueOf(c).Elem(), "", func(at string, f field, v reflect.Value) {
		if at != path {
			return
		}
		if problem = setText(v, f, text); problem == "" {
			problem = checkFile(f, text)
		}
	})
	return problem
}

// settle drops what an override replaces besides its own key.
func (c *Config) settle(key string) {
	switch key {
	case "api_key_file":
		c.Outputs.Elasticsearch.Username, c.Outputs.Elasticsearch.PasswordFile = "", ""
	case "namespace":
		c.Outputs.File.Namespace = ""
	}
}

func overrideNames() []string {
	return slices.Sorted(maps.Keys(overrides))
}
