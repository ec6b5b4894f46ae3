package detections

import (
	"strings"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// ecsContext is the one stream that all documents which are ECS already make for the engine: they could name any number.
const ecsContext = "ecs"

// ecsFacts tells what documents tell that are ECS already. They are context: no habit comes of them but of sign-ins.
func ecsFacts(ev *ecs.Event, a *Act, words *words) {
	root := ev.Record.Root()
	a.Dataset = ecsContext
	rule := ecs.FirstOf(ecsText(root, "rule.name"), ecsText(root, "kibana.alert.rule.name"))
	a.Why = words.of(rule)
	a.Action = words.of(ecs.FirstOf(ev.Action, rule, ev.Kind))
	a.Name = words.of(ecs.FirstOf(ev.Link.Login, ev.User.Name, ev.Service.Name, ev.Host.Name))
	if host := ecs.FirstOf(ev.Host.Name, ev.Host.ID); host != "" {
		a.Topic = hostTopic + strings.ToLower(host)
	}
	if ev.Activity == ecs.RiskReport {
		a.Target = a.Why
		a.Failed, a.Outcome = false, "" // what somebody's alert calls its outcome is not that of an act
	}
	if target := ecs.FirstOf(ev.User.Target.Email, ev.User.Target.Name); ecs.IsMail(target) {
		a.TargetID = words.of(strings.ToLower(target))
		a.Target = a.TargetID
	}
	if isRepository(root) {
		ecsSecret(root, a, words)
	}
	ecsLinks(ev, root, a)
}

// hostTopic stands before the name of a host in topics.
const hostTopic = "host/"

// leakTopic stands before what tells a leaked secret apart: the access key, or the finding.
const leakTopic = "leak/"

// ecsSecret notes which secret a scanner of repositories found.
func ecsSecret(root record.Value, a *Act, words *words) {
	a.Target = words.of(ecs.FirstOf(ecsText(root, "github.repository.full_name"), ecsText(root, "github.repo"), a.Target))
	a.Object = accessKeyIn(root.Raw())
	number := ecs.FirstOf(ecsText(root, "github.secret_scanning.number"), ecsText(root, "github.number"), a.Object)
	a.Topic = words.of(leakTopic + a.Target + "/" + number)
}

// accessKeyIn is the first long-lived AWS access key in a text: the key's id, which is no secret.
func accessKeyIn(text []byte) string {
	const length = 20
	s := string(text)
	for at := strings.Index(s, "AKIA"); at >= 0; {
		end := at
		for end < len(s) && (s[end] >= 'A' && s[end] <= 'Z' || s[end] >= '0' && s[end] <= '9') {
			end++
		}
		if end-at == length && (at == 0 || !isLetter(s[at-1])) {
			return strings.Clone(s[at:end])
		}
		next := strings.Index(s[end:], "AKIA")
		if next < 0 {
			break
		}
		at = end + next
	}
	return ""
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// ecsLinks joins the names that a document gives to one user: a SID is of one account for ever, and so is a provider's own id.
func ecsLinks(ev *ecs.Event, root record.Value, a *Act) {
	id := ev.User.ID
	if a.Actor.ID == "" || id == "" {
		return
	}
	provider, _, _ := strings.Cut(ecs.FirstOf(ecsText(root, "event.module"), ev.Dataset), ".")
	name := ""
	switch {
	case strings.HasPrefix(id, "S-1-5-21-"):
		name = "ecs:sid/" + strings.Clone(id)
	case provider == "okta" && strings.HasPrefix(id, "00u"):
		name = "okta:" + strings.Clone(id)
	case (provider == "azure" || provider == "entra_id" || provider == "entityanalytics_entra_id") && len(id) == 36:
		name = "entra:user/" + strings.Clone(id)
	default:
		return
	}
	a.Links = append(a.Links, identity.Tie{From: a.Actor.ID, To: name, Key: "user.id", Strength: identity.A})
}

// ecsText is the text of a field by its dotted path, the first of several.
func ecsText(root record.Value, path string) string {
	v := root.Lookup(path)
	if v.Kind() == record.Array {
		v = v.First()
	}
	return v.Scalar()
}
