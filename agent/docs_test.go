package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/config"
)

var updateDocs = flag.Bool("update-docs", false, "write docs/configuration.md again")

// TestConfigurationPage: the page of all keys is what the code says.
func TestConfigurationPage(t *testing.T) {
	const page = "../docs/configuration.md"
	want := configurationPage()
	if *updateDocs {
		if err := os.WriteFile(page, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the code says (%v): go test ./agent -run TestConfigurationPage -update-docs writes it again", page, err)
	}
}

func configurationPage() []byte {
	var b bytes.Buffer
	b.WriteString(`# Configuration

<!-- Made from the code: go test ./agent -run TestConfigurationPage -update-docs -->

One YAML file for the agent and the plugin. An unknown key, a wrong type or a bad value is an error with file and line. ` + "`${VAR}`" + ` in a value stands for an
environment variable, and a key of a text may end in ` + "`_file`" + ` to have its value read from a file. Every key has a default; the plugin starts no inputs.
`)
	rows, order := map[string]string{}, []string{}
	for _, k := range config.Keys() {
		section := sectionOf(k.Path)
		if rows[section] == "" {
			order = append(order, section)
		}
		rows[section] += fmt.Sprintf("| `%s` | %s | %s | %s |\n", k.Path, tableCell(k.Type), code(k.Default), tableCell(k.Doc))
	}
	for _, section := range order {
		fmt.Fprintf(&b, "\n## %s\n\n| key | value | default | meaning |\n|---|---|---|---|\n%s", section, rows[section])
	}
	return b.Bytes()
}

// sectionOf groups keys by what their path begins with; the single ones come together.
func sectionOf(path string) string {
	first, _, nested := strings.Cut(path, ".")
	kind, input := strings.CutPrefix(first, "inputs[")
	switch {
	case !nested || kind == "]":
		return "General"
	case input:
		return "Input " + strings.TrimSuffix(kind, "]")
	}
	return strings.ToUpper(first[:1]) + first[1:]
}

func tableCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// TestDocsLinks: every page and picture that the documentation points to is there, and every page can be reached from its index.
func TestDocsLinks(t *testing.T) {
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil || len(pages) < 5 {
		t.Fatalf("got %d pages, %v", len(pages), err)
	}
	link := regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	reached := map[string]bool{"../docs/README.md": true}
	for _, page := range append(pages, "../README.md", "../CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllSubmatch(text, -1) {
			to := string(m[1])
			if strings.Contains(to, "://") {
				continue
			}
			path := filepath.Join(filepath.Dir(page), to)
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s points to %s, which is not there", page, to)
			}
			if page == "../docs/README.md" {
				reached[path] = true
			}
		}
	}
	for _, page := range pages {
		if !reached[page] {
			t.Errorf("docs/README.md does not point to %s", page)
		}
	}
}

// TestReadmeNamesCommands: the table of the README has every command.
func TestReadmeNamesCommands(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := bytes.Cut(text, []byte("## Day to day"))
	table, _, _ := bytes.Cut(after, []byte("\n## "))
	for _, group := range rootCommand().Commands() {
		for _, c := range append(group.Commands(), group) {
			if !c.Hidden && !regexp.MustCompile(`\b`+c.Name()+`\b`).Match(table) {
				t.Errorf("not in the table: %s", c.CommandPath())
			}
		}
	}
}
