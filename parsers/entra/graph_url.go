package entra

import "strings"

// pii takes away the marks that Microsoft puts around personal data in an address.
var pii = strings.NewReplacer("<pii>", "", "</pii>", "")

// url writes url.* of the address that was called, whose marks of personal data stay in url.original only.
func (k *walk) url(original string) {
	text := original
	if strings.Contains(text, "pii>") {
		text = pii.Replace(text)
	}
	mark := k.Open("url")
	k.Str("original", original)
	if scheme, rest, ok := strings.Cut(text, "://"); ok && isScheme(scheme) {
		k.Str("scheme", scheme)
		rest, fragment, _ := strings.Cut(rest, "#")
		k.Str("fragment", fragment)
		rest, query, _ := strings.Cut(rest, "?")
		k.Str("query", query)
		host, path := rest, ""
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			host, path = rest[:i], rest[i:]
		}
		k.host(host)
		k.Str("path", path)
		// As in Elastic's pipeline: what follows the last dot, so that /v1.0/users has one.
		if i := strings.LastIndexByte(path, '.'); i >= 0 {
			k.Str("extension", path[i+1:])
		}
	}
	k.Close(mark)
}

// host writes the name and the port of an address.
func (k *walk) host(host string) {
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		if port, ok := wholeNumber(host[i+1:]); ok && port > 0 && port < 1<<16 {
			k.Number("port", port)
			host = host[:i]
		}
	}
	k.Str("domain", host)
}

func isScheme(s string) bool {
	for i := range len(s) {
		if c := classes[s[i]]; c != lower && c != upper {
			return false
		}
	}
	return s != ""
}
