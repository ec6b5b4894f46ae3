package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// differs says which documents of two runs are not the same, and in which lines.
func (r *run) differs(other *run) []string {
	if maps.Equal(r.bodies, other.bodies) {
		return nil
	}
	var wrong []string
	for _, id := range slices.Sorted(maps.Keys(r.bodies)) {
		body, have := other.bodies[id]
		switch {
		case !have:
			wrong = append(wrong, " missing "+r.title(id))
		case body != r.bodies[id]:
			wrong = append(wrong, " changed "+r.title(id))
			wrong = append(wrong, difference(r.bodies[id], body)...)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(other.bodies)) {
		if _, have := r.bodies[id]; !have {
			wrong = append(wrong, " added   "+other.title(id))
		}
	}
	return wrong
}

// title names a document of the run.
func (r *run) title(id string) string {
	d, have := r.docs[id]
	if !have {
		return id
	}
	return fmt.Sprintf("%s %s about %s", id, d.Alert.Rule.ID, d.Alert.Who)
}

// shownLines is how many lines of a difference are shown.
const shownLines = 12

// difference lists the lines in which two JSON documents differ.
func difference(a, b string) []string {
	before, after := indented([]byte(a)), indented([]byte(b))
	begin := 0
	for begin < min(len(before), len(after)) && before[begin] == after[begin] {
		begin++
	}
	end := 0
	for end < min(len(before), len(after))-begin && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	lines := marked("   - ", before[begin:len(before)-end])
	return append(lines, marked("   + ", after[begin:len(after)-end])...)
}

func marked(mark string, lines []string) []string {
	var all []string
	for i, line := range lines {
		if i == shownLines {
			return append(all, fmt.Sprintf("%s… and %d lines more", mark, len(lines)-i))
		}
		all = append(all, mark+line)
	}
	return all
}

func indented(document []byte) []string {
	var b bytes.Buffer
	if json.Indent(&b, document, "", "  ") != nil {
		return []string{string(document)}
	}
	return strings.Split(b.String(), "\n")
}

// golden is the alerts of the run as one JSON list, for a file that is read like code; nil when there are none.
func (r *run) golden() []byte {
	var all []string
	for _, d := range r.alerts() {
		all = append(all, r.bodies[d.Alert.ID])
	}
	if len(all) == 0 {
		return nil
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte("["+strings.Join(all, ",")+"]"), "", "  ") != nil {
		return []byte(strings.Join(all, "\n"))
	}
	return append(b.Bytes(), '\n')
}
