package main

import (
	"fmt"
	"time"
)

// entraAudit is properties of AuditLogs.
type entraAudit struct {
	ID                  string        `json:"id"`
	Category            string        `json:"category"`
	CorrelationID       string        `json:"correlationId"`
	Result              string        `json:"result"`
	ResultReason        string        `json:"resultReason"`
	ActivityDisplayName string        `json:"activityDisplayName"`
	ActivityDateTime    string        `json:"activityDateTime"`
	LoggedByService     string        `json:"loggedByService"`
	OperationType       string        `json:"operationType"`
	UserAgent           any           `json:"userAgent"`
	InitiatedBy         initiator     `json:"initiatedBy"`
	TargetResources     []auditTarget `json:"targetResources"`
	AdditionalDetails   []keyValue    `json:"additionalDetails"`
}

type initiator struct {
	User *auditUser `json:"user,omitempty"`
	App  *auditApp  `json:"app,omitempty"`
}

type auditUser struct {
	ID                string `json:"id"`
	DisplayName       any    `json:"displayName"`
	UserPrincipalName string `json:"userPrincipalName"`
	IPAddress         string `json:"ipAddress"`
	Roles             []any  `json:"roles"`
}

type auditApp struct {
	AppID                any    `json:"appId"`
	DisplayName          string `json:"displayName"`
	ServicePrincipalID   string `json:"servicePrincipalId"`
	ServicePrincipalName any    `json:"servicePrincipalName"`
}

type auditTarget struct {
	ID                  string          `json:"id"`
	DisplayName         any             `json:"displayName"`
	Type                string          `json:"type"`
	UserPrincipalName   string          `json:"userPrincipalName,omitempty"`
	ModifiedProperties  []auditProperty `json:"modifiedProperties"`
	AdministrativeUnits []any           `json:"administrativeUnits"`
}

// auditProperty holds JSON as text, or null.
type auditProperty struct {
	DisplayName string `json:"displayName"`
	OldValue    any    `json:"oldValue"`
	NewValue    any    `json:"newValue"`
}

// directoryAct is one act on the directory: which operation, of which service, on what.
type directoryAct struct {
	operation, category, service, kind string
	reason                             string
	targets                            []auditTarget
	details                            []keyValue
}

// direct is an act on the directory by the visitor.
func (v *visit) direct(a directoryAct) {
	v.w.audit(v.d, v.at, a, initiator{User: &auditUser{v.who.entraID, nil, v.who.login, v.addr.String(), []any{}}}, v.addr.String())
}

func (w *world) audit(d *dice, at time.Time, a directoryAct, by initiator, addr any) {
	correlation := d.uuid()
	p := entraAudit{ID: fmt.Sprintf("Directory_%s_%s_%d", correlation, d.letters(base32, 5), 100000000+d.IntN(90000000)), Category: a.category,
		CorrelationID: correlation, Result: "success", ResultReason: a.reason, ActivityDisplayName: a.operation,
		ActivityDateTime: entraTime(at) + "+00:00", LoggedByService: a.service, OperationType: a.kind, InitiatedBy: by,
		TargetResources: a.targets, AdditionalDetails: a.details}
	if p.AdditionalDetails == nil {
		p.AdditionalDetails = []keyValue{}
	}
	ev := newEntraEvent("AuditLogs", a.operation, at)
	ev.CallerIPAddress, ev.CorrelationID, ev.Properties = addr, correlation, p
	if by.App != nil {
		ev.Identity = by.App.DisplayName
	}
	w.emit(record{source: entra, at: at, id: p.ID, body: ev})
}

func userTarget(p *person, changes ...auditProperty) auditTarget {
	return newTarget(auditTarget{ID: p.entraID, DisplayName: nil, Type: "User", UserPrincipalName: p.login}, changes)
}

func (s *principal) target(changes ...auditProperty) auditTarget {
	return newTarget(auditTarget{ID: s.id, DisplayName: s.name, Type: "ServicePrincipal"}, changes)
}

func newTarget(t auditTarget, changes []auditProperty) auditTarget {
	t.ModifiedProperties, t.AdministrativeUnits = append([]auditProperty{}, changes...), []any{}
	return t
}

// set is a property that was not there before.
func set(name, value string) auditProperty {
	return auditProperty{name, nil, fmt.Sprintf("%q", value)}
}

// credential is how Entra tells the keys of an application.
func credential(keyID, name string) string {
	return fmt.Sprintf("[KeyIdentifier=%s,KeyType=Password,KeyUsage=Verify,DisplayName=%s]", keyID, name)
}
