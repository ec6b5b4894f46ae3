package context

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/idwatch/idwatch/agent/strict"
	"github.com/idwatch/idwatch/detections"
)

// maxText bounds each text: the longest ARN has some 2000 characters.
const maxText = 2048

// decoder fills a context from the file's nodes and collects what is wrong with them.
type decoder struct {
	file  string
	into  *detections.Context
	lines map[string]int // line of each id and name of an identity, folded
	named []named        // identities that windows name, to be looked up at the end
	errs  Errors
}

// members says what to do with the value of each key that an object may have.
type members map[string]func(n *node, path string)

func (d *decoder) fail(line int, path, problem string) {
	d.errs = append(d.errs, Error{File: d.file, Line: line, Key: path, Problem: problem})
}

// object reads a mapping; a key without a value is one without keys. needed keys must be there.
func (d *decoder) object(n *node, path string, needed []string, known members) {
	if n.kind != mapping && n.kind != nothing {
		d.fail(n.line, path, "want a mapping of keys, got "+n.what())
		return
	}
	seen := map[string]int{}
	for _, p := range n.pairs {
		at := strings.TrimPrefix(path+"."+p.key, ".")
		read := known[p.key]
		switch {
		case !isPlain(p.key):
			d.fail(p.line, path, "has a key that is not a plain word")
		case seen[p.key] > 0:
			d.fail(p.line, at, fmt.Sprintf("is there twice, first in line %d", seen[p.key]))
		case read == nil:
			d.fail(p.line, at, "unknown key"+strict.OneOf(p.key, slices.Sorted(maps.Keys(known))))
		default:
			read(p.value, at)
		}
		seen[p.key] = p.line
	}
	for _, key := range needed {
		if seen[key] == 0 {
			d.fail(n.line, strings.TrimPrefix(path+"."+key, "."), "is missing")
		}
	}
}

// each reads a list of objects; a key without a value is an empty one.
func (d *decoder) each(n *node, path string, read func(n *node, path string)) {
	if n.kind != list && n.kind != nothing {
		d.fail(n.line, path, "want a list, got "+n.what())
		return
	}
	for i, item := range n.items {
		read(item, path+"["+strconv.Itoa(i)+"]")
	}
}

// text reads a text, which may not be empty.
func (d *decoder) text(n *node, path string) string {
	switch {
	case n.kind == number || n.kind == boolean:
		d.fail(n.line, path, "want text, got "+n.what()+" (put it in quotes)")
	case n.kind != text:
		d.fail(n.line, path, "want text, got "+n.what())
	case strings.TrimSpace(n.text) == "":
		d.fail(n.line, path, "is empty")
	case len(n.text) > maxText:
		d.fail(n.line, path, "is longer than "+strconv.Itoa(maxText)+" bytes")
	case strings.ContainsFunc(n.text, unicode.IsControl):
		d.fail(n.line, path, "has a line break or another control character in it")
	default:
		return n.text
	}
	return ""
}

// texts reads a list of texts, or one text.
func (d *decoder) texts(n *node, path string) []string {
	if n.kind != list {
		if one := d.text(n, path); one != "" {
			return []string{one}
		}
		return nil
	}
	if len(n.items) == 0 {
		d.fail(n.line, path, "is an empty list")
	}
	var all []string
	for i, item := range n.items {
		if one := d.text(item, path+"["+strconv.Itoa(i)+"]"); one != "" {
			all = append(all, one)
		}
	}
	return all
}

// word reads a text that is one of a few.
func (d *decoder) word(n *node, path string, words []string) string {
	word := d.text(n, path)
	if word != "" && !slices.Contains(words, word) {
		d.fail(n.line, path, "unknown value"+strict.OneOf(word, words))
		return ""
	}
	return word
}

// number reads a whole number within bounds; quotes around it do no harm.
func (d *decoder) number(n *node, path string, least, most int) int {
	if n.kind != number && n.kind != text {
		d.fail(n.line, path, "want a number, got "+n.what())
		return 0
	}
	value, err := strconv.Atoi(n.text)
	if err != nil || value < least || value > most {
		d.fail(n.line, path, fmt.Sprintf("want a whole number from %d to %d", least, most))
	}
	return value
}

// yes reads true or false.
func (d *decoder) yes(n *node, path string) bool {
	if n.text != "true" && n.text != "false" {
		d.fail(n.line, path, "want true or false")
	}
	return n.text == "true"
}

// isPlain reports whether a key looks like those of the schema, so that errors may show it.
func isPlain(key string) bool {
	for _, c := range []byte(key) {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return key != "" && len(key) <= 40
}
