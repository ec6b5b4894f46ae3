package main

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// entraApp is a client and what it asks a token for.
type entraApp struct{ appID, name, resourceID, resource string }

var (
	outlook  = entraApp{"9199bf20-a13f-4107-85dc-02114787ef48", "One Outlook Web", "00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"}
	teams    = entraApp{"1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams", "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", "Microsoft Teams Services"}
	files    = entraApp{"08e18876-6177-487e-b8b5-cf950c1e598c", "SharePoint Online Web Client Extensibility", "00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online"}
	portal   = entraApp{"c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal", "797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API"}
	graphAPI = entraApp{"de8bc8b5-d9f9-48b1-a8ad-b748da725064", "Graph Explorer", "00000003-0000-0000-c000-000000000000", "Microsoft Graph"}
)

var everydayTokens = []entraApp{outlook, outlook, teams, teams, files}

// newSignIn is what all sign-in records of a person share.
func (v *visit) newSignIn(a entraApp) signIn {
	s := blankSignIn(v.d, v.at, v.addr.String(), v.network().Place, v.network().ASN)
	s.UserDisplayName, s.UserPrincipalName, s.UserID = v.who.name, v.who.login, v.who.entraID
	s.AppID, s.AppDisplayName, s.ResourceID, s.ResourceDisplayName = a.appID, a.name, a.resourceID, a.resource
	s.UserAgent, s.SessionID, s.UserType, s.HomeTenantID = v.dev.agent, v.entraSID, "Member", tenant
	s.DeviceDetail = deviceDetail{v.dev.entraID, v.dev.name, v.dev.entraOS(), v.dev.entraBrowser(), nil, nil, ""}
	if v.dev.entraID != "" {
		s.DeviceDetail.IsCompliant, s.DeviceDetail.IsManaged, s.DeviceDetail.TrustType = true, true, "Azure AD joined"
	}
	s.ClientAppUsed, s.ConditionalAccessStatus, s.AuthenticationRequirement = "Browser", "success", "multiFactorAuthentication"
	s.AppliedConditionalAccessPolicies = []caPolicy{
		{"9d1a7c53-6b0e-4f2c-8e61-2d7a4c1f5b90", "Everybody: second factor", []string{"Mfa"}, []string{}, "success", 3, 0},
		{"51f7e2d8-4a93-4c6b-b1d5-0e8f6a2c7d34", "Administrators: compliant device", []string{"RequireCompliantDevice"}, []string{}, "notApplied", 1, 2}}
	if v.strange {
		s.RiskLevelDuringSignIn, s.RiskLevelAggregated, s.RiskState = "medium", "medium", "atRisk"
		s.RiskEventTypes, s.RiskEventTypesV2 = []string{"unfamiliarFeatures"}, []string{"unfamiliarFeatures"}
	}
	return s
}

// blankSignIn is what all sign-in records share.
func blankSignIn(d *dice, at time.Time, addr string, p places.Place, asn uint32) signIn {
	id := d.uuid()
	return signIn{ID: id, CreatedDateTime: entraTime(at) + "+00:00", IPAddress: addr, Location: entraWhere(p), AutonomousSystemNumber: asn,
		MFADetail: map[string]any{}, CorrelationID: d.uuid(), ConditionalAccessStatus: "notApplied",
		AppliedConditionalAccessPolicies: []caPolicy{}, AuthenticationContextClasses: []any{}, OriginalRequestID: id, TokenIssuerType: "AzureAD",
		AuthenticationProcessingDetails: []keyValue{{"Legacy TLS (TLS 1.0, 1.1, 3DES)", "False"}, {"Is CAE Token", "False"}},
		NetworkLocationDetails:          []any{}, ProcessingTimeInMilliseconds: 60 + d.IntN(300), RiskDetail: "none", RiskLevelAggregated: "none",
		RiskLevelDuringSignIn: "none", RiskState: "none", RiskEventTypes: []string{}, RiskEventTypesV2: []string{}, ResourceTenantID: tenant,
		TenantID: tenant, AuthenticationDetails: []authStep{}, AuthenticationRequirementPolicies: []any{}, SessionLifetimePolicies: []any{},
		CrossTenantAccessType: "none", PrivateLinkDetails: map[string]any{}, UniqueTokenIdentifier: base64.RawURLEncoding.EncodeToString([]byte(id)),
		AuthenticationStrengths: []any{}, IncomingTokenType: "none", AuthenticationProtocol: "none", OriginalTransferMethod: "none",
		TokenProtectionStatusDetails: map[string]any{"signInSessionStatus": "unbound", "signInSessionStatusCode": 1008}}
}

// entraLogin is the sign-in at Entra after Okta has vouched for the visitor.
func (v *visit) entraLogin(a entraApp) {
	s := v.newSignIn(a)
	s.IsInteractive, s.AuthenticationProtocol, s.IncomingTokenType = true, "wsFederation", "saml11"
	s.Status.AdditionalDetails = "MFA requirement satisfied by claim provided by external provider"
	now := s.CreatedDateTime
	s.AuthenticationDetails = []authStep{
		{now, "Password", "Federated authentication", true, "", "Primary authentication", 0, 0},
		{now, "Previously satisfied", "", true, s.Status.AdditionalDetails, "Multi-factor authentication", 0, 1}}
	v.takeSignIn("SignInLogs", s)
}

// entraRefresh is a client that gets itself a new token without asking anybody.
func (v *visit) entraRefresh(a entraApp) {
	s := v.newSignIn(a)
	s.IncomingTokenType, s.ClientAppUsed, s.AuthenticationProtocol = "refreshToken", "Mobile Apps and Desktop clients", "oAuth2"
	if v.dev.os == "Windows 10" && !v.strange {
		s.IncomingTokenType = "primaryRefreshToken"
	}
	s.AuthenticationDetails = []authStep{{s.CreatedDateTime, "Previously satisfied", "", true, "First factor requirement satisfied by claim in the token", "Primary authentication", 0, 0}}
	v.takeSignIn("NonInteractiveUserSignInLogs", s)
}

// entraInterrupted is a sign-in that stops for one reason or another; most are nobody's fault.
func (v *visit) entraInterrupted(a entraApp, code int, reason string) {
	s := v.newSignIn(a)
	s.IsInteractive, s.Status = true, signInStatus{code, reason, ""}
	s.ConditionalAccessStatus, s.AppliedConditionalAccessPolicies = "notApplied", []caPolicy{}
	v.takeSignIn("SignInLogs", s)
}

func (v *visit) takeSignIn(category string, s signIn) {
	v.w.signIn(category, v.at, v.who.name, s)
}

// signIn puts the envelope around a sign-in.
func (w *world) signIn(category string, at time.Time, identity string, s signIn) {
	ev := newEntraEvent(category, "Sign-in activity", at)
	ev.ResultType, ev.CallerIPAddress, ev.CorrelationID, ev.Identity = strconv.Itoa(s.Status.ErrorCode), s.IPAddress, s.CorrelationID, identity
	ev.Location, ev.ResultDescription, ev.Properties = s.Location.CountryOrRegion, s.Status.FailureReason, s
	w.emit(record{source: entra, at: at, id: s.ID, body: ev})
}
