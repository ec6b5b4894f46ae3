package entra

import "strings"

// resource is what an Azure resource id tells. Its parts are found anywhere in the id, without regard to letter case.
type resource struct {
	subscription, group, provider, namespace, name, rule string
}

// maxResource is the length from which a resource id is not looked into. Azure's own end long before.
const maxResource = 2048

// parseResource reads a resource id. Entra's own are /tenants/<tenant>/providers/Microsoft.aadiam.
func parseResource(id string) resource {
	var r resource
	if len(id) > maxResource {
		return r
	}
	subscription, rest := findSubscription(id)
	if subscription != "" && (r.namespaced(rest) || r.named(rest)) {
		r.subscription = subscription
		return r
	}
	if _, after, found := cutFold(id, "/providers/"); found {
		r.provider = after
	}
	if subscription == "" {
		return r
	}
	r.subscription = subscription
	if after, ok := cutPrefixFold(rest, "/providers/"); ok {
		if provider, _, ok := providerType(after); ok {
			r.provider = provider
		}
	} else if after, ok := cutPrefixFold(rest, "/resourceGroups/"); ok {
		r.group = after
	}
	return r
}

// namespaced reads /resourceGroups/G/providers/P/namespaces/N/authorizationRules/R.
func (r *resource) namespaced(rest string) bool {
	rest, ok := cutPrefixFold(rest, "/resourceGroups/")
	if !ok {
		return false
	}
	at := lastFold(rest, "/namespaces/")
	for ; at >= 0; at = lastFold(rest[:at], "/namespaces/") {
		namespace, rule, found := cutFold(rest[at+len("/namespaces/"):], "/authorizationRules/")
		provider := lastFold(rest[:at], "/providers/")
		if found && provider >= 0 {
			r.group, r.provider = rest[:provider], rest[provider+len("/providers/"):at]
			r.namespace, r.rule = namespace, rule
			return true
		}
	}
	return false
}

// named reads /resourceGroups/G/providers/Word.Word/type/name.
func (r *resource) named(rest string) bool {
	rest, ok := cutPrefixFold(rest, "/resourceGroups/")
	if !ok {
		return false
	}
	for at := lastFold(rest, "/providers/"); at >= 0; at = lastFold(rest[:at], "/providers/") {
		provider, name, ok := providerType(rest[at+len("/providers/"):])
		if ok && name != "" {
			r.group, r.provider, r.name = rest[:at], provider, name[1:]
			return true
		}
	}
	return false
}

// providerType cuts Word.Word/word off the front.
func providerType(s string) (provider, rest string, ok bool) {
	first := wordEnd(s, 0)
	if first == 0 || first >= len(s) || s[first] != '.' {
		return "", s, false
	}
	second := wordEnd(s, first+1)
	if second == first+1 || second >= len(s) || s[second] != '/' {
		return "", s, false
	}
	end := wordEnd(s, second+1)
	return s[:end], s[end:], end > second+1
}

func wordEnd(s string, i int) int {
	for i < len(s) && (classes[s[i]] == lower || classes[s[i]] == upper || s[i] == '_' || s[i]-'0' < 10) {
		i++
	}
	return i
}

// findSubscription finds subscriptions/<GUID> and returns the GUID, without braces, and what follows.
func findSubscription(id string) (guid, rest string) {
	const word = "subscriptions/"
	for at := indexFold(id, word); at >= 0; {
		rest = id[at+len(word):]
		if guid, after, ok := cutGUID(rest); ok {
			return guid, after
		}
		next := indexFold(rest, word)
		if next < 0 {
			break
		}
		at += len(word) + next
	}
	return "", id
}

// cutGUID cuts a GUID, which may stand in braces, off the front.
func cutGUID(s string) (guid, rest string, ok bool) {
	open := strings.HasPrefix(s, "{")
	if open {
		s = s[1:]
	}
	if len(s) < 36 {
		return "", s, false
	}
	for i := range 36 {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if c := s[i] | 0x20; dash != (s[i] == '-') || !dash && c-'0' > 9 && c-'a' > 5 {
			return "", s, false
		}
	}
	guid, rest = s[:36], s[36:]
	if open {
		rest, ok = strings.CutPrefix(rest, "}")
		return guid, rest, ok
	}
	return guid, rest, true
}

// tenantOf is the tenant in /tenants/<GUID>/….
func tenantOf(id string) string {
	if _, after, found := cutFold(id, "/tenants/"); found {
		if guid, _, ok := cutGUID(after); ok {
			return guid
		}
	}
	return ""
}

// cutFold cuts s around the first sep, whose letter case does not matter.
func cutFold(s, sep string) (before, after string, found bool) {
	if i := indexFold(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func cutPrefixFold(s, prefix string) (after string, found bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// indexFold is strings.Index for an ASCII text, whatever its letter case.
func indexFold(s, sep string) int {
	for i := 0; i+len(sep) <= len(s); i++ {
		if s[i]|0x20 == sep[0]|0x20 && strings.EqualFold(s[i:i+len(sep)], sep) {
			return i
		}
	}
	return -1
}

func lastFold(s, sep string) int {
	for i := len(s) - len(sep); i >= 0; i-- {
		if s[i]|0x20 == sep[0]|0x20 && strings.EqualFold(s[i:i+len(sep)], sep) {
			return i
		}
	}
	return -1
}
