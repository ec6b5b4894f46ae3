package main

import (
	"fmt"
	"time"
)

// riskEvent is properties of UserRiskEvents: what Identity Protection found, minutes to hours after it happened.
type riskEvent struct {
	ID                  string         `json:"id"`
	RequestID           string         `json:"requestId"`
	CorrelationID       string         `json:"correlationId"`
	RiskType            string         `json:"riskType"`
	RiskEventType       string         `json:"riskEventType"`
	RiskState           string         `json:"riskState"`
	RiskLevel           string         `json:"riskLevel"`
	RiskDetail          string         `json:"riskDetail"`
	Source              string         `json:"source"`
	DetectionTimingType string         `json:"detectionTimingType"`
	Activity            string         `json:"activity"`
	TokenIssuerType     string         `json:"tokenIssuerType"`
	IPAddress           string         `json:"ipAddress"`
	Location            map[string]any `json:"location"`
	ActivityDateTime    string         `json:"activityDateTime"`
	DetectedDateTime    string         `json:"detectedDateTime"`
	LastUpdatedDateTime string         `json:"lastUpdatedDateTime"`
	UserID              string         `json:"userId"`
	UserDisplayName     string         `json:"userDisplayName"`
	UserPrincipalName   string         `json:"userPrincipalName"`
	AdditionalInfo      string         `json:"additionalInfo"`
	ResourceTenantID    any            `json:"resourceTenantId"`
	HomeTenantID        any            `json:"homeTenantId"`
	UserType            string         `json:"userType"`
	CrossTenantAccess   string         `json:"crossTenantAccessType"`
}

// riskyUser is properties of RiskyUsers: what the findings add up to.
type riskyUser struct {
	ID                  string `json:"id"`
	UserDisplayName     string `json:"userDisplayName"`
	UserPrincipalName   string `json:"userPrincipalName"`
	RiskLastUpdatedTime string `json:"riskLastUpdatedDateTime"`
	RiskState           string `json:"riskState"`
	RiskDetail          string `json:"riskDetail"`
	RiskLevel           string `json:"riskLevel"`
	IsGuest             bool   `json:"isGuest"`
	IsDeleted           bool   `json:"isDeleted"`
	IsProcessing        bool   `json:"isProcessing"`
}

// riskFound is a finding about the visitor's sign-in, written a while after it.
func (v *visit) riskFound(kind, level string, after time.Duration) {
	at, place := v.at.Add(after), v.network().Place
	p := riskEvent{ID: v.d.hex(32), RequestID: v.d.uuid(), CorrelationID: v.d.uuid(), RiskType: kind, RiskEventType: kind, RiskState: "atRisk",
		RiskLevel: level, RiskDetail: "none", Source: "IdentityProtection", DetectionTimingType: "offline", Activity: "signin",
		TokenIssuerType: "AzureAD", IPAddress: v.addr.String(), ActivityDateTime: entraTime(v.at) + "Z", DetectedDateTime: entraTime(at) + "Z",
		LastUpdatedDateTime: entraTime(at) + "Z", UserID: v.who.entraID, UserDisplayName: v.who.name, UserPrincipalName: v.who.login,
		Location: map[string]any{"city": place.City, "state": place.Region, "countryOrRegion": place.CountryISO,
			"geoCoordinates": map[string]any{"altitude": 0, "latitude": place.Lat, "longitude": place.Lon}},
		AdditionalInfo: fmt.Sprintf(`[{"Key":"userAgent","Value":%q}]`, v.dev.agent), UserType: "member", CrossTenantAccess: "none"}
	ev := newEntraEvent("UserRiskEvents", "User Risk Detection", at)
	ev.CallerIPAddress, ev.CorrelationID, ev.Identity, ev.Location, ev.Properties = v.addr.String(), p.CorrelationID, v.who.name, place.CountryISO, p
	v.w.emit(record{source: entra, at: at, id: p.ID, body: ev})
}

// riskyUser is the user's risk after the findings.
func (v *visit) riskyUser(level, state string, at time.Time) {
	p := riskyUser{v.who.entraID, v.who.name, v.who.login, entraTime(at) + "Z", state, "none", level, false, false, false}
	ev := newEntraEvent("RiskyUsers", "Risky user", at)
	ev.CorrelationID, ev.Identity, ev.Properties = v.d.uuid(), v.who.name, p
	v.w.emit(record{source: entra, at: at, id: p.ID + "@" + entraTime(at), body: ev})
}
