package entra

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// credentials notes which keys of an application came and went. The old and the new value list all that there were:
// ["[KeyIdentifier=<GUID>,KeyType=Password,…]"].
func (k *walk) credentials(ev *ecs.Event) {
	targets := k.found[targetSlot]
	for target := targets.First(); target.Kind() != record.Absent; target = target.NextIn(targets) {
		changes := target.Get("modifiedProperties")
		for change := changes.First(); change.Kind() != record.Absent; change = change.NextIn(changes) {
			if change.Get("displayName").Str() != "KeyDescription" {
				continue
			}
			before, after := change.Get("oldValue").Str(), change.Get("newValue").Str()
			ev.Link.CredentialMade = keyOnlyIn(after, before)
			ev.Link.CredentialGone = keyOnlyIn(before, after)
			ev.Activity = credentialActivity(ev)
			return
		}
	}
}

// credentialActivity is what an operation on an application's keys was, by what became of the keys.
func credentialActivity(ev *ecs.Event) ecs.Activity {
	made, gone := ev.Link.CredentialMade != "", ev.Link.CredentialGone != ""
	switch {
	case made && gone:
		return ecs.CredentialRotate
	case made:
		return ecs.CredentialCreate
	case gone:
		return ecs.CredentialEnd
	}
	return ev.Activity
}

// maxKeys bounds how many keys of an application are compared.
const maxKeys = 64

// keyOnlyIn is the first key that one list of keys has and the other has not.
func keyOnlyIn(list, other string) string {
	const mark = "KeyIdentifier="
	for range maxKeys {
		_, rest, found := strings.Cut(list, mark)
		if !found {
			break
		}
		key, _, _ := strings.Cut(rest, ",")
		if len(key) == 36 && !strings.Contains(other, key) {
			return key
		}
		list = rest
	}
	return ""
}
