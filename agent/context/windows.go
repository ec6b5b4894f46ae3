package context

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/idwatch/idwatch/agent/strict"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/detections/identity"
)

var (
	windowKinds  = []string{"deployment", "maintenance", "failover", "rotation", "elevation"}
	sources      = []string{"okta", "entra", "cloudtrail", "vault", "ecs"}
	networkKinds = []string{"egress"}
)

// named is an identity that a window names.
type named struct {
	name, path string
	line       int
}

// window reads one entry of windows.
func (d *decoder) window(n *node, path string) {
	w := detections.Window{}
	d.object(n, path, []string{"kind", "from", "until", "identities"}, members{
		"kind":       func(n *node, at string) { w.Kind = d.word(n, at, windowKinds) },
		"from":       func(n *node, at string) { w.From = d.moment(n, at) },
		"until":      func(n *node, at string) { w.Until = d.moment(n, at) },
		"identities": func(n *node, at string) { w.Identities = d.whom(n, at) },
		"sources":    func(n *node, at string) { w.Sources = d.sources(n, at) },
		"operations": func(n *node, at string) { w.Operations = d.texts(n, at) },
		"ticket":     func(n *node, at string) { w.Ticket = d.text(n, at) },
	})
	if !w.From.IsZero() && !w.Until.IsZero() && !w.Until.After(w.From) {
		d.fail(n.line, path+".until", "is not after from")
	}
	d.into.Windows = append(d.into.Windows, w)
}

// whom reads the identities of a window. A window for everybody would hide an attacker too.
func (d *decoder) whom(n *node, path string) []string {
	names := d.texts(n, path)
	for _, name := range names {
		if strings.Trim(name, "*?") == "" {
			d.fail(n.line, path, "stands for every identity there is")
		}
		d.named = append(d.named, named{name, path, n.line})
	}
	return names
}

// checkWindows finds names in windows that are probably misspelt ids: such a window would have no effect.
func (d *decoder) checkWindows() {
	var ids []string
	for i := range d.into.Identities {
		ids = append(ids, d.into.Identities[i].ID)
	}
	for _, n := range d.named {
		if d.lines[identity.Fold(n.name)] > 0 || strings.ContainsAny(n.name, ":@*?") {
			continue
		}
		if best := strict.Nearest(n.name, ids); best != "" {
			d.fail(n.line, n.path, "names no identity of this file, but one that is nearly spelt so, in line "+
				strconv.Itoa(d.lines[identity.Fold(best)]))
		}
	}
}

func (d *decoder) sources(n *node, path string) []string {
	names := d.texts(n, path)
	for _, name := range names {
		if !slices.Contains(sources, name) {
			d.fail(n.line, path, "unknown source"+strict.OneOf(name, sources))
		}
	}
	return names
}

// network reads one entry of networks.
func (d *decoder) network(n *node, path string) {
	w := detections.Network{}
	d.object(n, path, []string{"name", "cidrs"}, members{
		"name": func(n *node, at string) { w.Name = d.text(n, at) },
		"kind": func(n *node, at string) { w.Kind = d.word(n, at, networkKinds) },
		"cidrs": func(n *node, at string) {
			for _, said := range d.texts(n, at) {
				if cidr, problem := parseCIDR(said); problem != "" {
					d.fail(n.line, at, problem)
				} else {
					w.CIDRs = append(w.CIDRs, cidr)
				}
			}
		},
	})
	d.into.Networks = append(d.into.Networks, w)
}

// parseCIDR reads a network, or one address, and says what is wrong with it.
func parseCIDR(said string) (cidr netip.Prefix, problem string) {
	if addr, err := netip.ParseAddr(said); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), ""
	}
	cidr, err := netip.ParsePrefix(said)
	switch {
	case err != nil || cidr.Addr().Is4In6():
		return cidr, "want networks such as 203.0.113.0/24 or 2001:db8::/32"
	case cidr.Bits() == 0:
		return cidr, "has every address there is in it"
	}
	return cidr.Masked(), ""
}
