package ecs

// Activity is the vendor-neutral kind of an act.
type Activity string

// The kinds of acts. What happened to it (granted, refused) stands in event.outcome.
const (
	SignIn           Activity = "sign_in"
	SignOut          Activity = "sign_out"
	SSO              Activity = "sso" // an assertion or an app sign-in within a session
	MFAPrompt        Activity = "mfa_prompt"
	MFAApproved      Activity = "mfa_approved"
	MFARefused       Activity = "mfa_refused"
	MFAEnroll        Activity = "mfa_enroll"
	MFARemove        Activity = "mfa_remove"
	MFABypass        Activity = "mfa_bypass"
	PolicyDecision   Activity = "policy_decision"
	PolicyChange     Activity = "policy_change"
	SessionChange    Activity = "session_change"
	SessionRevoke    Activity = "session_revoke"
	TokenIssue       Activity = "token_issue"
	TokenRefresh     Activity = "token_refresh"
	TokenReuse       Activity = "token_reuse" // a replayed token was seen
	TokenRevoke      Activity = "token_revoke"
	RoleAssume       Activity = "role_assume"
	Impersonation    Activity = "impersonation"
	PrivilegeGrant   Activity = "privilege_grant"
	PrivilegeRevoke  Activity = "privilege_revoke"
	ElevationRequest Activity = "elevation_request"
	Elevation        Activity = "elevation"
	ElevationEnd     Activity = "elevation_end"
	CredentialCreate Activity = "credential_create"
	CredentialRead   Activity = "credential_read"
	CredentialRotate Activity = "credential_rotate"
	CredentialEnable Activity = "credential_enable"
	CredentialEnd    Activity = "credential_end"
	CredentialChange Activity = "credential_change" // a password or its reset
	SecretRead       Activity = "secret_read"
	SecretWrite      Activity = "secret_write"
	SecretList       Activity = "secret_list"
	SecretDelete     Activity = "secret_delete"
	DataRead         Activity = "data_read"
	DataWrite        Activity = "data_write"
	DataDelete       Activity = "data_delete"
	DataShare        Activity = "data_share"
	IdentityCreate   Activity = "identity_create"
	IdentityChange   Activity = "identity_change"
	IdentityDisable  Activity = "identity_disable"
	IdentityEnable   Activity = "identity_enable"
	IdentityDelete   Activity = "identity_delete"
	AppConsent       Activity = "app_consent"
	AppChange        Activity = "app_change"
	TrustChange      Activity = "trust_change" // federation, identity providers, role trust
	LogTampering     Activity = "log_tampering"
	Discovery        Activity = "discovery"
	ResourceChange   Activity = "resource_change"
	CodeRun          Activity = "code_run" // instances, functions, commands, models started
	Deployment       Activity = "deployment"
	Failover         Activity = "failover"
	RiskReport       Activity = "risk_report" // the vendor's own judgement or a user's complaint
	APICall          Activity = "api_call"    // anything else
)

// The kinds of identities.
const (
	Human    = "human"
	Machine  = "service" // a service account or key user
	Workload = "workload"
	AIAgent  = "agent"
	Root     = "root"
)

// Identity is idwatch.identity.*: who acts, as far as the record and the context file alone tell.
type Identity struct {
	ID         string // stable name, such as "alice@acme.example", "entra:app/<appId>", an ARN, "vault:approle/<role>"
	Kind       string // Human, Machine, Workload, AIAgent or Root
	Owner      string
	Function   string
	ThirdParty bool
	Privileged bool
}

// IsMachine reports whether the identity is known to be no person.
func (i *Identity) IsMachine() bool {
	return i.Kind == Machine || i.Kind == Workload || i.Kind == AIAgent
}

// Link is idwatch.link.*: the keys by which one record joins another, beside Elastic's own fields.
type Link struct {
	Login          string // login name of a person, lower case
	Session        string // Okta externalSessionId, Entra sessionId, AWS principal id of a role session
	RootSession    string // Okta rootSessionId
	Device         string // Okta dtHash or device.id, Entra deviceId
	Trace          string // Okta traceId or transaction.id, Entra correlationId, AWS AuthWorkflowID, Vault x-correlation-id
	Token          string // Entra uniqueTokenIdentifier
	Credential     string // used by the caller: Okta API token id, Entra key id, AWS accessKeyId, Vault accessor
	CredentialMade string // made or issued by this act
	CredentialGone string // ended by this act
	Role           string // AWS session issuer ARN, Vault role
	RoleAssumed    string // ARN of the role session issued
	SessionName    string // AWS role session name
	SourceIdentity string // AWS sourceIdentity
	OnBehalfOf     string // AWS Identity Center user id
	Subject        string // subject of a web identity or SAML assertion, Vault alias name
	Issuer         string // who vouches for Subject
	Entity         string // Vault entity id
	Lease          string // Vault lease id
	Request        string // Vault request id
	Tenant         string // home tenant of a foreign principal
}
