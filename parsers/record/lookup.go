package record

import "strings"

// Lookup finds a member by its dotted path, whichever of the dots stand in names and whichever between objects: Elasticsearch
// takes {"user":{"name":…}}, {"user.name":…} and any mix as the same field.
func (v Value) Lookup(path string) Value {
	if found := v.Get(path); found.Found() {
		return found
	}
	for i, c := range path {
		if c != '.' {
			continue
		}
		if inner := v.Get(path[:i]); inner.Kind() == Object {
			if found := inner.Lookup(path[i+1:]); found.Found() {
				return found
			}
		}
	}
	return Value{}
}

// Texts appends the scalars of a value: itself, or the elements of a list, as far as max goes.
func (v Value) Texts(dst []string, max int) []string {
	if v.Kind() != Array {
		if text := v.Scalar(); text != "" {
			dst = append(dst, text)
		}
		return dst
	}
	for m := v.First(); m.Found() && len(dst) < max; m = m.NextIn(v) {
		if text := m.Scalar(); text != "" && !m.IsContainer() {
			dst = append(dst, text)
		}
	}
	return dst
}

// HasText reports whether a value is a text, or a list with that text in it, letter case ignored.
func (v Value) HasText(text string) bool {
	if v.Kind() != Array {
		return strings.EqualFold(v.Scalar(), text)
	}
	for m := v.First(); m.Found(); m = m.NextIn(v) {
		if strings.EqualFold(m.Scalar(), text) {
			return true
		}
	}
	return false
}
