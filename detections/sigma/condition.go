package sigma

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// condition is a parsed condition: a search identifier, or what joins others.
type condition struct {
	op    byte // 'n' a search identifier, '&', '|', '!'
	name  string
	terms []*condition
}

// reader reads a condition. Precedence, loosest first: or, and, not, "of", parentheses.
type reader struct {
	words []string
	names []string // the search identifiers there are
	depth int
}

const (
	maxWords   = 4096 // of a condition
	maxNesting = 64
)

// readCondition parses a condition over the search identifiers of a detection.
func readCondition(text string, names []string) (*condition, error) {
	r := &reader{words: words(text), names: names}
	if len(r.words) > maxWords {
		return nil, fmt.Errorf("is longer than %d words", maxWords)
	}
	if len(r.words) == 0 {
		return nil, fmt.Errorf("is empty")
	}
	c, err := r.either()
	switch {
	case err != nil || len(r.words) == 0:
	case r.words[0] == "|":
		err = errPipe
	default:
		err = fmt.Errorf("%q stands where and, or or the end should", r.words[0])
	}
	return c, err
}

var errPipe = errors.New("aggregation behind | ended with Sigma 2.0")

// words splits a condition at blanks and around parentheses and pipes.
func words(text string) []string {
	for _, sign := range []string{"(", ")", "|"} {
		text = strings.ReplaceAll(text, sign, " "+sign+" ")
	}
	return strings.Fields(text)
}

// next takes the next word if it is the given one, in any case.
func (r *reader) next(word string) bool {
	if len(r.words) == 0 || !strings.EqualFold(r.words[0], word) {
		return false
	}
	r.words = r.words[1:]
	return true
}

func (r *reader) either() (*condition, error) { return r.joined('|', "or", r.both) }
func (r *reader) both() (*condition, error)   { return r.joined('&', "and", r.negated) }

func (r *reader) joined(op byte, word string, term func() (*condition, error)) (*condition, error) {
	first, err := term()
	if err != nil {
		return nil, err
	}
	c := &condition{op: op, terms: []*condition{first}}
	for r.next(word) {
		one, err := term()
		if err != nil {
			return nil, err
		}
		c.terms = append(c.terms, one)
	}
	if len(c.terms) == 1 {
		return first, nil
	}
	return c, nil
}

func (r *reader) negated() (*condition, error) {
	if r.depth++; r.depth > maxNesting {
		return nil, fmt.Errorf("is nested too deeply")
	}
	defer func() { r.depth-- }()
	if r.next("not") {
		c, err := r.negated()
		if err != nil {
			return nil, err
		}
		return &condition{op: '!', terms: []*condition{c}}, nil
	}
	return r.term()
}

func (r *reader) term() (*condition, error) {
	if len(r.words) == 0 {
		return nil, fmt.Errorf("ends where a search identifier should stand")
	}
	if r.next("(") {
		c, err := r.either()
		if err != nil {
			return nil, err
		}
		if !r.next(")") {
			return nil, fmt.Errorf("a parenthesis is not closed")
		}
		return c, nil
	}
	word := r.words[0]
	r.words = r.words[1:]
	if len(r.words) > 0 && strings.EqualFold(r.words[0], "of") {
		return r.some(word)
	}
	for _, name := range r.names {
		if name == word {
			return &condition{op: 'n', name: name}, nil
		}
	}
	return nil, fmt.Errorf("there is no search identifier %s", word)
}

// some reads what follows "1" or "all": of, and a pattern or them.
func (r *reader) some(count string) (*condition, error) {
	c := &condition{op: '|'}
	switch strings.ToLower(count) {
	case "all":
		c.op = '&'
	case "1", "any":
	default:
		return nil, fmt.Errorf("%s of: want 1 of or all of", count)
	}
	r.words = r.words[1:]
	if len(r.words) == 0 {
		return nil, fmt.Errorf("ends after of")
	}
	pattern := r.words[0]
	r.words = r.words[1:]
	for _, name := range r.names {
		if isMeant(name, pattern) {
			c.terms = append(c.terms, &condition{op: 'n', name: name})
		}
	}
	if len(c.terms) == 0 {
		return nil, fmt.Errorf("%s of %s: no search identifier is called so", count, pattern)
	}
	return c, nil
}

// isMeant reports whether a search identifier is one of "them", or fits a pattern.
func isMeant(name, pattern string) bool {
	if strings.EqualFold(pattern, "them") {
		return !strings.HasPrefix(name, "_")
	}
	for _, special := range []string{`\`, "?", "["} {
		pattern = strings.ReplaceAll(pattern, special, `\`+special)
	}
	fits, err := path.Match(pattern, name)
	return err == nil && fits
}
