package identity

import (
	"slices"
	"strings"
	"time"
)

// Strength says how sure a link is.
type Strength byte

// A links are exact and unique, B exact but may be shared or renamed, C hints, which never join identities.
const (
	A Strength = 'A'
	B Strength = 'B'
	C Strength = 'C'
)

// Link says that two names belong to one identity, and which records say so.
type Link struct {
	Tie
	First, Last time.Time
	Records     []string // document ids, the first few
	Count       int
}

// Tie is what one record says of two names: that they belong to one identity.
type Tie struct {
	From, To string
	Key      string // the joining key: the vendor's field
	Strength Strength
}

// linkRecords is how many records a link keeps as evidence.
const linkRecords = 8

// Name is a node of the graph.
type Name struct {
	text   string
	parent string   // another name of the same identity; itself at the root
	names  []string // at the root: all names of the identity
	links  []Link   // links that were first told from this name
}

// Graph joins names to identities. It is a forest: each name points towards the name that stands for its identity.
type Graph struct{ names *Layer[string, Name] }

// NewGraph returns an empty graph.
func NewGraph(clock *Clock) *Graph {
	return &Graph{NewLayer[string](clock, func(n *Name) *Name {
		c := *n
		c.names = slices.Clone(n.names)
		c.links = slices.Clone(n.links) // records are only appended to, always to a new list
		return &c
	})}
}

// Settle makes all epochs up to one final.
func (g *Graph) Settle(epoch uint32) { g.names.Settle(epoch) }

// Rollback takes back an epoch, which is not final, and all later ones.
func (g *Graph) Rollback(from uint32) { g.names.Rollback(from) }

// Fold writes a name as it is compared: without letter case where it is a login.
func Fold(name string) string {
	if strings.IndexByte(name, '@') > 0 && !strings.HasPrefix(name, "arn:") {
		return strings.ToLower(name)
	}
	return name
}

// Find returns the name that stands for the identity that has a name. A name nobody has seen stands for itself.
func (g *Graph) Find(name string) string {
	for {
		n := g.names.Get(name)
		if n == nil || n.parent == name {
			return name
		}
		name = n.parent
	}
}

// Known reports whether a name was linked to another one.
func (g *Graph) Known(name string) bool { return g.names.Get(name) != nil }

// Joined is what a tie came to.
type Joined struct {
	Root     string // the name that stands for both, or for the first one where they stay apart
	Absorbed string // the one that stood for one of them until now, "" when nothing changed
	Taken    bool   // a login in it is another one's: it was given to somebody new, or several people share it
}

// Join notes what a record tells at a time and, unless it is a hint, makes the two names one identity.
func (g *Graph) Join(t Tie, at time.Time, record string) (j Joined) {
	if t.From == "" || t.To == "" || t.From == t.To {
		return Joined{Root: g.Find(t.From)}
	}
	a, b := g.Find(t.From), g.Find(t.To)
	j.Root = a
	if a == b {
		g.note(t, at, record)
		return j
	}
	if g.taken(&t) {
		t.Strength, j.Taken = C, true
	}
	for _, name := range [...]string{t.From, t.To} {
		g.edit(name)
	}
	g.note(t, at, record)
	if t.Strength == C {
		return j
	}
	na, nb := g.edit(a), g.edit(b)
	if worse(na, nb) {
		na, nb = nb, na
	}
	nb.parent = na.text
	na.names = append(na.names, nb.names...)
	nb.names = nil
	g.prune(na)
	j.Root, j.Absorbed = na.text, nb.text
	return j
}

// worse reports whether a stands for an identity less well than b. What a person reads goes before what a vendor counts;
// the choice depends on the names alone, so that the order of links does not matter.
func worse(a, b *Name) bool {
	ra, rb := rank(a.text), rank(b.text)
	if ra != rb {
		return ra > rb
	}
	return a.text > b.text
}

// rank orders names by how well they name an identity.
func rank(name string) int {
	switch {
	case strings.HasPrefix(name, "id:"):
		return 0 // named by the context file
	case strings.IndexByte(name, '@') > 0 && !strings.Contains(name, ":"):
		return 1
	case strings.HasPrefix(name, "arn:aws:iam:"):
		return 2
	case strings.HasPrefix(name, "repo:"), strings.HasPrefix(name, "system:serviceaccount:"):
		return 3
	case strings.HasPrefix(name, "aws:key/"), strings.HasPrefix(name, "vault:token/"):
		return 9
	}
	return 5
}

func (g *Graph) edit(name string) *Name {
	return g.names.Edit(name, func() *Name { return &Name{text: name, parent: name, names: []string{name}} })
}

// NamesOf lists all names of the identity that a name stands for, sorted.
func (g *Graph) NamesOf(root string) []string {
	n := g.names.Get(root)
	if n == nil {
		return []string{root}
	}
	names := slices.Clone(n.names)
	slices.Sort(names)
	return names
}

// note keeps the evidence of a link between names that are known at the lesser of the two, so that it is found from either.
func (g *Graph) note(t Tie, at time.Time, record string) {
	if t.From > t.To {
		t.From, t.To = t.To, t.From
	}
	n := g.edit(t.From)
	for i := range n.links {
		have := &n.links[i]
		if have.To == t.To && have.Key == t.Key {
			have.Count++
			if at.Before(have.First) {
				have.First = at
			}
			if at.After(have.Last) {
				have.Last = at
			}
			if len(have.Records) < linkRecords {
				have.Records = append(slices.Clip(have.Records), record)
			}
			return
		}
	}
	n.addLink(Link{Tie: t, First: at, Last: at, Records: []string{record}, Count: 1})
}

// Identity is one identity with all its names and links.
type Identity struct {
	ID    string
	Names []string
	Links []Link
}

// Of returns the identity that a name stands for, with the links of all its names. It shares nothing with the graph.
func (g *Graph) Of(root string) Identity {
	i := Identity{ID: root, Names: g.NamesOf(root)}
	for _, name := range i.Names {
		n := g.names.Get(name)
		if n == nil {
			continue
		}
		for _, l := range n.links {
			l.Records = slices.Clone(l.Records)
			i.Links = append(i.Links, l)
		}
	}
	slices.SortFunc(i.Links, compareLinks)
	return i
}

// All lists the identities that have more than one name, sorted by id.
func (g *Graph) All() []Identity {
	byRoot := map[string]*Identity{}
	for text, n := range g.names.All() {
		root := g.Find(text)
		i := byRoot[root]
		if i == nil {
			i = &Identity{ID: root}
			byRoot[root] = i
		}
		i.Names = append(i.Names, text)
		i.Links = append(i.Links, n.links...)
	}
	all := make([]Identity, 0, len(byRoot))
	for _, i := range byRoot {
		slices.Sort(i.Names)
		slices.SortFunc(i.Links, compareLinks)
		all = append(all, *i)
	}
	slices.SortFunc(all, func(a, b Identity) int { return strings.Compare(a.ID, b.ID) })
	return all
}

func compareLinks(a, b Link) int {
	return strings.Compare(a.From+"\x00"+a.To+"\x00"+a.Key, b.From+"\x00"+b.To+"\x00"+b.Key)
}
