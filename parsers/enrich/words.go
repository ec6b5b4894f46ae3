package enrich

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// wordSet says that a text must hold at least one of these words, in small letters.
type wordSet []string

const (
	wordBytes = 3   // shorter words stand in every text and say nothing
	setWords  = 512 // larger sets are not kept
	classSize = 8   // a character class of more characters counts as any character
)

// demand is what an expression asks of a text. If texts is not nil, they are all that it can match, in small letters;
// else it needs a word of each set.
type demand struct {
	texts []string
	sets  []wordSet
}

// requiredWords lists the sets of words that a text must hold for the expression to match, none when that cannot be
// told. It may ask for less than the expression does, never for more.
func requiredWords(re *syntax.Regexp) []wordSet { return demandOf(re).needs() }

// needs is the demand with its texts as one more set.
func (d demand) needs() []wordSet {
	if set := usefulSet(d.texts); set != nil {
		return append(slices.Clip(d.sets), set)
	}
	return d.sets
}

func demandOf(re *syntax.Regexp) demand {
	switch re.Op {
	case syntax.OpLiteral:
		return demandOfLiteral(re)
	case syntax.OpCharClass:
		return demand{texts: classTexts(re.Rune)}
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return demand{texts: []string{""}}
	case syntax.OpCapture:
		return demandOf(re.Sub[0])
	case syntax.OpQuest:
		return demandOfOptional(re.Sub[0])
	case syntax.OpPlus:
		return demand{sets: demandOf(re.Sub[0]).needs()}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return demand{sets: demandOf(re.Sub[0]).needs()}
		}
	case syntax.OpConcat:
		return demandOfConcat(re.Sub)
	case syntax.OpAlternate:
		return demandOfAlternate(re.Sub)
	}
	return demand{}
}

func demandOfLiteral(re *syntax.Regexp) demand {
	text := small(string(re.Rune))
	if re.Flags&syntax.FoldCase != 0 && len(text) > len(re.Rune) {
		return demand{} // small knows no other alphabet
	}
	return demand{texts: []string{text}}
}

func demandOfOptional(re *syntax.Regexp) demand {
	if texts := demandOf(re).texts; texts != nil {
		return demand{texts: append([]string{""}, texts...)}
	}
	return demand{}
}

// demandOfConcat joins neighbours into longer words as long as there are not too many of them.
func demandOfConcat(parts []*syntax.Regexp) demand {
	joined := demand{texts: []string{""}}
	isExact := true
	for _, part := range parts {
		d := demandOf(part)
		if d.texts != nil && len(d.texts)*len(joined.texts) <= setWords {
			joined.texts = product(joined.texts, d.texts)
			continue
		}
		isExact = false
		joined.sets = append(joined.needs(), d.sets...)
		joined.texts = []string{""}
		if d.texts != nil {
			joined.texts = d.texts
		}
	}
	if !isExact {
		return demand{sets: joined.needs()}
	}
	return joined
}

func demandOfAlternate(branches []*syntax.Regexp) demand {
	var texts []string
	var set wordSet
	isExact, isNeeded := true, true
	for _, branch := range branches {
		d := demandOf(branch)
		isExact = isExact && d.texts != nil
		texts = append(texts, d.texts...)
		best := bestSet(d.needs())
		isNeeded = isNeeded && best != nil
		set = append(set, best...)
	}
	if isExact && len(texts) <= setWords {
		return demand{texts: texts}
	}
	if set = usefulSet(set); isNeeded && set != nil {
		return demand{sets: []wordSet{set}}
	}
	return demand{}
}

// bestSet is the set that fewest texts will satisfy: the one whose shortest word is longest.
func bestSet(sets []wordSet) (best wordSet) {
	shortest := 0
	for _, set := range sets {
		n := len(slices.MinFunc(set, func(a, b string) int { return len(a) - len(b) }))
		if n > shortest {
			best, shortest = set, n
		}
	}
	return best
}

func product(heads, tails []string) []string {
	joined := make([]string, 0, len(heads)*len(tails))
	for _, head := range heads {
		for _, tail := range tails {
			joined = append(joined, head+tail)
		}
	}
	slices.Sort(joined)
	return slices.Compact(joined)
}

// usefulSet is the set of texts without those that hold another one; nil if one is too short or there are too many.
func usefulSet(texts []string) wordSet {
	if len(texts) == 0 || len(texts) > setWords {
		return nil
	}
	texts = slices.Clone(texts)
	slices.SortFunc(texts, func(a, b string) int { return len(a) - len(b) })
	if len(texts[0]) < wordBytes {
		return nil
	}
	var set wordSet
	for _, text := range texts {
		if !slices.ContainsFunc(set, func(word string) bool { return strings.Contains(text, word) }) {
			set = append(set, text)
		}
	}
	return set
}

// classTexts lists the characters of a small class, given as pairs of first and last.
func classTexts(pairs []rune) []string {
	var texts []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1]-pairs[i] >= classSize {
			return nil
		}
		for r := pairs[i]; r <= pairs[i+1]; r++ {
			texts = append(texts, small(string(r)))
		}
	}
	if len(texts) > classSize {
		return nil
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// foldsToASCII makes small letters of the two characters that (?i) takes for an ASCII letter.
var foldsToASCII = strings.NewReplacer("\u017f", "s", "\u212a", "k")

// small makes capital ASCII letters small and leaves the others.
func small(s string) string {
	b := []byte(foldsToASCII.Replace(s))
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
