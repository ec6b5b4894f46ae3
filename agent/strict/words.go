package strict

import "strings"

// OneOf is the end of a message about a word that is none of those there are.
func OneOf(word string, words []string) string {
	if best := Nearest(word, words); best != "" {
		return " (did you mean " + best + "?)"
	}
	return " (one of " + strings.Join(words, ", ") + ")"
}

// Nearest returns the candidate that was probably meant by a word, or "".
func Nearest(word string, candidates []string) string {
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
