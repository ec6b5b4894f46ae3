package sigma

import (
	"net/netip"
	"regexp"
)

// textElement compiles a text and what its placeholders make of it.
func textElement(m *modifiers, texts []string, keyword bool) (element, string) {
	var e element
	for _, text := range texts {
		checks, problem := textChecks(m, text, keyword)
		if problem != "" {
			return e, problem
		}
		e.checks = append(e.checks, checks...)
	}
	return e, ""
}

func textChecks(m *modifiers, text string, keyword bool) ([]check, string) {
	switch m.typ {
	case "re":
		return regexChecks(m.flags, text)
	case "cidr":
		return cidrChecks(text)
	}
	p := readPattern(text)
	if m.windash {
		p = dashed(p)
	}
	patterns := [][]rune{p}
	if len(m.encode) > 0 {
		text, ok := plain(p)
		if !ok {
			return nil, "a value with wildcards cannot be encoded"
		}
		patterns = nil
		for _, one := range encoded(text, m.encode) {
			patterns = append(patterns, []rune(one))
		}
	}
	var checks []check
	for _, p := range patterns {
		checks = append(checks, placed(m, p, keyword))
	}
	return checks, ""
}

// placed makes a check of a pattern that stands where the modifiers say.
func placed(m *modifiers, p []rune, keyword bool) check {
	place := m.place
	if place == "" && keyword {
		place = "contains"
	}
	if place == "contains" && onlyStars(p) {
		return &globCheck{glob{some: true}, m.cased}
	}
	if place == "contains" || place == "endswith" {
		p = append([]rune{anyRun}, p...)
	}
	if place == "contains" || place == "startswith" {
		p = append(p[:len(p):len(p)], anyRun)
	}
	return newTextCheck(p, m.cased)
}

func onlyStars(p []rune) bool {
	for _, r := range p {
		if r != anyRun {
			return false
		}
	}
	return len(p) > 0
}

// maxRegex bounds a regular expression, in bytes.
const maxRegex = 10_000

func regexChecks(flags, text string) ([]check, string) {
	if len(text) > maxRegex {
		return nil, "regular expression is too long"
	}
	if flags != "" {
		text = "(?" + flags + ")" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, "regular expression is not one that is supported (RE2: without look-around and back references): " + err.Error()
	}
	return []check{regexCheck{re}}, ""
}

func cidrChecks(text string) ([]check, string) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return []check{cidrCheck{unmapped(prefix)}}, ""
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return nil, "want a network such as 192.0.2.0/24 or 2001:db8::/32"
	}
	addr = addr.Unmap()
	return []check{cidrCheck{netip.PrefixFrom(addr, addr.BitLen())}}, ""
}

// unmapped is a network in the form in which addresses are compared.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked()
}
