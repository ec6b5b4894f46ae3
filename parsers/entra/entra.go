// Package entra parses what Microsoft Entra ID writes to its logs: sign-ins, audit records, Identity Protection and
// Microsoft Graph activity, and with them any other record that Azure's diagnostic settings send the same way.
package entra

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// The values of event.dataset, named as Elastic's azure integration names them.
const (
	SignInDataset   = "azure.signinlogs"
	AuditDataset    = "azure.auditlogs"
	RiskDataset     = "azure.identity_protection"
	GraphDataset    = "azure.graphactivitylogs"
	ActivityDataset = "azure.activitylogs"
)

const (
	module  = "azure"
	version = "8.11.0" // ecs.version of all these streams
)

// Parser maps records; its zero value maps them as the versions of Elastic's integration up to 1.40 do.
type Parser struct {
	// OTel adds the names that version 1.41 of the integration brings beside the old ones, such as azure.tenant.id.
	OTel bool
}

// Parse maps one record as the zero Parser does.
func Parse(ev *ecs.Event) error { return Parser{}.Parse(ev) }

// Parse fills ev from ev.Record, which is a record of a diagnostic setting or, without the envelope that those
// have, a sign-in or an audit record from Microsoft Graph. A record of unknown category is Azure activity.
// https://learn.microsoft.com/en-us/entra/identity/monitoring-health/overview-monitoring-health
func (p Parser) Parse(ev *ecs.Event) error {
	root := ev.Record.Root()
	ev.Module, ev.ECSVersion, ev.Kind = module, version, "event"
	ev.Cloud.Provider = module
	var k walk
	k.B = ev.Vendor
	err := p.route(ev, root, &k)
	ev.Vendor = k.B
	if k.Cleaned {
		ev.KeepOriginal = true
	}
	return err
}

func (p Parser) route(ev *ecs.Event, root record.Value, k *walk) error {
	name, spelling := category(root)
	switch {
	case strings.HasSuffix(name, "SignInLogs"):
		return p.signIn(ev, root, k)
	case name == "AuditLogs":
		k.loose = spelling != "category"
		return p.audit(ev, root, k)
	case isRisk(name):
		k.loose = spelling != "category"
		return p.risk(ev, root, k)
	case name == "MicrosoftGraphActivityLogs":
		return p.graph(ev, root, k)
	case isGraphSignIn(root):
		return p.graphSignIn(ev, root, k)
	case isGraphAudit(root):
		return p.graphAudit(ev, root, k)
	}
	k.loose = true
	return p.activity(ev, root, k)
}

// category is the record's category and how its key is spelled.
func category(root record.Value) (name, spelling string) {
	for _, spelling := range []string{"category", "Category", "CategoryValue"} {
		if name := root.Get(spelling).Str(); name != "" {
			return name, spelling
		}
	}
	return "", ""
}

// isRisk reports whether a category is one of Identity Protection.
func isRisk(category string) bool {
	switch category {
	case "RiskyUsers", "UserRiskEvents",
		"RiskyServicePrincipals", "ServicePrincipalRiskEvents",
		"RiskyAgents", "AgentRiskEvents":
		return true
	}
	return false
}
