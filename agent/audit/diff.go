package audit

import (
	"maps"
	"slices"
)

// Things are what a file declares: by kind, then by name, with something that changes when the thing does.
type Things map[string]map[string]string

// Diff says what is different from before.
func Diff(before, after Things) (changes []Change) {
	kinds := maps.Clone(after)
	if kinds == nil {
		kinds = Things{}
	}
	maps.Copy(kinds, before)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		c := Change{Kind: kind}
		was, is := before[kind], after[kind]
		for _, name := range slices.Sorted(maps.Keys(is)) {
			old, there := was[name]
			switch {
			case !there:
				c.Added = append(c.Added, name)
			case old != is[name]:
				c.Changed = append(c.Changed, name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(was)) {
			if _, there := is[name]; !there {
				c.Removed = append(c.Removed, name)
			}
		}
		if len(c.Added)+len(c.Removed)+len(c.Changed) > 0 {
			changes = append(changes, c)
		}
	}
	return changes
}
