// Package strict reads files that people write, and says of everything wrong in them where it stands and what was probably meant.
// What it says never shows a value: a secret may stand there.
package strict

import (
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong with a file.
type Error struct {
	File    string // as named by the caller, "" for a value that came from elsewhere
	Line    int    // counted from 1
	Key     string // such as "inputs[0].path", "" for the file as a whole
	Problem string // what is wrong; never the value
}

// Error returns the one line that a person reads.
func (e Error) Error() string {
	text := e.Problem
	if e.Key != "" {
		text = e.Key + ": " + text
	}
	if e.File == "" {
		return text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, text)
}

// Errors is everything that is wrong with a file, by line.
type Errors []Error

// maxErrors is how many errors one report lists: the first few explain the rest.
const maxErrors = 20

// Error returns one line for each error.
func (es Errors) Error() string {
	lines := make([]string, 0, maxErrors+1)
	for i, e := range es {
		if i == maxErrors {
			lines = append(lines, fmt.Sprintf("%s: and %d more", e.File, len(es)-i))
			break
		}
		lines = append(lines, e.Error())
	}
	return strings.Join(lines, "\n")
}

// OrNil sorts the errors and returns them as an error, or nil when there are none.
func (es Errors) OrNil() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b Error) int { return a.Line - b.Line })
	return es
}
