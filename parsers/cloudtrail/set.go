package cloudtrail

import (
	"slices"

	"github.com/idwatch/idwatch/parsers/record"
)

// set is a list without repeats.
type set struct {
	list []string
	seen map[string]struct{} // of a long list
}

const longSet = 32

// add reports whether s was taken: it is not empty and was not there.
func (s *set) add(text string) bool {
	if text == "" {
		return false
	}
	if len(s.list) >= longSet {
		return s.addToLong(text)
	}
	if slices.Contains(s.list, text) {
		return false
	}
	s.list = append(s.list, text)
	return true
}

func (s *set) addToLong(text string) bool {
	if s.seen == nil {
		s.seen = make(map[string]struct{}, 2*len(s.list))
		for _, have := range s.list {
			s.seen[have] = struct{}{}
		}
	}
	if _, have := s.seen[text]; have {
		return false
	}
	s.seen[text] = struct{}{}
	s.list = append(s.list, text)
	return true
}

// addValue adds a text of the record.
func (s *set) addValue(v record.Value) bool { return !v.Hollow() && s.add(v.Str()) }

// sorted orders a list by UTF-16 units, as Java does.
func sorted(list []string) []string {
	if len(list) > 1 {
		slices.SortFunc(list, compareUTF16)
	}
	return list
}

const stride = 16

// compareUTF16 compares like bytes, but for the characters that take two units: those come before U+E000 and what follows it.
func compareUTF16(a, b string) int {
	i := 0
	for i+stride <= len(a) && i+stride <= len(b) && a[i:i+stride] == b[i:i+stride] {
		i += stride // ARNs begin alike
	}
	for ; i < len(a) && i < len(b); i++ {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0) {
			x, y = y, x
		}
		if x < y {
			return -1
		}
		return 1
	}
	return len(a) - len(b)
}
