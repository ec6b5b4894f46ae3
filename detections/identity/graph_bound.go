package identity

import (
	"slices"
)

const (
	// namesKept bounds the names of one identity: whoever gets a new key each minute must not fill the memory.
	namesKept = 1024
	// linksKept bounds the links noted from one name.
	linksKept = 64
)

// addLink notes a link. The one that was not told of for longest makes room.
func (n *Name) addLink(l Link) {
	if len(n.links) >= linksKept {
		oldest := 0
		for i := range n.links {
			if n.links[i].Last.Before(n.links[oldest].Last) {
				oldest = i
			}
		}
		n.links = slices.Delete(n.links, oldest, oldest+1)
	}
	n.links = append(n.links, l)
}

// prune lets go names of an identity that has too many: a good part at once, first those of keys and tokens, the earliest first.
func (g *Graph) prune(root *Name) {
	if len(root.names) <= namesKept {
		return
	}
	spare := len(root.names) - namesKept*3/4
	gone := map[string]bool{}
	for _, keys := range []bool{true, false} {
		for _, name := range root.names {
			if len(gone) < spare && name != root.text && (rank(name) == 9 || !keys) {
				gone[name] = true
			}
		}
	}
	g.drop(root, gone)
}

// drop forgets names of an identity. What led over them leads to the root.
func (g *Graph) drop(root *Name, gone map[string]bool) {
	root.names = slices.DeleteFunc(root.names, func(name string) bool { return gone[name] })
	for _, name := range root.names {
		if n := g.names.Get(name); n != nil && gone[n.parent] {
			g.edit(name).parent = root.text
		}
	}
	for name := range gone {
		g.names.Forget(name)
	}
}

// Forget forgets an identity with all its names, which are returned.
func (g *Graph) Forget(root string) []string {
	n := g.names.Get(root)
	if n == nil || n.parent != root {
		return nil
	}
	for _, name := range n.names {
		g.names.Forget(name)
	}
	return n.names
}

// Oldest is the name that was not linked for longest. ok is false when there is none.
func (g *Graph) Oldest() (name string, ok bool) {
	name, _, ok = g.names.Oldest()
	return name, ok
}

// DropName forgets one name that does not stand for its identity.
func (g *Graph) DropName(name string) {
	if root := g.Find(name); root != name {
		g.drop(g.edit(root), map[string]bool{name: true})
	}
}

// Touch makes a name the newest one.
func (g *Graph) Touch(name string) { g.edit(name) }

// Len counts the names.
func (g *Graph) Len() int { return g.names.Len() }
