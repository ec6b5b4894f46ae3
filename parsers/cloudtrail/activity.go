package cloudtrail

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// activity tells what kind of act the record is.
func (t *trail) activity() ecs.Activity {
	ev := t.ev
	service := ev.Cloud.ServiceName
	if service == "" {
		service = ev.Provider
	}
	switch {
	case ev.Action == "" && t.insight.Exists():
		return ecs.RiskReport
	case ev.Action == "":
		return "" // a digest is no act
	}
	if a := t.decided(); a != "" {
		return a
	}
	if a := activities[service][ev.Action]; a != "" {
		return a
	}
	if service == "lambda" {
		if a := lambdaActivity(ev.Action); a != "" {
			return a
		}
	}
	return t.byVerb()
}

// decided gives a kind to actions that need more than their name.
func (t *trail) decided() ecs.Activity {
	switch t.ev.Action {
	case "UpdateAccessKey", "UpdateServiceSpecificCredential", "UpdateSigningCertificate", "UpdateSSHPublicKey":
		return t.byStatus()
	case "AttachUserPolicy", "PutUserPolicy":
		return t.quarantine()
	case "GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory":
		return t.parameterRead()
	case "CredentialVerification", "UserAuthentication":
		return t.identityCenterStep()
	case "CreateToken", "CreateTokenWithIAM":
		return t.tokenGrant()
	}
	return ""
}

// byStatus: a credential is switched on or off.
func (t *trail) byStatus() ecs.Activity {
	switch t.request.Get("status").Str() {
	case "Active":
		return ecs.CredentialEnable
	case "Inactive":
		return ecs.CredentialEnd
	}
	return ecs.CredentialChange
}

// quarantine is what AWS attaches to a user whose key it has found in public.
func (t *trail) quarantine() ecs.Activity {
	const name = "AWSCompromisedKeyQuarantine"
	if strings.Contains(t.request.Get("policyArn").Str(), name) || strings.Contains(t.request.Get("policyName").Str(), name) {
		return ecs.RiskReport
	}
	return ""
}

// parameterRead: only a parameter that is decrypted is a secret.
func (t *trail) parameterRead() ecs.Activity {
	if t.request.Get("withDecryption").Scalar() == "true" {
		return ecs.SecretRead
	}
	return ecs.DataRead
}

// identityCenterStep tells the steps of a portal sign-in apart. The record's own outcome is success even when the step
// failed, so a step that failed is no sign-in.
func (t *trail) identityCenterStep() ecs.Activity {
	failed := t.service.Get(t.ev.Action).Str() == "Failure"
	factor := t.additional.Get("CredentialType").Str()
	isPassword := factor == "" || factor == "PASSWORD" || factor == "EXTERNAL_IDP"
	switch {
	case failed && !isPassword:
		return ecs.MFARefused
	case failed:
		return ecs.PolicyDecision
	case t.ev.Action == "UserAuthentication":
		return ecs.SignIn
	case !isPassword:
		return ecs.MFAApproved
	}
	return ecs.APICall
}

func (t *trail) tokenGrant() ecs.Activity {
	if t.request.Get("grantType").Str() == "refresh_token" {
		return ecs.TokenRefresh
	}
	return ""
}

// lambdaActivity is for Lambda, whose event names end in the API's version.
func lambdaActivity(action string) ecs.Activity {
	for _, row := range lambdaActions {
		if strings.HasPrefix(action, row.prefix) {
			return row.activity
		}
	}
	return ""
}

// byVerb guesses from the record's category and the first word of the action.
func (t *trail) byVerb() ecs.Activity {
	action := t.ev.Action
	isRead := t.readOnly || hasVerb(action, readVerbs)
	switch {
	case t.category == "Data" && isRead:
		return ecs.DataRead
	case t.category == "Data" && strings.HasPrefix(action, "Delete"):
		return ecs.DataDelete
	case t.category == "Data" && hasVerb(action, writeVerbs):
		return ecs.DataWrite
	case isRead:
		return ecs.Discovery
	case hasVerb(action, writeVerbs):
		return ecs.ResourceChange
	}
	return ecs.APICall
}

var (
	readVerbs  = []string{"Describe", "List", "Get", "Head", "Lookup", "Search", "BatchGet", "Query", "Scan"}
	writeVerbs = []string{"Create", "Delete", "Put", "Update", "Modify", "Add", "Remove", "Attach", "Detach", "Associate",
		"Disassociate", "Enable", "Disable", "Start", "Stop", "Terminate", "Register", "Deregister", "Set", "Reset", "Restore",
		"Authorize", "Revoke", "Import", "Copy", "Tag", "Untag", "Run", "Replace", "Release", "Allocate", "Change", "BatchWrite"}
)

func hasVerb(action string, verbs []string) bool {
	for _, verb := range verbs {
		if strings.HasPrefix(action, verb) {
			return true
		}
	}
	return false
}
