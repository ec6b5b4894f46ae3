package sigma

import (
	"strings"
	"unicode/utf8"

	"github.com/idwatch/idwatch/parsers/record"
)

// own appends what stands at a path of the vendor's record: with the keys as they are written or, when there is nothing, in
// any case. Entra's records from Graph have at the top what its diagnostic records have below properties.
func (m *matcher) own(path string) bool {
	if m.walk(m.root, path, false) || m.walk(m.root, path, true) {
		return true
	}
	inner, wrapped := strings.CutPrefix(path, "properties.")
	return wrapped && m.view.azure && !m.root.Get("properties").Found() && (m.walk(m.root, inner, false) || m.walk(m.root, inner, true))
}

// walk appends to the matcher's values those that stand at a path below v, and reports whether there are any. An array on the way
// means any of its elements. A key may hold dots: of the keys that fit, the longest that leads on is taken.
func (m *matcher) walk(v record.Value, path string, folded bool) bool {
	switch v.Kind() {
	case record.Array:
		found := false
		for e := v.First(); e.Found(); e = e.NextIn(v) {
			if m.walk(e, path, folded) {
				found = true
			}
		}
		return found
	case record.Object:
		return m.walkObject(v, path, folded)
	}
	return false
}

func (m *matcher) walkObject(v record.Value, path string, folded bool) bool {
	for longest := len(path) + 1; ; {
		best, length := record.Value{}, -1
		for e := v.First(); e.Found(); e = e.NextIn(v) {
			n := keyLength(e, path, folded)
			if n > length && n < longest {
				best, length = e, n
			}
		}
		if length < 0 {
			return false
		}
		if length == len(path) {
			m.emit(best)
			return true
		}
		if m.walk(best, path[length+1:], folded) || m.walkOthers(v, best, path, length, folded) {
			return true
		}
		longest = length
	}
}

// walkOthers walks the members behind one that led nowhere whose keys take as much of the path: such as differ from it in case.
func (m *matcher) walkOthers(v, behind record.Value, path string, length int, folded bool) bool {
	if !folded {
		return false
	}
	for e := behind.NextIn(v); e.Found(); e = e.NextIn(v) {
		if keyLength(e, path, true) == length && m.walk(e, path[length+1:], true) {
			return true
		}
	}
	return false
}

// keyLength is how much of a path a member's key takes, -1 when it does not fit.
func keyLength(member record.Value, path string, folded bool) int {
	key := str(member.RawKey())
	if member.KeyEscaped() {
		key = member.Key()
	}
	if !folded {
		if len(key) > len(path) || path[:len(key)] != key || len(key) < len(path) && path[len(key)] != '.' {
			return -1
		}
		return len(key)
	}
	if len(key) > 0 && len(path) > 0 && key[0]|0x20 != path[0]|0x20 && key[0] < utf8.RuneSelf && path[0] < utf8.RuneSelf {
		return -1
	}
	length := -1
	for cut := 0; cut <= len(path); cut++ {
		if (cut == len(path) || path[cut] == '.') && strings.EqualFold(key, path[:cut]) {
			length = cut
		}
	}
	return length
}

// emit appends a value that a path led to. An array stands for its elements and for itself, as JSON text.
func (m *matcher) emit(v record.Value) {
	if v.Kind() == record.Array {
		for e := v.First(); e.Found(); e = e.NextIn(v) {
			m.emit(e)
		}
	}
	m.values = append(m.values, valueOf(v))
}

// everything appends all values below v that are neither object, array nor null.
func (m *matcher) everything(v record.Value) {
	if !v.IsContainer() {
		if v.Exists() {
			m.values = append(m.values, valueOf(v))
		}
		return
	}
	for e := v.First(); e.Found(); e = e.NextIn(v) {
		m.everything(e)
	}
}
