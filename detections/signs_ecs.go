package detections

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

const (
	ecsAlert       = "ecs_alert"
	ecsTheft       = "ecs_credential_theft"
	ecsSecretFound = "ecs_secret_found"
	ecsSecretOver  = "ecs_secret_resolved"
)

// ecsSigns are what documents show that are ECS already. They raise nothing by themselves: whoever wrote them did.
var ecsSigns = []*Sign{
	{
		Rule:    Rule{ID: ecsAlert, Name: "Alert of another product", Points: 30},
		Dataset: ecsContext, Quiet: true, Foreign: true, When: func(ev *ecs.Event) bool { return ev.Activity == ecs.RiskReport },
	},
	{
		Rule:    Rule{ID: ecsTheft, Name: "Credentials taken on a host"},
		Dataset: ecsContext, Quiet: true, When: func(ev *ecs.Event) bool { return ev.Activity == ecs.RiskReport && isTheft(ev.Record.Root()) },
	},
	{
		Rule:    Rule{ID: ecsSecretFound, Name: "AWS key found in a repository"},
		Dataset: ecsContext, Quiet: true, When: func(ev *ecs.Event) bool {
			root := ev.Record.Root()
			return isRepository(root) && isAWSSecret(root) && !isResolved(ev, root)
		},
	},
	{
		Rule:    Rule{ID: ecsSecretOver, Name: "Finding in a repository resolved"},
		Dataset: ecsContext, Quiet: true, When: func(ev *ecs.Event) bool { return isRepository(ev.Record.Root()) && isResolved(ev, ev.Record.Root()) },
	},
}

// isTheft reports whether an alert is about credentials taken from a host: by ATT&CK's tactic, or by its techniques.
func isTheft(root record.Value) bool {
	host := ecsText(root, "host.name") + ecsText(root, "host.hostname") + ecsText(root, "host.id")
	if host == "" {
		return false
	}
	for _, threat := range []string{"threat", "kibana.alert.rule.threat"} {
		if inThreat(root.Lookup(threat)) {
			return true
		}
	}
	return tellsTheft(root.Lookup("threat.tactic.id"), root.Lookup("threat.tactic.name"), root.Lookup("threat.technique.id"))
}

// inThreat looks into threat.*, which is an object or a list of them, with lists within.
func inThreat(threat record.Value) bool {
	if threat.Kind() == record.Array {
		for m := threat.First(); m.Found(); m = m.NextIn(threat) {
			if inThreat(m) {
				return true
			}
		}
		return false
	}
	tactic, technique := threat.Get("tactic"), threat.Get("technique")
	if tellsTheft(tactic.Get("id"), tactic.Get("name"), technique.Get("id")) {
		return true
	}
	for _, list := range []record.Value{tactic, technique} {
		if list.Kind() != record.Array {
			continue
		}
		for m := list.First(); m.Found(); m = m.NextIn(list) {
			if tellsTheft(m.Get("id"), m.Get("name"), m.Get("id")) {
				return true
			}
		}
	}
	return false
}

// thefts are the techniques that take credentials from a host.
var thefts = []string{"T1003", "T1539", "T1555", "T1552", "T1558", "T1056", "T1212", "T1649", "T1187", "T1606"}

func tellsTheft(tactics, names, techniques record.Value) bool {
	if tactics.HasText("TA0006") || names.HasText("Credential Access") {
		return true
	}
	for _, id := range techniques.Texts(nil, 16) {
		if parent, _, _ := strings.Cut(id, "."); slices.Contains(thefts, parent) {
			return true
		}
	}
	return false
}

// isRepository reports whether a document is about a secret found in a repository.
func isRepository(root record.Value) bool {
	for _, field := range []string{"data_stream.dataset", "event.dataset", "event.action", "rule.category", "rule.ruleset"} {
		text := strings.ToLower(ecsText(root, field))
		if strings.Contains(text, "secret_scan") || strings.Contains(text, "secret-scan") || strings.Contains(text, "secret scan") || strings.Contains(text, "secret_detection") {
			return true
		}
	}
	return root.Lookup("github.secret_scanning").Exists()
}

// isAWSSecret reports whether the secret found is one that AWS would quarantine.
func isAWSSecret(root record.Value) bool {
	for _, field := range []string{"github.secret_scanning.secret_type", "github.secret_type", "rule.name", "rule.id", "threat.indicator.type"} {
		text := strings.ToLower(ecsText(root, field))
		if strings.Contains(text, "aws") || strings.Contains(text, "amazon") {
			return true
		}
	}
	return accessKeyIn(root.Raw()) != ""
}

// isResolved reports whether the finding is over: revoked, or no secret after all.
func isResolved(ev *ecs.Event, root record.Value) bool {
	for _, text := range []string{ev.Action, ecsText(root, "github.state"), ecsText(root, "github.secret_scanning.state"), ecsText(root, "github.secret_scanning.resolution"), ecsText(root, "event.type")} {
		text = strings.ToLower(text)
		if strings.Contains(text, "resolve") || strings.Contains(text, "revoke") || strings.Contains(text, "false_positive") || text == "deletion" {
			return true
		}
	}
	return false
}
