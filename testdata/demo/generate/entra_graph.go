package main

import (
	"net/netip"
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// graphActivity is properties of MicrosoftGraphActivityLogs.
type graphActivity struct {
	RequiredTenant     string `json:"__UDI_RequiredFields_TenantId"`
	TimeGenerated      string `json:"timeGenerated"`
	Location           string `json:"location"`
	RequestID          string `json:"requestId"`
	OperationID        string `json:"operationId"`
	ClientRequestID    string `json:"clientRequestId"`
	APIVersion         string `json:"apiVersion"`
	RequestMethod      string `json:"requestMethod"`
	ResponseStatusCode int    `json:"responseStatusCode"`
	TenantID           string `json:"tenantId"`
	DurationMS         int    `json:"durationMs"`
	ResponseSizeBytes  int    `json:"responseSizeBytes"`
	SignInActivityID   string `json:"signInActivityId"`
	Roles              string `json:"roles"`
	TokenIssuedAt      string `json:"tokenIssuedAt"`
	AppID              string `json:"appId"`
	UserID             any    `json:"userId"`
	ServicePrincipalID string `json:"servicePrincipalId"`
	Scopes             any    `json:"scopes"`
	IdentityProvider   string `json:"identityProvider"`
	ClientAuthMethod   string `json:"clientAuthMethod"`
	WIDs               string `json:"wids"`
	ATContent          string `json:"atContent"`
	UserAgent          string `json:"userAgent"`
	RequestURI         string `json:"requestUri"`
	IPAddress          string `json:"ipAddress"`
	DeviceID           any    `json:"C_DeviceId"`
	SessionID          any    `json:"C_Sid"`
}

type graphCall struct {
	token, method, uri string
	status             int
	addr               netip.Addr
}

// graph is one call of an application to Microsoft Graph.
func (w *world) graph(s *principal, at time.Time, c graphCall) {
	d := w.dice("graph", s.name, at.UnixNano())
	if !c.addr.IsValid() {
		c.addr = s.addr
	}
	if c.method == "" {
		c.method, c.status = "GET", 200
	}
	net, _ := places.Of(c.addr)
	id := d.uuid()
	g := graphActivity{RequiredTenant: tenant, TimeGenerated: entraTime(at) + "Z", Location: "West Europe", RequestID: id, OperationID: id,
		ClientRequestID: d.uuid(), APIVersion: "v1.0", RequestMethod: c.method, ResponseStatusCode: c.status, TenantID: tenant,
		DurationMS: 120000 + d.IntN(900000), ResponseSizeBytes: 300 + d.IntN(60000), SignInActivityID: c.token,
		Roles: "User.Read.All Group.Read.All Reports.Read.All", TokenIssuedAt: entraTime(at.Add(-90*time.Second)) + "Z", AppID: s.appID,
		ServicePrincipalID: s.id, IdentityProvider: "https://sts.windows.net/" + tenant + "/", ClientAuthMethod: "1",
		WIDs: "0997a1d0-0d1d-4acb-b408-d5ca73121e90", UserAgent: "python-requests/2.32.4", IPAddress: c.addr.String(),
		RequestURI: "https://graph.microsoft.com/v1.0/" + c.uri}
	ev := newEntraEvent("MicrosoftGraphActivityLogs", "Microsoft Graph Activity", at)
	ev.ResourceID = "/TENANTS/" + tenant + "/PROVIDERS/MICROSOFT.AADIAM"
	ev.OperationVersion, ev.ResultSignature, ev.DurationMS, ev.Level = "v1.0", "200", "412000", "Informational"
	ev.CallerIPAddress, ev.CorrelationID, ev.Location, ev.Properties = c.addr.String(), id, net.Place.CountryISO, g
	w.emit(record{source: entra, at: at, id: id, body: ev})
}
