package context

import (
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong with a context file.
type Error struct {
	File    string // as named by the caller
	Line    int    // counted from 1
	Key     string // such as "windows[0].until", "" for the file as a whole
	Problem string // what is wrong; never the value
}

// Error returns the one line that a person reads.
func (e Error) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Problem)
	}
	return fmt.Sprintf("%s:%d: %s: %s", e.File, e.Line, e.Key, e.Problem)
}

// Errors is everything that is wrong with a context file, by line.
type Errors []Error

// maxErrors is how many errors one report lists: the first few explain the rest.
const maxErrors = 20

// Error returns one line for each error.
func (es Errors) Error() string {
	lines := make([]string, 0, len(es))
	for i, e := range es {
		if i == maxErrors {
			lines = append(lines, fmt.Sprintf("%s: and %d more", e.File, len(es)-i))
			break
		}
		lines = append(lines, e.Error())
	}
	return strings.Join(lines, "\n")
}

// orNil sorts the errors and returns them as an error, or nil when there are none.
func (es Errors) orNil() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b Error) int { return a.Line - b.Line })
	return es
}

// oneOf is the end of a message about a word that is none of those there are.
func oneOf(word string, words []string) string {
	if best := nearest(word, words); best != "" {
		return " (did you mean " + best + "?)"
	}
	return " (one of " + strings.Join(words, ", ") + ")"
}

// nearest returns the candidate that was probably meant by word, or "".
func nearest(word string, candidates []string) string {
	best, distance := "", 3
	for _, c := range candidates {
		if d := edits(word, c); d < distance && d <= len(c)/2 {
			best, distance = c, d
		}
	}
	return best
}

// edits is the Levenshtein distance of two short words, large for long ones.
func edits(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
