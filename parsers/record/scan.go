package record

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Faults that JSON allows and that are mended before a record is used.
const (
	faultKeys  = 1 << iota // an object has a key twice
	faultUTF8              // invalid UTF-8 or half a surrogate pair
	faultDepth             // containers below TextDepth
	faultSpace             // line breaks between tokens, which NDJSON cannot have
)

// scanner is the state of one pass over a record's text.
type scanner struct {
	r      *Record
	text   []byte
	faults uint8
	open   [MaxDepth]int32 // the containers around the current position
	depth  int

	problem Problem // why the pass ended, and where
	where   int
}

// index fills the tape from text and returns what has to be mended.
func (r *Record) index(text []byte) (uint8, error) {
	r.text, r.nodes, r.arena = text, r.nodes[:0], r.arena[:0]
	s := scanner{r: r, text: text}
	if i := s.run(); i >= 0 {
		if i = s.space(i); i < len(text) {
			s.fail(i, AfterValue)
		}
	}
	if s.problem != "" {
		r.nodes = r.nodes[:0]
		return 0, &SyntaxError{Problem: s.problem, Offset: s.where}
	}
	return s.faults, nil
}

// run reads one object. It returns the position behind it, or a negative one when there is a problem.
func (s *scanner) run() int {
	i := s.token(0)
	if i < 0 {
		return i
	}
	if s.text[i] != '{' {
		return s.fail(i, NotObject)
	}
	if i = s.value(i, s.next()); i < 0 {
		return i
	}
	for s.depth > 0 && i >= 0 {
		i = s.member(i)
	}
	return i
}

// fail notes a problem at a position.
func (s *scanner) fail(i int, p Problem) int {
	s.problem, s.where = p, i
	return -1
}

// token skips white space. It is a problem when the text ends there.
func (s *scanner) token(i int) int {
	if i < len(s.text) && s.text[i] > ' ' {
		return i
	}
	if i = s.space(i); i >= len(s.text) {
		return s.fail(i, Truncated)
	}
	return i
}

// next makes room for one more value on the tape. It is good until the next call.
func (s *scanner) next() *node {
	s.r.nodes = append(s.r.nodes, node{})
	return &s.r.nodes[len(s.r.nodes)-1]
}

// member reads what stands next in the innermost open container: its end, or a separator and one member.
func (s *scanner) member(i int) int {
	parent := int(s.open[s.depth-1])
	inObject := s.r.nodes[parent].kind == Object
	if i = s.token(i); i < 0 {
		return i
	}
	c := s.text[i]
	if (c == '}' && inObject) || (c == ']' && !inObject) {
		s.close(i + 1)
		return i + 1
	}
	if len(s.r.nodes) > parent+1 {
		if c != ',' {
			return s.fail(i, NotJSON)
		}
		if i = s.token(i + 1); i < 0 {
			return i
		}
	}
	n := s.next()
	if inObject {
		if i = s.key(i, n); i < 0 {
			return i
		}
	}
	return s.value(i, n)
}

// key reads a key and its colon and returns where the value starts.
func (s *scanner) key(i int, n *node) int {
	if s.text[i] != '"' {
		return s.fail(i, NotJSON)
	}
	end, escaped := s.str(i)
	if end < 0 {
		return end
	}
	n.keyAt, n.keyEnd = uint32(i+1), uint32(end-1)
	if escaped {
		n.flags |= keyEscaped
	}
	if i = s.token(end); i < 0 {
		return i
	}
	if s.text[i] != ':' {
		return s.fail(i, NotJSON)
	}
	return s.token(i + 1)
}

// value reads the value at i into its place on the tape, and opens it if it is a container.
func (s *scanner) value(i int, n *node) int {
	n.at = uint32(i)
	n.skip = int32(len(s.r.nodes))
	end := i
	switch c := s.text[i]; c {
	case '"':
		escaped := false
		n.kind = String
		if end, escaped = s.str(i); escaped {
			n.flags |= valueEscaped
		}
	case '{', '[':
		return s.openContainer(i, n)
	case 't':
		n.kind = True
		end = s.word(i, "true")
	case 'f':
		n.kind = False
		end = s.word(i, "false")
	case 'n':
		n.kind = Null
		end = s.word(i, "null")
	default:
		n.kind = Number
		end = s.number(i)
	}
	if end < 0 {
		return end
	}
	n.end = uint32(end)
	if end-i <= len(`"none"`) {
		n.flags |= scalarFlags(n.kind, s.text[i:end])
	}
	return end
}

// scalarFlags tells whether a scalar counts as empty.
func scalarFlags(k Kind, text []byte) uint8 {
	switch {
	case k == Null, k == String && len(text) == 2:
		return vacant | hollow
	case k == String && (string(text) == `"-"` || string(text) == `"none"`):
		return hollow
	}
	return 0
}

func (s *scanner) openContainer(i int, n *node) int {
	if s.depth == MaxDepth {
		return s.fail(i, TooDeep)
	}
	if n.kind = Object; s.text[i] == '[' {
		n.kind = Array
	}
	s.open[s.depth] = int32(len(s.r.nodes) - 1)
	s.depth++
	if s.depth > TextDepth {
		s.faults |= faultDepth
	}
	return i + 1
}

// close ends the innermost container: it learns its extent and what its children say about emptiness.
func (s *scanner) close(end int) {
	s.depth--
	nodes := s.r.nodes
	at := s.open[s.depth]
	n := &nodes[at]
	n.end, n.skip = uint32(end), int32(len(nodes))
	all, some := uint8(vacant|hollow), uint8(0)
	var marks [markWords]uint64
	escaped := false // a key with escapes has no mark, and from then on all are compared
	count := 0
	for j := at + 1; j < n.skip; j = nodes[j].skip {
		child := &nodes[j]
		all &= child.flags
		some |= child.flags
		if n.kind == Object {
			escaped = escaped || child.flags&keyEscaped != 0
			word, bit := s.mark(child)
			if marks[word]&bit == 0 && !escaped {
				marks[word] |= bit
			} else if count < 64 && s.twin(at+1, j) {
				s.faults |= faultKeys
			}
		}
		count++
	}
	if n.kind == Object && count >= 64 && s.repeats(at) {
		s.faults |= faultKeys
	}
	n.flags |= all & (vacant | hollow)
	// holed and hollowed are vacant and hollow two bits further up.
	n.flags |= (some&(vacant|hollow))<<2 | some&(holed|hollowed)
}

// markWords times 64 bits tell the keys of an object apart: with fewer, most keys of an object of fifty look like another one.
const markWords = 8

// mark is one bit for a key, out of its length and its first and last bytes.
func (s *scanner) mark(n *node) (word int, bit uint64) {
	key := s.text[n.keyAt:n.keyEnd]
	var head, tail uint64
	switch {
	case len(key) >= 8:
		head, tail = binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[len(key)-8:])
	case len(key) >= 4:
		head, tail = uint64(binary.LittleEndian.Uint32(key)), uint64(binary.LittleEndian.Uint32(key[len(key)-4:]))
	case len(key) > 0:
		head, tail = uint64(key[0]), uint64(key[len(key)/2])<<8|uint64(key[len(key)-1])
	}
	mixed := (head ^ tail*0x9E3779B97F4A7C15 ^ uint64(len(key))) * 0xD6E8FEB86659FD93
	return int(mixed >> 61), 1 << (mixed >> 55 & 63)
}

// twin reports whether an earlier child, from first on, has the key of child j.
func (s *scanner) twin(first, j int32) bool {
	nodes := s.r.nodes
	n := &nodes[j]
	key := Value{s.r, j}.Key()
	for k := first; k < j; k = nodes[k].skip {
		other := &nodes[k]
		sameLength := other.keyEnd-other.keyAt == n.keyEnd-n.keyAt
		if (sameLength || (other.flags|n.flags)&keyEscaped != 0) && (Value{s.r, k}).Key() == key {
			return true
		}
	}
	return false
}

// repeats reports whether a very wide object has a key twice.
func (s *scanner) repeats(at int32) bool {
	if s.r.seen == nil {
		s.r.seen = map[string]struct{}{}
	}
	clear(s.r.seen)
	nodes := s.r.nodes
	for j := at + 1; j < nodes[at].skip; j = nodes[j].skip {
		s.r.seen[Value{s.r, j}.Key()] = struct{}{}
	}
	count := 0
	for j := at + 1; j < nodes[at].skip; j = nodes[j].skip {
		count++
	}
	repeated := len(s.r.seen) < count
	clear(s.r.seen)
	return repeated
}

// space skips white space and notes line breaks.
func (s *scanner) space(i int) int {
	for i < len(s.text) {
		switch s.text[i] {
		case ' ', '\t':
		case '\n', '\r':
			s.faults |= faultSpace
		default:
			return i
		}
		i++
	}
	return i
}

func (s *scanner) word(i int, word string) int {
	rest := s.text[i:]
	if len(rest) >= len(word) && string(rest[:len(word)]) == word {
		return i + len(word)
	}
	if len(rest) < len(word) && string(rest) == word[:len(rest)] {
		return s.fail(len(s.text), Truncated)
	}
	return s.fail(i, NotJSON)
}

// number reads a number by JSON's grammar.
func (s *scanner) number(i int) int {
	text, start := s.text, i
	if text[i] == '-' {
		i++
	}
	whole := digits(text, i)
	if whole == i || (text[i] == '0' && whole > i+1) {
		if start == i && whole == i {
			return s.fail(i, NotJSON)
		}
		return s.fail(i, BadNumber)
	}
	i = whole
	if i < len(text) && text[i] == '.' {
		fraction := digits(text, i+1)
		if fraction == i+1 {
			return s.fail(i, BadNumber)
		}
		i = fraction
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		exponent := digits(text, i)
		if exponent == i {
			return s.fail(i, BadNumber)
		}
		i = exponent
	}
	return i
}

func digits(text []byte, i int) int {
	for i < len(text) && text[i]-'0' < 10 {
		i++
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks the bytes of w that do not stand in a JSON string as they are with their highest bits: quotes,
// backslashes, control characters and what is not ASCII. The lowest mark is right; those above it may not be.
func special(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w | w) & highs
}

// str reads a string whose opening quote stands at i and returns the position behind its closing quote.
// It looks at eight bytes at a time.
func (s *scanner) str(i int) (end int, escaped bool) {
	text := s.text
	start := i + 1
	i = start
	wide := false
	for {
		for i+8 <= len(text) {
			w := binary.LittleEndian.Uint64(text[i:])
			if found := special(w); found != 0 {
				i += bits.TrailingZeros64(found) >> 3
				break
			}
			i += 8
		}
		if i >= len(text) {
			return s.fail(i, Truncated), escaped
		}
		switch c := text[i]; {
		case c == '"':
			if wide && !utf8.Valid(text[start:i]) {
				s.faults |= faultUTF8
			}
			return i + 1, escaped
		case c == '\\':
			escaped = true
			if i = s.escape(i); i < 0 {
				return i, escaped
			}
		case c < 0x20:
			return s.fail(i, BadString), escaped
		default:
			wide = wide || c >= utf8.RuneSelf
			i++
		}
	}
}

// escape checks the escape at i and returns the position behind it, a whole surrogate pair included.
func (s *scanner) escape(i int) int {
	if i+1 >= len(s.text) {
		return s.fail(len(s.text), Truncated)
	}
	switch s.text[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
	default:
		return s.fail(i, BadEscape)
	}
	if i+6 > len(s.text) {
		return s.fail(len(s.text), Truncated)
	}
	unit, ok := hex4(s.text[i+2 : i+6])
	if !ok {
		return s.fail(i, BadEscape)
	}
	if unit < 0xD800 || unit > 0xDFFF {
		return i + 6
	}
	if low, ok := lowSurrogate(s.text[i+6:]); !ok || unit > 0xDBFF || low == 0 {
		s.faults |= faultUTF8
		return i + 6
	}
	return i + 12
}

// lowSurrogate reads the second half of a surrogate pair at the start of text.
func lowSurrogate(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, ok := hex4(text[2:6])
	return unit, ok && unit >= 0xDC00 && unit <= 0xDFFF
}

func hex4(text []byte) (rune, bool) {
	var v rune
	for _, c := range text[:4] {
		switch {
		case c-'0' < 10:
			v = v<<4 | rune(c-'0')
		case (c|0x20)-'a' < 6:
			v = v<<4 | rune((c|0x20)-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
