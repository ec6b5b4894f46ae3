package config

import (
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong with a configuration.
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

// Errors is everything that is wrong with a configuration, by line.
type Errors []Error

// maxErrors is how many errors one report lists: the first few explain the rest.
const maxErrors = 20

// Error returns one line for each error.
func (es Errors) Error() string {
	var b strings.Builder
	for i, e := range es {
		if i == maxErrors {
			fmt.Fprintf(&b, "\n%s: and %d more", e.File, len(es)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.Error())
	}
	return b.String()
}

// orNil sorts the errors and returns them as an error, or nil when there are none.
func (es Errors) orNil() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b Error) int { return a.Line - b.Line })
	return es
}

// hint is the end of an unknown key's message: the key that was probably meant.
func hint(key string, known []string) string {
	if best := nearest(key, known); best != "" {
		return fmt.Sprintf(" (did you mean %s?)", best)
	}
	for _, k := range Keys() {
		if strings.HasSuffix(k.Path, "."+key) && !strings.Contains(k.Path, "[") {
			return fmt.Sprintf(" (did you mean %s?)", k.Path)
		}
	}
	return ""
}

// oneOf is the end of a bad word's message: the words there are.
func oneOf(word string, words []string) string {
	if best := nearest(word, words); best != "" {
		return fmt.Sprintf(" (did you mean %s?)", best)
	}
	return " (one of " + strings.Join(words, ", ") + ")"
}

// nearest returns the candidate that was probably meant by word, or "".
func nearest(word string, candidates []string) string {
	best, distance := "", 3
	for _, c := range candidates {
		if len(word) > 2 && strings.HasPrefix(c, word) {
			return c
		}
		if d := edits(word, c); d < distance && d <= len(c)/2 {
			best, distance = c, d
		}
	}
	return best
}

// edits is the Levenshtein distance of two short words, large for long ones.
func edits(a, b string) int {
	if len(a) > 64 {
		return len(a)
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
