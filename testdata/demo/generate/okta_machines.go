package main

import (
	"net/netip"
	"strings"
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// oktaMachine is a program that calls Okta: a service app with its own identity, or a script with a person's API token.
type oktaMachine struct {
	actor oktaActor
	agent string
	token string // requestApiTokenId
	addr  netip.Addr
}

var logExporter = oktaMachine{actor: oktaActor{ID: "0oa1logexpo3Hs7Yk2d7", Type: "PublicClientApp", AlternateID: "0oa1logexpo3Hs7Yk2d7", DisplayName: "log-exporter"},
	agent: "log-exporter/2.4 python-requests/2.32.4", addr: host("monitoring", 5)}

var provisioning = oktaMachine{actor: oktaActor{ID: "00u1svcprov6Dx4Mb9d7", Type: "User", AlternateID: "svc-provisioning@" + domain, DisplayName: "svc-provisioning"},
	agent: "kestrel-provisioning/1.9 Go-http-client/2.0", token: "00T1provtok8Lc5Vn3d7", addr: host("cloud-eu-central-1", 18)}

// by writes one event of a program.
func (m oktaMachine) by(w *world, at time.Time, a oktaAct) {
	net, ok := places.Of(m.addr)
	if !ok {
		panic("no network holds " + m.addr.String())
	}
	d := w.dice("okta machine", m.actor.ID, m.token, at.UnixNano(), a.kind)
	v := &visit{w: w, d: d, at: at}
	request := d.base64(20)
	debug := map[string]any{"requestId": request, "threatSuspected": "false", "dtHash": d.hex(32)}
	for k, x := range a.debug {
		debug[k] = x
	}
	detail := map[string]any{}
	if m.token != "" {
		detail["requestApiTokenId"] = m.token
	}
	ev := oktaEvent{Actor: m.actor, DebugContext: oktaDebug{debug}, Transaction: oktaTransaction{"WEB", request, detail},
		Client: oktaClient{UserAgent: &oktaAgent{m.agent, "Unknown", "UNKNOWN"}, Zone: "null", Device: "Unknown", ID: nil,
			IPAddress: m.addr.String(), GeographicalContext: oktaPlace(net.Place)},
		AuthenticationContext: oktaAuth{ExternalSessionID: "trs" + d.base64(16)},
		SecurityContext:       oktaSecurity{net.ASN, strings.ToLower(net.Org), strings.ToLower(net.Org), net.Domain, false},
		Request:               oktaRequest{[]oktaHop{{m.addr.String(), oktaPlace(net.Place), ipVersion(m.addr.Is4()), nil}}}}
	w.okta(ev, a, v)
}

// machinesInOkta is an ordinary day of the programs.
func (w *world) machinesInOkta(day time.Time) {
	d := w.dice("okta machines", day)
	for h := range 24 {
		at := day.Add(time.Duration(h)*time.Hour + 2*time.Minute + d.around(3*time.Second))
		logExporter.grant(w, at, "okta.logs.read")
	}
	night := day.Add(2*time.Hour + 5*time.Minute)
	for range 2 + d.IntN(4) {
		night = night.Add(d.seconds(1, 4))
		p := pick(d, w.everybody)
		provisioning.by(w, night, oktaAct{kind: "application.provision.user.push", target: []oktaTarget{
			{ID: p.oktaID, Type: "User", AlternateID: p.login, DisplayName: p.name}, appSlack.target()}, debug: map[string]any{"requestUri": "/api/v1/users/" + p.oktaID}})
	}
}

// grant is a token for a program on its own.
func (m oktaMachine) grant(w *world, at time.Time, scopes string) {
	d := w.dice("grant", m.actor.ID, at.UnixNano())
	token := oktaTarget{ID: d.oktaID("AT."), Type: "access_token", AlternateID: m.actor.ID, DisplayName: "Access Token",
		DetailEntry: map[string]any{"expires": oktaTime(at.Add(time.Hour)), "subject": m.actor.ID, "hash": d.base64(16)}}
	m.by(w, at, oktaAct{kind: "app.oauth2.token.grant.access_token", target: []oktaTarget{token}, debug: map[string]any{
		"grantType": "client_credentials", "requestedScopes": scopes, "grantedScopes": scopes, "clientAuthType": "private_key_jwt",
		"responseTime": "97", "requestUri": "/oauth2/v1/token", "url": "/oauth2/v1/token?"}})
}
