package enrich

import "strings"

// filter tells which of many regular expressions can match a text at all, by the words that each of them needs. For
// an ordinary user agent it leaves about thirty of the thousand.
type filter struct {
	words map[[wordBytes]byte][]word // by their first bytes
	owner []uint16                   // set → expression
	sets  []uint8                    // expression → number of its sets
}

// word is a text and the sets that hold it.
type word struct {
	rest string // without the bytes by which it was found
	sets []uint16
}

func newFilter(needs [][]wordSet) *filter {
	f := &filter{words: map[[wordBytes]byte][]word{}}
	holders := map[string][]uint16{}
	for expr, sets := range needs {
		for _, set := range sets {
			for _, text := range set {
				holders[text] = append(holders[text], uint16(len(f.owner)))
			}
			f.owner = append(f.owner, uint16(expr))
		}
		f.sets = append(f.sets, uint8(len(sets)))
	}
	for text, sets := range holders {
		f.words[start(text)] = append(f.words[start(text)], word{rest: text[wordBytes:], sets: sets})
	}
	return f
}

func start(text string) [wordBytes]byte { return [wordBytes]byte{text[0], text[1], text[2]} }

// candidates lists the expressions that may match a text, in their order.
func (f *filter) candidates(text string) (exprs []uint16) {
	for expr, n := range f.missing(small(text)) {
		if n == 0 {
			exprs = append(exprs, uint16(expr))
		}
	}
	return exprs
}

// missing counts, for each expression, the sets of which the text has no word.
func (f *filter) missing(text string) []uint8 {
	left := append([]uint8(nil), f.sets...)
	met := make([]bool, len(f.owner))
	for ; len(text) >= wordBytes; text = text[1:] {
		for _, w := range f.words[start(text)] {
			if !strings.HasPrefix(text[wordBytes:], w.rest) {
				continue
			}
			for _, set := range w.sets {
				if !met[set] {
					met[set] = true
					left[f.owner[set]]--
				}
			}
		}
	}
	return left
}
