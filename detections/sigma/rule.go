package sigma

import (
	"strings"
	"unicode"

	"github.com/idwatch/idwatch/detections"
)

// Ruleset is the rule.ruleset of users' rules.
const Ruleset = "sigma"

// licence is what stands for rules that name none: the one under which Sigma's public rules are shared.
const licence = "DRL-1.1"

// weights are severity and points by level. A rule without a level is taken for medium.
var weights = map[string]struct{ severity, points int }{
	"informational": {21, 10}, "low": {21, 25}, "": {47, 50}, "medium": {47, 50}, "high": {73, 65}, "critical": {99, 85},
}

// RuleOf is what the engine is to know of a document.
func RuleOf(h *Head) detections.Rule {
	w := weights[h.Level]
	techniques, tactics := attack(h.Tags)
	name := h.Title
	if name == "" {
		name = h.ID
	}
	author := h.Author
	if author == "" {
		author = "unknown"
	}
	license := h.License
	if license == "" {
		license = licence
	}
	return detections.Rule{
		ID: h.ID, Name: name, Description: h.Description, Severity: w.severity, Points: w.points,
		Techniques: techniques, Tactics: tactics, References: h.References, Author: author, License: license, Ruleset: Ruleset,
		Judged: true,
	}
}

// attack reads the tags of ATT&CK: techniques with their ids as they stand, tactics with their names.
func attack(tags []string) (techniques, tactics []string) {
	for _, tag := range tags {
		what, ok := strings.CutPrefix(strings.ToLower(tag), "attack.")
		switch {
		case !ok || what == "":
		case isTechnique(what):
			techniques = append(techniques, strings.ToUpper(what))
		case !strings.ContainsFunc(what, unicode.IsDigit):
			tactics = append(tactics, tacticName(what))
		}
	}
	return techniques, tactics
}

// isTechnique reports whether a tag is t1098 or t1098.001: groups and software have other letters.
func isTechnique(tag string) bool {
	number, ok := strings.CutPrefix(tag, "t")
	return ok && len(number) >= 4 && strings.Trim(number, "0123456789.") == ""
}

// tacticName is a tactic's name as ATT&CK writes it: "command-and-control" is "Command and Control".
func tacticName(tag string) string {
	parts := strings.FieldsFunc(tag, func(r rune) bool { return r == '-' || r == '_' })
	for i, p := range parts {
		if p != "and" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, " ")
}
