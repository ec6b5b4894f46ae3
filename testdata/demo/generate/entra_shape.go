package main

import (
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// entraEvent is the envelope of Azure Monitor around every kind of Entra record.
// https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs
type entraEvent struct {
	Time              string `json:"time"`
	ResourceID        string `json:"resourceId"`
	OperationName     string `json:"operationName"`
	OperationVersion  string `json:"operationVersion"`
	Category          string `json:"category"`
	TenantID          string `json:"tenantId"`
	ResultType        string `json:"resultType,omitempty"`
	ResultSignature   string `json:"resultSignature"`
	ResultDescription string `json:"resultDescription,omitempty"`
	DurationMS        any    `json:"durationMs"`
	CallerIPAddress   any    `json:"callerIpAddress,omitempty"`
	CorrelationID     string `json:"correlationId"`
	Identity          string `json:"identity,omitempty"`
	Level             any    `json:"Level"`
	Location          string `json:"location,omitempty"`
	Properties        any    `json:"properties"`
}

func newEntraEvent(category, operation string, at time.Time) entraEvent {
	return entraEvent{Time: entraTime(at) + "Z", ResourceID: "/tenants/" + tenant + "/providers/Microsoft.aadiam", OperationName: operation,
		OperationVersion: "1.0", Category: category, TenantID: tenant, ResultSignature: "None", DurationMS: 0, Level: 4}
}

// entraTime has seven decimals; records add Z or an offset.
func entraTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000") }

// signIn is properties of the sign-in categories. What a category does not have is empty, as Entra writes it.
type signIn struct {
	ID                                string         `json:"id"`
	CreatedDateTime                   string         `json:"createdDateTime"`
	UserDisplayName                   string         `json:"userDisplayName"`
	UserPrincipalName                 string         `json:"userPrincipalName"`
	UserID                            string         `json:"userId"`
	AppID                             string         `json:"appId"`
	AppDisplayName                    string         `json:"appDisplayName"`
	IPAddress                         string         `json:"ipAddress"`
	Status                            signInStatus   `json:"status"`
	ClientAppUsed                     string         `json:"clientAppUsed"`
	UserAgent                         string         `json:"userAgent"`
	DeviceDetail                      deviceDetail   `json:"deviceDetail"`
	Location                          entraPlace     `json:"location"`
	MFADetail                         map[string]any `json:"mfaDetail"`
	CorrelationID                     string         `json:"correlationId"`
	ConditionalAccessStatus           string         `json:"conditionalAccessStatus"`
	AppliedConditionalAccessPolicies  []caPolicy     `json:"appliedConditionalAccessPolicies"`
	AuthenticationContextClasses      []any          `json:"authenticationContextClassReferences"`
	OriginalRequestID                 string         `json:"originalRequestId"`
	IsInteractive                     bool           `json:"isInteractive"`
	TokenIssuerName                   string         `json:"tokenIssuerName"`
	TokenIssuerType                   string         `json:"tokenIssuerType"`
	AuthenticationProcessingDetails   []keyValue     `json:"authenticationProcessingDetails"`
	NetworkLocationDetails            []any          `json:"networkLocationDetails"`
	ProcessingTimeInMilliseconds      int            `json:"processingTimeInMilliseconds"`
	RiskDetail                        string         `json:"riskDetail"`
	RiskLevelAggregated               string         `json:"riskLevelAggregated"`
	RiskLevelDuringSignIn             string         `json:"riskLevelDuringSignIn"`
	RiskState                         string         `json:"riskState"`
	RiskEventTypes                    []string       `json:"riskEventTypes"`
	RiskEventTypesV2                  []string       `json:"riskEventTypes_v2"`
	ResourceDisplayName               string         `json:"resourceDisplayName"`
	ResourceID                        string         `json:"resourceId"`
	ResourceTenantID                  string         `json:"resourceTenantId"`
	HomeTenantID                      string         `json:"homeTenantId"`
	HomeTenantName                    string         `json:"homeTenantName"`
	TenantID                          string         `json:"tenantId"`
	AuthenticationDetails             []authStep     `json:"authenticationDetails"`
	AuthenticationRequirementPolicies []any          `json:"authenticationRequirementPolicies"`
	SessionLifetimePolicies           []any          `json:"sessionLifetimePolicies"`
	AuthenticationRequirement         string         `json:"authenticationRequirement"`
	AlternateSignInName               string         `json:"alternateSignInName"`
	SignInIdentifier                  string         `json:"signInIdentifier"`
	ServicePrincipalID                string         `json:"servicePrincipalId"`
	ServicePrincipalName              string         `json:"servicePrincipalName,omitempty"`
	ServicePrincipalCredentialKeyID   string         `json:"servicePrincipalCredentialKeyId"`
	ServicePrincipalThumbprint        string         `json:"servicePrincipalCredentialThumbprint"`
	ClientCredentialType              string         `json:"clientCredentialType,omitempty"`
	FederatedCredentialID             string         `json:"federatedCredentialId,omitempty"`
	ManagedServiceIdentity            *managedID     `json:"managedServiceIdentity,omitempty"`
	Agent                             *entraAgent    `json:"agent,omitempty"`
	UserType                          string         `json:"userType"`
	FlaggedForReview                  bool           `json:"flaggedForReview"`
	IsTenantRestricted                bool           `json:"isTenantRestricted"`
	AutonomousSystemNumber            uint32         `json:"autonomousSystemNumber"`
	CrossTenantAccessType             string         `json:"crossTenantAccessType"`
	PrivateLinkDetails                map[string]any `json:"privateLinkDetails"`
	SSOExtensionVersion               string         `json:"ssoExtensionVersion"`
	UniqueTokenIdentifier             string         `json:"uniqueTokenIdentifier"`
	AuthenticationStrengths           []any          `json:"authenticationStrengths"`
	IncomingTokenType                 string         `json:"incomingTokenType"`
	AuthenticationProtocol            string         `json:"authenticationProtocol"`
	AppServicePrincipalID             any            `json:"appServicePrincipalId"`
	RngcStatus                        int            `json:"rngcStatus"`
	SessionID                         string         `json:"sessionId"`
	TokenProtectionStatusDetails      map[string]any `json:"tokenProtectionStatusDetails"`
	OriginalTransferMethod            string         `json:"originalTransferMethod"`
}

type signInStatus struct {
	ErrorCode         int    `json:"errorCode"`
	FailureReason     string `json:"failureReason,omitempty"`
	AdditionalDetails string `json:"additionalDetails,omitempty"`
}

type deviceDetail struct {
	DeviceID        string `json:"deviceId"`
	DisplayName     string `json:"displayName"`
	OperatingSystem string `json:"operatingSystem"`
	Browser         string `json:"browser"`
	IsCompliant     any    `json:"isCompliant,omitempty"`
	IsManaged       any    `json:"isManaged,omitempty"`
	TrustType       string `json:"trustType"`
}

type entraPlace struct {
	City            string     `json:"city"`
	State           string     `json:"state"`
	CountryOrRegion string     `json:"countryOrRegion"`
	GeoCoordinates  entraPoint `json:"geoCoordinates"`
}

type entraPoint struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

type caPolicy struct {
	ID                      string   `json:"id"`
	DisplayName             string   `json:"displayName"`
	EnforcedGrantControls   []string `json:"enforcedGrantControls"`
	EnforcedSessionControls []string `json:"enforcedSessionControls"`
	Result                  string   `json:"result"`
	ConditionsSatisfied     int      `json:"conditionsSatisfied"`
	ConditionsNotSatisfied  int      `json:"conditionsNotSatisfied"`
}

type authStep struct {
	DateTime     string `json:"authenticationStepDateTime"`
	Method       string `json:"authenticationMethod"`
	MethodDetail string `json:"authenticationMethodDetail,omitempty"`
	Succeeded    bool   `json:"succeeded"`
	ResultDetail string `json:"authenticationStepResultDetail"`
	Requirement  string `json:"authenticationStepRequirement"`
	Status       int    `json:"StatusSequence"`
	Request      int    `json:"RequestSequence"`
}

type managedID struct {
	MSIType              string `json:"msiType"`
	AssociatedResourceID string `json:"associatedResourceId"`
	FederatedTokenID     string `json:"federatedTokenId"`
	FederatedTokenIssuer string `json:"federatedTokenIssuer"`
}

type entraAgent struct {
	AgentType            string `json:"agentType"`
	AgentSubjectType     string `json:"agentSubjectType"`
	AgentSubjectParentID string `json:"agentSubjectParentId"`
}

type keyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func entraWhere(p places.Place) entraPlace {
	return entraPlace{p.City, p.Region, p.CountryISO, entraPoint{p.Lat, p.Lon}}
}
