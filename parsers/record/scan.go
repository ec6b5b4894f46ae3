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
}

// index fills the tape from text and returns what has to be mended.
func (r *Record) index(text []byte) (uint8, error) {
	r.text, r.nodes, r.arena = text, r.nodes[:0], r.arena[:0]
	s := scanner{r: r, text: text}
	i, err := s.run()
	if err == "" {
		i = s.space(i)
		if i < len(text) {
			err = AfterValue
		}
	}
	if err != "" {
		r.nodes = r.nodes[:0]
		return 0, &SyntaxError{Problem: err, Offset: i}
	}
	return s.faults, nil
}

// run reads one object. It returns the position behind it or that of the problem.
func (s *scanner) run() (int, Problem) {
	i := s.space(0)
	if i >= len(s.text) {
		return i, Truncated
	}
	if s.text[i] != '{' {
		return i, NotObject
	}
	var problem Problem
	if i, problem = s.value(i, node{}); problem != "" {
		return i, problem
	}
	for s.depth > 0 {
		if i, problem = s.member(i); problem != "" {
			return i, problem
		}
	}
	return i, ""
}

// member reads what stands next in the innermost open container: its end, or a separator and one member.
func (s *scanner) member(i int) (int, Problem) {
	parent := s.open[s.depth-1]
	first := len(s.r.nodes) == int(parent)+1
	inObject := s.r.nodes[parent].kind == Object
	i = s.space(i)
	if i >= len(s.text) {
		return i, Truncated
	}
	c := s.text[i]
	if (c == '}' && inObject) || (c == ']' && !inObject) {
		s.close(i + 1)
		return i + 1, ""
	}
	if !first {
		if c != ',' {
			return i, NotJSON
		}
		if i = s.space(i + 1); i >= len(s.text) {
			return i, Truncated
		}
	}
	var n node
	if inObject {
		var problem Problem
		if i, problem = s.key(i, &n); problem != "" {
			return i, problem
		}
	}
	return s.value(i, n)
}

// key reads a key and its colon and returns where the value starts.
func (s *scanner) key(i int, n *node) (int, Problem) {
	if s.text[i] != '"' {
		return i, NotJSON
	}
	end, escaped, problem := s.str(i)
	if problem != "" {
		return end, problem
	}
	n.keyAt, n.keyEnd = uint32(i+1), uint32(end-1)
	if escaped {
		n.flags |= keyEscaped
	}
	if i = s.space(end); i >= len(s.text) {
		return i, Truncated
	}
	if s.text[i] != ':' {
		return i, NotJSON
	}
	if i = s.space(i + 1); i >= len(s.text) {
		return i, Truncated
	}
	return i, ""
}

// value reads the value at i, opens it if it is a container, and puts it on the tape.
func (s *scanner) value(i int, n node) (int, Problem) {
	n.at = uint32(i)
	end := i
	problem := Problem("")
	switch c := s.text[i]; c {
	case '"':
		var escaped bool
		n.kind = String
		if end, escaped, problem = s.str(i); escaped {
			n.flags |= valueEscaped
		}
	case '{', '[':
		return s.openContainer(i, n)
	case 't':
		n.kind = True
		end, problem = s.word(i, "true")
	case 'f':
		n.kind = False
		end, problem = s.word(i, "false")
	case 'n':
		n.kind = Null
		end, problem = s.word(i, "null")
	default:
		n.kind = Number
		end, problem = s.number(i)
	}
	if problem != "" {
		return end, problem
	}
	n.end = uint32(end)
	n.flags |= scalarFlags(n.kind, s.text[i:end])
	n.skip = int32(len(s.r.nodes)) + 1
	s.r.nodes = append(s.r.nodes, n)
	return end, ""
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

func (s *scanner) openContainer(i int, n node) (int, Problem) {
	if s.depth == MaxDepth {
		return i, TooDeep
	}
	if n.kind = Object; s.text[i] == '[' {
		n.kind = Array
	}
	s.open[s.depth] = int32(len(s.r.nodes))
	s.depth++
	if s.depth > TextDepth {
		s.faults |= faultDepth
	}
	s.r.nodes = append(s.r.nodes, n)
	return i + 1, ""
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

func (s *scanner) word(i int, word string) (int, Problem) {
	rest := s.text[i:]
	if len(rest) >= len(word) {
		if string(rest[:len(word)]) == word {
			return i + len(word), ""
		}
		return i, NotJSON
	}
	if string(rest) == word[:len(rest)] {
		return len(s.text), Truncated
	}
	return i, NotJSON
}

// number reads a number by JSON's grammar.
func (s *scanner) number(i int) (int, Problem) {
	text, start := s.text, i
	if text[i] == '-' {
		i++
	}
	whole := digits(text, i)
	if whole == i || (text[i] == '0' && whole > i+1) {
		if start == i && whole == i {
			return i, NotJSON
		}
		return i, BadNumber
	}
	i = whole
	if i < len(text) && text[i] == '.' {
		fraction := digits(text, i+1)
		if fraction == i+1 {
			return i, BadNumber
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
			return i, BadNumber
		}
		i = exponent
	}
	return i, ""
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
func (s *scanner) str(i int) (end int, escaped bool, problem Problem) {
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
			return i, escaped, Truncated
		}
		switch c := text[i]; {
		case c == '"':
			if wide && !utf8.Valid(text[start:i]) {
				s.faults |= faultUTF8
			}
			return i + 1, escaped, ""
		case c == '\\':
			escaped = true
			if i, problem = s.escape(i); problem != "" {
				return i, escaped, problem
			}
		case c < 0x20:
			return i, escaped, BadString
		default:
			wide = wide || c >= utf8.RuneSelf
			i++
		}
	}
}

// escape checks the escape at i and returns the position behind it, a whole surrogate pair included.
func (s *scanner) escape(i int) (int, Problem) {
	if i+1 >= len(s.text) {
		return len(s.text), Truncated
	}
	switch s.text[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, ""
	case 'u':
	default:
		return i, BadEscape
	}
	if i+6 > len(s.text) {
		return len(s.text), Truncated
	}
	unit, ok := hex4(s.text[i+2 : i+6])
	if !ok {
		return i, BadEscape
	}
	if unit < 0xD800 || unit > 0xDFFF {
		return i + 6, ""
	}
	if low, ok := lowSurrogate(s.text[i+6:]); !ok || unit > 0xDBFF || low == 0 {
		s.faults |= faultUTF8
		return i + 6, ""
	}
	return i + 12, ""
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
