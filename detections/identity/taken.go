package identity

import "strings"

// personal are the ids of which a person has one: how they begin, and whether only links by the same key say so.
var personal = []struct {
	prefix string
	byKey  bool
}{
	{"okta:00u", false}, {"entra:user/", false},
	{"vault:entity/", true}, // one for each way to log in
}

// taken reports whether a link ties a login to an id although it is tied to another one of the same kind: the login has been given to
// somebody new, or is a mailbox that several people share. Both stay who they are.
func (g *Graph) taken(l *Tie) bool {
	login, id := l.From, l.To
	if !isLogin(login) {
		login, id = id, login
	}
	if !isLogin(login) {
		return false
	}
	root := g.names.Get(g.Find(login))
	if root == nil {
		return false
	}
	for _, kind := range personal {
		if !strings.HasPrefix(id, kind.prefix) {
			continue
		}
		for _, other := range root.names {
			if other != id && strings.HasPrefix(other, kind.prefix) && g.tied(login, other, kind.byKey, l.Key) {
				return true
			}
		}
	}
	return false
}

// tied reports whether a link stands between two names that is no hint; of that key, where that matters.
func (g *Graph) tied(a, b string, byKey bool, key string) bool {
	if a > b {
		a, b = b, a
	}
	n := g.names.Get(a)
	if n == nil {
		return false
	}
	for i := range n.links {
		l := &n.links[i]
		if l.To == b && l.Strength != C && (!byKey || l.Key == key) {
			return true
		}
	}
	return false
}

func isLogin(name string) bool {
	return strings.IndexByte(name, '@') > 0 && !strings.HasPrefix(name, "arn:") && !strings.HasPrefix(name, "ecs:")
}
