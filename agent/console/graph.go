package console

import (
	"fmt"
	"slices"
	"strings"

	"github.com/idwatch/idwatch/detections/identity"
)

// graph is the picture of an identity's names: a column for each system that uses them, a line for each link.
type graph struct {
	Width, Height int
	Columns       []tick
	Nodes         []node
	Edges         []edge
	Hidden        int // names for which there was no room
}

type node struct {
	Name string
	X, Y int
	Main bool
}

type edge struct {
	Path     string
	Strength string // strong, shared, hint
	Text     string
}

const (
	nodeWidth   = 196
	nodeHeight  = 26
	nodePitch   = 36
	columnPitch = 252
	graphTop    = 26
	graphNames  = 60
)

// systems tells the columns, in their order, by how names begin.
var systems = []struct {
	name     string
	prefixes []string
}{
	{"Context file", []string{"id:"}},
	{"Okta", []string{"okta:", "00u", "0oa"}},
	{"Entra", []string{"entra:", "azure:"}},
	{"AWS", []string{"arn:aws", "aws:"}},
	{"Vault", []string{"vault:"}},
	{"Code and clusters", []string{"repo:", "system:serviceaccount:", "github:"}},
}

// systemOf is the column of a name. Addresses of mail are everybody's.
func systemOf(name string) string {
	for _, s := range systems {
		for _, prefix := range s.prefixes {
			if strings.HasPrefix(name, prefix) {
				return s.name
			}
		}
	}
	if strings.ContainsRune(name, '@') {
		return "Login and mail"
	}
	return "Other names"
}

// drawGraph draws names and links. It returns nil when there is nothing to link.
func drawGraph(id string, names []string, links []identity.Link) *graph {
	if len(names) < 2 && len(links) == 0 {
		return nil
	}
	g := &graph{Hidden: max(len(names)-graphNames, 0)}
	columns := map[string][]string{}
	for _, name := range linkedNames(id, names, links) {
		columns[systemOf(name)] = append(columns[systemOf(name)], name)
	}
	at := map[string]node{}
	x := 8
	for _, column := range append([]string{"Context file", "Login and mail"}, "Okta", "Entra", "AWS", "Vault", "Code and clusters", "Other names") {
		if len(columns[column]) == 0 {
			continue
		}
		g.Columns = append(g.Columns, tick{x, column})
		for i, name := range columns[column] {
			n := node{Name: name, X: x, Y: graphTop + i*nodePitch, Main: name == id}
			at[name] = n
			g.Nodes = append(g.Nodes, n)
			g.Height = max(g.Height, n.Y+nodeHeight+10)
		}
		x += columnPitch
	}
	g.Width = x - columnPitch + nodeWidth + 8
	for _, l := range links {
		from, haveFrom := at[l.From]
		to, haveTo := at[l.To]
		if haveFrom && haveTo {
			g.Edges = append(g.Edges, drawEdge(from, to, l))
		}
	}
	return g
}

// linkedNames are the names to draw, those that a hint alone points to included.
func linkedNames(id string, names []string, links []identity.Link) []string {
	all := slices.Clone(names)
	for _, l := range links {
		all = append(all, l.From, l.To)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if at := slices.Index(all, id); at > 0 { // it must not be among those left out
		all = slices.Insert(slices.Delete(all, at, at+1), 0, id)
	}
	return all[:min(len(all), graphNames)]
}

func drawEdge(from, to node, l identity.Link) edge {
	if from.X > to.X {
		from, to = to, from
	}
	y1, y2 := from.Y+nodeHeight/2, to.Y+nodeHeight/2
	e := edge{Strength: strengthWord(l.Strength), Text: fmt.Sprintf("%s = %s by %s, %d records", l.From, l.To, l.Key, l.Count)}
	x1 := from.X + nodeWidth
	if from.X == to.X { // a loop on the right side
		e.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+44, y1, x1+44, y2, x1, y2)
		return e
	}
	half := (to.X - x1) / 2
	e.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+half, y1, to.X-half, y2, to.X, y2)
	return e
}

func strengthWord(s identity.Strength) string {
	switch s {
	case identity.A:
		return "strong"
	case identity.B:
		return "shared"
	}
	return "hint"
}
