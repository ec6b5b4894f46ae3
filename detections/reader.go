package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Reader makes acts of events: it knows which member of which record tells what. It serves one goroutine.
type Reader struct {
	words *words
	signs map[string]map[string][]*Sign // by dataset and action; those of any action under ""
	added Matcher                       // nil without users' rules
}

// NewReader returns a reader that looks for signs.
func NewReader(signs []*Sign) *Reader {
	r := &Reader{words: newWords(), signs: map[string]map[string][]*Sign{}}
	for _, s := range signs {
		of := r.signs[s.Dataset]
		if of == nil {
			of = map[string][]*Sign{}
			r.signs[s.Dataset] = of
		}
		if len(s.Actions) == 0 {
			of[""] = append(of[""], s)
		}
		for _, action := range s.Actions {
			of[action] = append(of[action], s)
		}
	}
	return r
}

// Use makes the reader look for what users look for, and for nothing else that they looked for before.
func (r *Reader) Use(added *Added) { r.added = added.matcher() }

// facts fill what a source's records tell beyond the fields that all sources share.
var facts = map[string]func(ev *ecs.Event, a *Act, words *words){
	"okta.system":               oktaFacts,
	"azure.signinlogs":          signInFacts,
	"azure.auditlogs":           auditFacts,
	"azure.identity_protection": riskFacts,
	"azure.graphactivitylogs":   graphFacts,
	"azure.activitylogs":        activityFacts,
	"aws.cloudtrail":            cloudtrailFacts,
	"hashicorp_vault.audit":     vaultFacts,
}

// Read makes an act of an event, which is valid during the call only. ok is false for records that tell of no act by
// themselves: a Vault request, whose response tells all, and what has no time.
func (r *Reader) Read(ev *ecs.Event) (a *Act, ok bool) {
	if ev.Time.IsZero() || isHalf(ev) {
		return nil, false
	}
	a = actOf(ev, r.words)
	if ev.Whole { // whatever it calls itself: it is no vendor's record
		ecsFacts(ev, a, r.words)
		a.network = r.words.network(a)
		r.look(ev, a, r.signs[ecsContext][""])
		return a, true
	}
	if fill := facts[ev.Dataset]; fill != nil {
		fill(ev, a, r.words)
	}
	a.network = r.words.network(a)
	signs := r.signs[ev.Dataset]
	r.look(ev, a, signs[""])
	if a.Action != "" {
		r.look(ev, a, signs[a.Action])
	}
	if r.added != nil {
		r.added.Match(ev, a)
	}
	return a, true
}

// isHalf reports whether a record is a Vault request, whose response will tell all. The request that switches an audit
// device off is whole: nobody writes its response
// any more. A server's own test entry has no token.
func isHalf(ev *ecs.Event) bool {
	return ev.Dataset == vault && strings.HasSuffix(ev.NativeID, "/request") && (ev.Activity != ecs.LogTampering || ev.Link.Credential == "")
}

// look adds the signs that the record bears.
func (r *Reader) look(ev *ecs.Event, a *Act, signs []*Sign) {
	for _, s := range signs {
		if (!a.Failed || s.Failures) && (s.When == nil || s.When(ev)) {
			a.Signs = append(a.Signs, s)
		}
	}
}
