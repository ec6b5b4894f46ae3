package kibana

// securityRule raises our alerts in Kibana Security. It looks at when documents arrived and not at what they are dated, so that an
// alert that comes after days offline is raised as well, and groups the revisions of one alert.
// https://www.elastic.co/docs/api/doc/kibana/operation/operation-importrules
func securityRule() object {
	return object{
		"rule_id": "idwatch-alerts", "id": "0b7f1d5c-3f0a-4f0e-9c59-1d8a6f3f7c21", "type": "query", "language": "kuery",
		"name":        "idwatch: identity threat",
		"description": "An alert of idwatch: its rule, reason, score, evidence, owner and escalation stand in the source document.",
		"index":       []string{"logs-idwatch.alert-*"},
		"query":       "event.kind: alert and not idwatch.withdrawn: true and not idwatch.folded_into: *",
		"from":        "now-11m", "interval": "5m", "timestamp_override": "event.ingested", "timestamp_override_fallback_disabled": false,
		"rule_name_override": "rule.name", "severity": "medium", "risk_score": 50,
		"severity_mapping": []object{
			{"field": "event.severity", "operator": "equals", "value": "21", "severity": "low"},
			{"field": "event.severity", "operator": "equals", "value": "47", "severity": "medium"},
			{"field": "event.severity", "operator": "equals", "value": "73", "severity": "high"},
			{"field": "event.severity", "operator": "equals", "value": "99", "severity": "critical"},
		},
		"risk_score_mapping": []object{{"field": "event.risk_score", "operator": "equals", "value": ""}},
		"alert_suppression":  object{"group_by": []string{"event.id"}, "duration": object{"value": 48, "unit": "h"}, "missing_fields_strategy": "doNotSuppress"},
		"max_signals":        1000, "enabled": true,
		"author": []string{"idwatch"}, "license": "Apache-2.0", "tags": []string{"idwatch", "Domain: Identity", "Use Case: Identity and Access Audit"},
		"references": []string{}, "false_positives": []string{}, "threat": []any{}, "version": 1, "immutable": false, "exceptions_list": []any{}, "actions": []any{},
		"note": "The chain of records stands in idwatch.evidence (id and index of each document), the reasons of the score in idwatch.score.parts, " +
			"what would have kept it quiet in idwatch.counterfactual. The owner is idwatch.identity.owner, whom to call idwatch.identity.escalation.",
		"investigation_fields": object{"field_names": []string{
			"event.reason", "event.risk_score", "idwatch.identity.id", "idwatch.identity.kind", "idwatch.identity.owner", "idwatch.identity.escalation",
			"idwatch.score.parts.name", "idwatch.context", "idwatch.gaps", "idwatch.counterfactual",
		}},
	}
}

// Rules is the file of detection rules that Kibana Security imports: one rule a line.
func Rules() ([]byte, error) {
	return lines([]object{securityRule()})
}
