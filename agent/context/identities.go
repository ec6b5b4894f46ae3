package context

import (
	"fmt"
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// kinds are the kinds of identities that a file may name.
var kinds = []string{ecs.Human, ecs.Machine, ecs.Workload, ecs.AIAgent, ecs.Root}

// identity reads one entry of identities.
func (d *decoder) identity(n *node, path string) {
	k := detections.Known{}
	var names *node // looked at when the id is known
	d.object(n, path, []string{"id"}, members{
		"id":          func(n *node, at string) { k.ID = d.text(n, at); d.claim(k.ID, n.line, at) },
		"kind":        func(n *node, at string) { k.Kind = d.word(n, at, kinds) },
		"names":       func(n *node, _ string) { names = n },
		"owner":       func(n *node, at string) { k.Owner = d.text(n, at) },
		"function":    func(n *node, at string) { k.Function = d.text(n, at) },
		"escalation":  func(n *node, at string) { k.Escalation = d.texts(n, at) },
		"privileged":  func(n *node, at string) { k.Privileged = d.yes(n, at) },
		"third_party": func(n *node, at string) { k.ThirdParty = d.yes(n, at) },
		"environment": func(n *node, at string) { k.Environment = d.text(n, at) },
		"lifecycle":   func(n *node, at string) { d.lifecycle(n, at, &k) },
	})
	if names != nil {
		k.Names = d.names(names, path+".names", k.ID)
	}
	d.into.Identities = append(d.into.Identities, k)
}

// names reads the names that logs use. Two identities cannot have the same one.
func (d *decoder) names(n *node, path, id string) []string {
	before := len(d.errs)
	names := d.texts(n, path)
	if len(d.errs) > before {
		return names // places and lines would not fit
	}
	for i, name := range names {
		line, at := n.line, path
		if n.kind == list {
			line, at = n.items[i].line, fmt.Sprintf("%s[%d]", path, i)
		}
		switch {
		case strings.Trim(name, "*?") == "":
			d.fail(line, at, "stands for every identity there is")
		case name != id:
			d.claim(name, line, at)
		}
	}
	return names
}

// claim notes an id or a name, which must be free.
func (d *decoder) claim(name string, line int, path string) {
	if name == "" {
		return
	}
	key := identity.Fold(name)
	if first := d.lines[key]; first > 0 {
		d.fail(line, path, fmt.Sprintf("is there twice, first in line %d", first))
		return
	}
	d.lines[key] = line
}

// lifecycle reads since when, until when and how often renewed an identity is meant to be.
func (d *decoder) lifecycle(n *node, path string, k *detections.Known) {
	d.object(n, path, nil, members{
		"created":       func(n *node, at string) { k.Created = d.day(n, at) },
		"expires":       func(n *node, at string) { k.Expires = d.day(n, at) },
		"rotation_days": func(n *node, at string) { k.Rotation = time.Duration(d.number(n, at, 1, 3660)) * 24 * time.Hour },
	})
	if !k.Created.IsZero() && !k.Expires.IsZero() && !k.Expires.After(k.Created) {
		d.fail(n.line, path+".expires", "is not after created")
	}
}
