package detections

import (
	"slices"
	"strings"
)

// sortedWords sorts words that stand between blanks, commas, brackets or quotes, each once.
func sortedWords(text string) string {
	list := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;[]\"", r) })
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// roleWords makes words of roles' names: "Super administrator, Help desk" is "help_desk super_administrator".
func roleWords(names string) string {
	var list []string
	for name := range strings.SplitSeq(names, ",") {
		if name = strings.Trim(name, " []\""); name != "" {
			list = append(list, strings.ReplaceAll(strings.ToLower(name), " ", "_"))
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// looksLikePassword reports whether a text typed as a user name is no name: no address, long, and of several kinds of characters.
func looksLikePassword(text string) bool {
	if len(text) < 8 || strings.ContainsAny(text, "@\\ ") || strings.HasPrefix(text, "0oa") {
		return false
	}
	var lower, upper, digit, other int
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z':
			lower = 1
		case r >= 'A' && r <= 'Z':
			upper = 1
		case r >= '0' && r <= '9':
			digit = 1
		case r != '.' && r != '-' && r != '_':
			other = 1
		}
	}
	return lower+upper+digit+other >= 3
}
