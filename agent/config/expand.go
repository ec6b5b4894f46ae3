package config

import "strings"

// lookup finds an environment variable; os.LookupEnv outside tests.
type lookup func(name string) (string, bool)

// expand replaces ${VAR} and ${VAR:-default} in a value; $${ stands for ${ itself. It works on values that YAML has
// already taken apart, so a variable can never bring in a key. It returns what is wrong, or "".
func expand(text string, env lookup) (string, string) {
	var b strings.Builder
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			b.WriteString(text)
			return b.String(), ""
		}
		if i > 0 && text[i-1] == '$' {
			b.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		b.WriteString(text[:i])
		inside, rest, closed := strings.Cut(text[i+2:], "}")
		if !closed {
			return "", "has ${ without } (write $${ for ${ itself)"
		}
		value, problem := variable(inside, env)
		if problem != "" {
			return "", problem
		}
		b.WriteString(value)
		text = rest
	}
}

// variable returns the value of what stands between ${ and }.
func variable(inside string, env lookup) (value, problem string) {
	name, fallback, hasDefault := strings.Cut(inside, ":-")
	if !isVariable(name) {
		return "", "has a bad variable name between ${ and }"
	}
	value, ok := env(name)
	switch {
	case value != "":
		return value, ""
	case hasDefault:
		return fallback, ""
	case !ok:
		return "", "environment variable " + name + " is not set"
	}
	return "", ""
}

// isVariable reports whether a name is one that a shell would take.
func isVariable(name string) bool {
	for i, c := range []byte(name) {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		digit := '0' <= c && c <= '9'
		if !letter && (!digit || i == 0) {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

// escape is the inverse of expand for a value without variables.
func escape(text string) string {
	return strings.ReplaceAll(text, "${", "$${")
}
