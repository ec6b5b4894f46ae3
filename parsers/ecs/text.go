package ecs

import (
	"net/netip"
	"strings"
)

// FirstOf returns the first text that is not empty.
func FirstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// IsMail reports whether a login looks like an e-mail address.
func IsMail(login string) bool {
	at := strings.IndexByte(login, '@')
	return at > 0 && at < len(login)-1
}

// IsIP reports whether a text is an address that an ip field takes.
func IsIP(text string) bool {
	addr, err := netip.ParseAddr(text)
	return err == nil && addr.Zone() == ""
}
