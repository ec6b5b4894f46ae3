// Package sigma reads Sigma rules, filters and correlations and compiles them to signs and detections of the engine.
// https://github.com/SigmaHQ/sigma-specification, version 2.1.0
package sigma

import (
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// File is a file of rules: its name, as errors and rules without an id show it, and what is in it.
type File struct {
	Name string
	Text []byte
}

// Problem is something wrong with a rule. A warning leaves the rule in force.
type Problem struct {
	File    string
	Line    int    // counted from 1
	Rule    string // its title, or its id, "" where there is none
	Reason  string
	Warning bool
}

// String returns the one line that a person reads: file, line, rule, reason.
func (p Problem) String() string {
	text := fmt.Sprintf("%s:%d: ", p.File, p.Line)
	if p.Rule != "" {
		text += p.Rule + ": "
	}
	if p.Warning {
		text += "warning: "
	}
	return text + p.Reason
}

// Collection is what files of rules hold, in the order of the files. What is wrong with one document stands among the
// problems and keeps no other from being read.
type Collection struct {
	Rules        []*RuleDoc
	Correlations []*CorrelationDoc
	Filters      []*FilterDoc
	Lists        map[string][]*Node // values of placeholders, by name
	Places       []*Node            // tables of aliases
	Problems     []Problem
}

// Parse reads files of rules. A file may hold several documents.
func Parse(files []File) *Collection {
	c := &Collection{Lists: map[string][]*Node{}}
	for _, f := range files {
		c.parse(f)
	}
	c.unique()
	return c
}

func (c *Collection) parse(f File) {
	if len(f.Text) > maxFile {
		c.refuse(&Head{File: f.Name, Line: 1}, faultAt(1, "is larger than 1 MiB"))
		return
	}
	if !utf8.Valid(f.Text) {
		c.refuse(&Head{File: f.Name, Line: 1}, faultAt(1, "is not UTF-8"))
		return
	}
	number := 0
	for _, part := range documents(f.Text) {
		head := Head{File: f.Name, Line: part.line}
		root, err := readNode(part.text)
		if err != nil {
			err.line += part.line - 1
			c.refuse(&head, err)
			continue
		}
		if root == nil || root.Kind == Null {
			continue
		}
		root.shift(part.line - 1)
		number++
		head.Number = number
		c.document(head, root)
	}
}

// part is a document in a file of several.
type part struct {
	text []byte
	line int // where it begins, counted from 1
}

// documents cuts a file at the lines with three dashes: they mark documents wherever they stand, so that a fault in one document
// leaves the others alone.
func documents(text []byte) []part {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var parts []part
	start, at, line, began := 0, 0, 0, 1
	for one := range bytes.Lines(text) {
		line++
		if isMarker(one) && at > 0 {
			parts = append(parts, part{text[start:at], began})
			start, began = at, line
		}
		at += len(one)
	}
	return append(parts, part{text[start:], began})
}

func isMarker(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	return ok && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\n' || rest[0] == '\r')
}

// shift moves lines to where they stand in the file.
func (n *Node) shift(by int) {
	if n == nil || by == 0 {
		return
	}
	n.Line += by
	for _, item := range n.Items {
		item.shift(by)
	}
	for i := range n.Pairs {
		n.Pairs[i].Line += by
		n.Pairs[i].Value.shift(by)
	}
}

// document takes one document by what it holds.
func (c *Collection) document(head Head, root *Node) {
	if root.Kind != Map {
		if isPlaces(head.File) && root.Kind == List {
			c.Places = append(c.Places, root.Items...)
			return
		}
		c.refuse(&head, faultAt(root.Line, "want a map with title, logsource and detection, got %s", root.what()))
		return
	}
	if isLists(head.File) {
		if err := c.lists(root); err != nil {
			c.refuse(&head, err)
		}
		return
	}
	head.Line = root.Line
	if len(root.Pairs) > 0 {
		head.Line = root.Pairs[0].Line
	}
	if err := head.read(root); err != nil {
		c.refuse(&head, err)
		return
	}
	if err := c.take(head, root); err != nil {
		c.refuse(&head, err)
	}
}

func (c *Collection) take(head Head, root *Node) *lineError {
	if n := root.Get("action"); n != nil {
		return faultAt(n.Line, "action: the notation of rules in parts ended with Sigma 2.0: write each rule in full")
	}
	switch {
	case root.Get("correlation") != nil:
		d, err := readCorrelation(head, root)
		if err == nil {
			c.Correlations = append(c.Correlations, d)
		}
		return err
	case root.Get("filter") != nil:
		d, err := readFilter(head, root)
		if err == nil {
			c.Filters = append(c.Filters, d)
		}
		return err
	case root.Get("detection") != nil:
		d, err := readRule(head, root)
		if err == nil {
			c.Rules = append(c.Rules, d)
		}
		return err
	}
	return faultAt(head.Line, "has neither detection, correlation nor filter")
}

// lists reads values of placeholders: each key is a name, its value one value or several.
func (c *Collection) lists(root *Node) *lineError {
	for _, p := range root.Pairs {
		values := p.Value.Items
		if p.Value.Kind != List {
			values = []*Node{p.Value}
		}
		for _, v := range values {
			if !v.Scalar() {
				return faultAt(v.Line, "%s: want values, got %s", p.Key, v.what())
			}
		}
		name := strings.Trim(p.Key, "%")
		if c.Lists[name] != nil {
			return faultAt(p.Line, "%s: stands there twice", p.Key)
		}
		c.Lists[name] = append([]*Node{}, values...)
	}
	return nil
}

// The files of a folder of rules that hold no rules.
const (
	ListsName  = "lists"  // lists.yml: values of placeholders
	PlacesName = "fields" // fields.yml: where records have the fields that rules name
)

func isLists(file string) bool  { return base(file) == ListsName }
func isPlaces(file string) bool { return base(file) == PlacesName }

// base is a file's name without folder and ending.
func base(file string) string {
	name := path.Base(strings.ReplaceAll(file, "\\", "/"))
	return strings.TrimSuffix(name, path.Ext(name))
}

// refuse notes why a document is not taken.
func (c *Collection) refuse(h *Head, err *lineError) {
	c.Problems = append(c.Problems, Problem{File: h.File, Line: err.line, Rule: h.label(), Reason: err.reason})
}

// warn notes what a person should look at in a document that is taken.
func (c *Collection) warn(h *Head, line int, format string, args ...any) {
	c.Problems = append(c.Problems, Problem{File: h.File, Line: line, Rule: h.label(), Reason: fmt.Sprintf(format, args...), Warning: true})
}

// unique gives an id to what has none and refuses the second of two documents with the same id.
func (c *Collection) unique() {
	seen := map[string]*Head{}
	keep := func(h *Head) bool {
		if h.ID == "" {
			h.ID = h.Name
		}
		if h.ID == "" {
			h.ID = base(h.File)
			if h.Number > 1 {
				h.ID += "#" + strconv.Itoa(h.Number)
			}
		}
		if first := seen[h.ID]; first != nil {
			c.refuse(h, faultAt(h.Line, "has the id of another: %s (%s:%d)", h.ID, first.File, first.Line))
			return false
		}
		seen[h.ID] = h
		return true
	}
	c.Rules = kept(c.Rules, func(d *RuleDoc) bool { return keep(&d.Head) })
	c.Correlations = kept(c.Correlations, func(d *CorrelationDoc) bool { return keep(&d.Head) })
	c.Filters = kept(c.Filters, func(d *FilterDoc) bool { return keep(&d.Head) })
}

func kept[T any](all []T, keep func(T) bool) []T {
	var some []T
	for _, one := range all {
		if keep(one) {
			some = append(some, one)
		}
	}
	return some
}
