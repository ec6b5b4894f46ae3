package main

import (
	"net/netip"
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// principal is an application of the company in Entra.
type principal struct {
	name, id, appID string
	keyID           string // of its secret, when it has one
	nextKeyID       string // of the one that replaces it, and when
	replaced        time.Time
	credentialType  string
	federated       string // id of the federated credential
	msi             *managedID
	agent           *entraAgent
	resource        entraApp
	addr            netip.Addr
}

var armAPI = entraApp{resourceID: "797f4846-ba00-4fd7-ba43-dac1f8f63013", resource: "Windows Azure Service Management API"}
var graphResource = entraApp{resourceID: "00000003-0000-0000-c000-000000000000", resource: "Microsoft Graph"}
var vaultResource = entraApp{resourceID: "cfa8b339-82a2-471a-a3c9-0fc0be7a4093", resource: "Azure Key Vault"}

// The applications; the reporting one is what the abuse is after.
var (
	reporting = &principal{name: "kestrel-reporting", id: "0b8a1b64-2f0d-4a52-8d6f-5f5a1c9d7e21", appID: "d5a3f6c2-7b1e-4c08-9e4d-1a6b8c0f2e93",
		keyID: "4e7c9a10-53d2-4b8f-a6e1-7d0c2b9f8a35", credentialType: "clientSecret", resource: graphResource, addr: host("azure-westeurope", 4)}
	directorySync = &principal{name: "kestrel-directory-sync", id: "8f2d6b0a-1c47-4e93-b5a8-6e9d3c7f0b14", appID: "2c9e4a7d-8b06-4f31-a5d2-9c1e7f3b6a80",
		keyID: "b1f6d3e8-0a95-4c72-8e4b-2f7a9d6c1e50", nextKeyID: "7f3b9d2e-1c84-4a60-95e7-0d6b8f1a4c29", replaced: utc("09-10 16:30:00"),
		credentialType: "certificate", resource: graphResource, addr: host("azure-westeurope", 5)}
	terraform = &principal{name: "kestrel-terraform", id: "a7c4e1f9-6d38-4b05-9f2a-8e0b5d7c3a62", appID: "5e8b2d1f-4a79-4c36-b0e7-3d6f9a1c8b25",
		credentialType: "federatedIdentityCredential", federated: "c3a9f7e5-1b60-4d82-9a4e-7f2c5d8b0e13", resource: armAPI, addr: host("ci-runners", 9)}
	backupVault = &principal{name: "kestrel-backup-fn", id: "e6d0b8a3-9f52-4c17-8b6e-1a4d7c9f2e05", appID: "f1b7c3d9-2e68-4a50-9d8c-6b0e4f7a5c31",
		credentialType: "managedIdentity", resource: vaultResource, addr: host("azure-westeurope", 11),
		msi: &managedID{"SystemAssigned", "/subscriptions/3d5c8e7f-6a1b-4f90-8c2d-9e0b7a4f1d63/resourcegroups/backup/providers/Microsoft.Web/sites/kestrel-backup-fn", "", ""}}
	dispatchAgent = &principal{name: "Dispatch Assistant", id: "94c7e2b5-3a8d-4f61-b0c9-5d1e8f6a7b42", appID: "7a0d5f3c-9e14-4b87-a2d6-8c4f1b9e6d70",
		credentialType: "clientAssertion", resource: graphResource, addr: host("azure-westeurope", 17),
		agent: &entraAgent{"agenticAppInstance", "notAgentic", "1d9f4b6a-7c20-4e58-93a1-0b8d6e2f5c47"}}
)

// keyAt is the key that is in use at that time.
func (s *principal) keyAt(at time.Time) string {
	if s.nextKeyID != "" && at.After(s.replaced) {
		return s.nextKeyID
	}
	return s.keyID
}

// category is where the sign-ins of this kind of application stand.
func (s *principal) category() string {
	if s.msi != nil {
		return "ManagedIdentitySignInLogs"
	}
	return "ServicePrincipalSignInLogs"
}

// tokenFor is one sign-in of an application on its own; the identifier of the token comes back in Graph's records.
func (w *world) tokenFor(s *principal, at time.Time) string {
	return w.tokenFrom(s, at, s.addr, signInStatus{})
}

func (w *world) tokenFrom(s *principal, at time.Time, addr netip.Addr, status signInStatus) string {
	d := w.dice("token", s.name, at.UnixNano())
	net, _ := places.Of(addr)
	p := blankSignIn(d, at, addr.String(), net.Place, net.ASN)
	p.AppID, p.ServicePrincipalID, p.ServicePrincipalName, p.ServicePrincipalCredentialKeyID = s.appID, s.id, s.name, s.keyAt(at)
	p.ResourceID, p.ResourceDisplayName, p.ClientCredentialType, p.FederatedCredentialID = s.resource.resourceID, s.resource.resource, s.credentialType, s.federated
	p.ManagedServiceIdentity, p.Agent, p.Status, p.AppServicePrincipalID = s.msi, s.agent, status, nil
	p.AuthenticationProcessingDetails = []keyValue{{"Azure AD App Authentication Library", "Family: MSAL Library: MSAL.Python 1.31.1 Platform: Python"}}
	if s.msi != nil { // Entra does not see from where a managed identity calls
		p.IPAddress, p.Location, p.AutonomousSystemNumber = "", entraPlace{}, 0
	}
	w.signIn(s.category(), at, "", p)
	return p.UniqueTokenIdentifier
}

// machinesInEntra is an ordinary day of the applications.
func (w *world) machinesInEntra(day time.Time) {
	d := w.dice("entra machines", day)
	for h := range 24 {
		hour := day.Add(time.Duration(h) * time.Hour)
		w.tokenFor(directorySync, hour.Add(7*time.Minute+d.around(20*time.Second)))
		if h%6 == 0 {
			w.tokenFor(backupVault, hour.Add(31*time.Minute+d.around(8*time.Second)))
		}
	}
	w.syncChanges(d, day.Add(3*time.Hour+8*time.Minute))
	report := day.Add(4*time.Hour + 15*time.Minute + d.around(5*time.Second))
	token := w.tokenFor(reporting, report)
	for i, uri := range []string{"users?$select=id,displayName,department&$top=999", "groups?$select=id,displayName", "reports/getOffice365ActiveUserDetail(period='D7')"} {
		w.graph(reporting, report.Add(time.Duration(i+1)*2*time.Second), graphCall{token: token, uri: uri})
	}
	if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
		w.agentDay(d, day)
	}
}

// agentDay is the AI agent at work: it looks up calendars and writes drafts when the dispatchers ask it to.
func (w *world) agentDay(d *dice, day time.Time) {
	for range 5 + d.IntN(4) {
		at := day.Add(6*time.Hour + time.Duration(d.IntN(10*3600))*time.Second)
		token := w.tokenFor(dispatchAgent, at)
		for i, uri := range []string{"users/dispatch@" + domain + "/calendarView", "users/dispatch@" + domain + "/messages?$top=25"}[:1+d.IntN(2)] {
			w.graph(dispatchAgent, at.Add(time.Duration(i+1)*700*time.Millisecond), graphCall{token: token, uri: uri})
		}
	}
}

// syncChanges are the changes that the directory sync carries over at night.
func (w *world) syncChanges(d *dice, at time.Time) {
	by := initiator{App: &auditApp{nil, directorySync.name, directorySync.id, nil}}
	for range 2 + d.IntN(4) {
		at = at.Add(d.seconds(1, 4))
		p := pick(d, w.everybody)
		w.audit(d, at, directoryAct{"Update user", "UserManagement", "Core Directory", "Update", "",
			[]auditTarget{userTarget(p, auditProperty{"Department", `["` + p.team + `"]`, `["` + p.team + `"]`}, set("Included Updated Properties", "Department"))}, nil},
			by, directorySync.addr.String())
	}
}
