package cloudtrail

import "strings"

// origin is the part of a record in which a path begins.
type origin uint8

const (
	fromRecord origin = iota
	fromRequest
	fromResponse
	fromAdditional
	fromResources
)

var origins = map[string]origin{
	"request": fromRequest, "response": fromResponse, "additional": fromAdditional, "resources[]": fromResources,
}

// each stands in a path for each element of a list.
const each = "[]"

// pick is a path to texts that are entity ids.
type pick struct {
	from   origin
	path   []string
	chain  [][]string // members of what the path leads to, offered in turn until one is refused: absent or known already
	within []pick     // further picks inside of what the path leads to
	ends   bool       // a list is left at the first element that is refused
	number bool       // a number counts as well
}

// at reads a path such as "request.groupSet.items[].groupId". One that ends in "#" may lead to a number.
func at(path string) pick {
	path, isNumber := strings.CutSuffix(path, "#")
	first, rest, _ := strings.Cut(path, ".")
	p := pick{number: isNumber}
	switch p.from = origins[first]; p.from {
	case fromRecord:
		p.path = steps(path)
	case fromResources:
		p.path = steps(each + "." + rest)
	default:
		p.path = steps(rest)
	}
	return p
}

func steps(path string) []string {
	path = strings.ReplaceAll(path, each, "."+each)
	return strings.Split(strings.TrimPrefix(path, "."), ".")
}

// all reads several paths.
func all(paths string) []pick {
	var picks []pick
	for _, path := range strings.Fields(paths) {
		picks = append(picks, at(path))
	}
	return picks
}

// until is a path to a list that is left at the first element refused.
func until(path string) pick {
	p := at(path)
	p.ends = true
	return p
}

// chain reads members of what a path leads to, which are offered until one is refused.
func chain(path, members string, within ...pick) pick {
	p := at(path)
	for _, member := range strings.Fields(members) {
		p.chain = append(p.chain, strings.Split(member, "."))
	}
	p.within = within
	return p
}

var resourceARNs = all("resources[].ARN")

// The targets of ssm SendCommand: instances by id, else what the selectors name.
var (
	commandInstances = []pick{until("request.instanceIds[]")}
	commandSelectors = all("request.targets[].values[]")
)

// rule is a source of the table, ready for use.
type rule struct {
	related  []pick
	targets  map[string][]pick
	versions []target
}

// rules are the sources by eventSource.
var rules = func() map[string]*rule {
	byName := map[string]*rule{}
	for name, s := range sources {
		r := &rule{related: append(all(s.related), s.nested...), targets: map[string][]pick{}, versions: s.versions}
		for _, t := range s.targets {
			for _, action := range strings.Fields(t.actions) {
				r.targets[action] = all(t.paths)
			}
		}
		byName[name+domain] = r
	}
	return byName
}()

func (t *trail) takeTargets(s *set, r *rule) {
	t.take(s, r.targets[t.ev.Action])
	for _, v := range r.versions {
		if strings.Contains(t.ev.Action, v.actions) {
			t.take(s, all(v.paths))
		}
	}
}
