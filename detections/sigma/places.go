package sigma

import (
	_ "embed"
	"strings"

	"github.com/idwatch/idwatch/parsers/record"
)

//go:embed places.yml
var builtinPlaces []byte

// alias says where records have a field that rules call by another name.
type alias struct {
	name    string // as rules write it, in small letters; ends with ".*" for all fields below
	places  []place
	all     bool // the values of all places; otherwise of the first that has any but null
	instead bool // looked at before the record's own field of that name
}

// aliases are the aliases of a log source.
type aliases struct {
	product, service string // "" is any
	list             []alias
}

// place is where a value stands, and what is made of it.
type place struct {
	path   string // in the vendor's record; ends with ".*" like its alias
	ecs    string // in the event's document
	value  string // a constant
	fixed  bool   // value counts
	list   string // path of a list of pairs, of which the one that is called `is` counts
	key    string // member that names a pair
	is     string
	member string // member with a pair's value

	values  map[string]string // what rules call the record's values; keys in folded letters
	others  *string           // what rules call any other value
	absent  *string           // what rules call it when there is none
	unquote bool              // quotes around a text do not count
	at      *route            // of path or list
	cut     string            // only what stands before it counts
}

// readPlaces reads tables of aliases: lists of maps with product, service and fields.
func readPlaces(tables []*Node) ([]aliases, *lineError) {
	var all []aliases
	for _, n := range tables {
		if n.Kind != Map || n.Get("fields") == nil || n.Get("fields").Kind != Map {
			return nil, faultAt(n.Line, "want a map with product, service and fields, got %s", n.what())
		}
		services, err := refs("service", n.Get("service"))
		if err != nil {
			return nil, err
		}
		if len(services) == 0 {
			services = []Ref{{}}
		}
		var list []alias
		for _, p := range n.Get("fields").Pairs {
			a, err := readAlias(p)
			if err != nil {
				return nil, err
			}
			list = append(list, a)
		}
		product := ""
		if v := n.Get("product"); v.Scalar() {
			product = v.Text
		}
		for _, s := range services {
			all = append(all, aliases{strings.ToLower(product), strings.ToLower(s.Text), list})
		}
	}
	return all, nil
}

func readAlias(p Pair) (alias, *lineError) {
	a := alias{name: fold(p.Key)}
	v := p.Value
	if v.Kind == Map && (v.Get("any") != nil || v.Get("first") != nil) {
		for _, q := range v.Pairs {
			switch q.Key {
			case "any", "first":
				a.all = q.Key == "any"
				v = q.Value
			case "instead":
				a.instead = q.Value.Kind == Bool && q.Value.Text == "true"
			default:
				return a, faultAt(q.Line, "%s: unknown key", q.Key)
			}
		}
	}
	items := []*Node{v}
	if v.Kind == List {
		items = v.Items
	}
	for _, item := range items {
		one, err := readPlace(item)
		if err != nil {
			return a, err
		}
		a.places = append(a.places, one)
	}
	return a, nil
}

func readPlace(n *Node) (place, *lineError) {
	if n.Kind == Text {
		return place{path: n.Text}, nil
	}
	if n.Kind != Map {
		return place{}, faultAt(n.Line, "want a path or a map, got %s", n.what())
	}
	var p place
	texts := map[string]*string{
		"path": &p.path, "ecs": &p.ecs, "value": &p.value, "list": &p.list, "key": &p.key, "is": &p.is, "member": &p.member, "cut": &p.cut,
	}
	for _, q := range n.Pairs {
		into := texts[q.Key]
		switch {
		case into != nil && q.Value.Scalar():
			*into = q.Value.Text
			p.fixed = p.fixed || q.Key == "value"
		case q.Key == "others" && q.Value.Scalar():
			p.others = &q.Value.Text
		case q.Key == "absent" && q.Value.Scalar():
			p.absent = &q.Value.Text
		case q.Key == "unquote" && q.Value.Kind == Bool:
			p.unquote = q.Value.Text == "true"
		case q.Key == "values" && q.Value.Kind == Map:
			p.values = map[string]string{}
			for _, one := range q.Value.Pairs {
				if !one.Value.Scalar() {
					return p, faultAt(one.Line, "values.%s: want text, got %s", one.Key, one.Value.what())
				}
				p.values[fold(one.Key)] = one.Value.Text
			}
		default:
			return p, faultAt(q.Line, "%s: unknown key, or a value that does not fit it", q.Key)
		}
	}
	if p.path == "" && p.ecs == "" && p.list == "" && !p.fixed {
		return p, faultAt(n.Line, "names no place: want path, ecs, list or value")
	}
	return p, nil
}

// find returns the alias of a field in a log source, its places made complete; nil when there is none.
func find(tables []aliases, product, service, name string) *alias {
	folded := fold(name)
	for _, t := range tables {
		if t.product != "" && t.product != product || t.service != "" && t.service != service {
			continue
		}
		for i := range t.list {
			a := t.list[i]
			if a.name == folded {
				a.places = complete(a.places, "")
				return &a
			}
			prefix, isPrefix := strings.CutSuffix(a.name, "*")
			if isPrefix && len(folded) > len(prefix) && strings.HasPrefix(folded, prefix) {
				a.places = complete(a.places, name[len(name)-(len(folded)-len(prefix)):])
				return &a
			}
		}
	}
	return nil
}

// complete puts what an alias' star stands for into its places, and makes them ready.
func complete(places []place, rest string) []place {
	done := append([]place{}, places...)
	for i := range done {
		for _, text := range []*string{&done[i].path, &done[i].ecs, &done[i].is} {
			if before, ok := strings.CutSuffix(*text, "*"); ok {
				*text = before + rest
			}
		}
		done[i].at = newRoute(done[i].path + done[i].list)
	}
	return done
}

// look appends what stands at a place and reports whether it is anything but null.
func (m *matcher) look(p *place) bool {
	start := len(m.values)
	switch {
	case p.fixed:
		m.values = append(m.values, textValue(p.value))
	case p.ecs != "":
		m.inDocument(p.ecs)
	case p.list != "":
		m.pairs(p)
	default:
		m.own(p.at)
	}
	for i := start; i < len(m.values); i++ {
		m.rename(p, &m.values[i])
	}
	if len(m.values) == start && p.absent != nil {
		m.values = append(m.values, textValue(*p.absent))
	}
	for i := start; i < len(m.values); i++ {
		if m.values[i].kind != record.Null {
			return true
		}
	}
	m.values = m.values[:start]
	return false
}

// rename makes of a value what rules call it.
func (m *matcher) rename(p *place, v *value) {
	if v.kind == record.Null || v.container() {
		return
	}
	text := v.text
	if p.unquote && len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		text = text[1 : len(text)-1]
		*v = textValue(text)
	}
	if p.cut != "" {
		if before, _, found := strings.Cut(text, p.cut); found {
			*v = textValue(before)
		}
	}
	if p.values == nil && p.others == nil {
		return
	}
	if name, ok := p.values[m.foldedOf(v)]; ok {
		*v = textValue(name)
	} else if p.others != nil {
		*v = textValue(*p.others)
	}
}

// pairs appends the values of those pairs in a list that have the place's name.
func (m *matcher) pairs(p *place) {
	start := len(m.values)
	m.own(p.at)
	found := m.values[start:]
	kept := 0
	for i := range found {
		one := found[i]
		if one.kind != record.Object || !strings.EqualFold(one.raw.Get(p.key).Str(), p.is) {
			continue
		}
		if v := one.raw.Get(p.member); v.Found() {
			found[kept] = valueOf(v)
			kept++
		}
	}
	m.values = m.values[:start+kept]
}
