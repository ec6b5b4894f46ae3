package main

import (
	"strings"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// takeAWS goes in by the web console and makes a second key for a user that nobody looks at.
func (v *visit) takeAWS() {
	c := v.wait(120, 200).awsSession("PlatformAdmin", true)
	for _, a := range []call{look("iam", "ListUsers", map[string]any{"maxItems": 200}), getAccount, look("iam", "GetAccountAuthorizationDetails", map[string]any{"maxItems": 500}),
		look("iam", "ListAccessKeys", map[string]any{"userName": "svc-backup"}), look("secretsmanager", "ListSecrets", map[string]any{"maxResults": 100})} {
		c.wait(6, 25).do(a)
	}
	c.wait(15, 30).do(newKey("svc-backup", v.w.key("svc-backup", 2), c.at))
	c.wait(8, 15).do(look("iam", "AttachUserPolicy", map[string]any{"userName": "svc-backup", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}))
	trail := arn("cloudtrail", "trail/kestrel")
	c.wait(20, 40).do(call{source: "cloudtrail", name: "StopLogging", params: map[string]any{"name": trail}, denied: "cloudtrail:StopLogging on resource: " + trail})
	v.at = c.at
}

// takeVault reads whatever Mara may read, tries what she may not, and makes a token that will outlive her session.
func (v *visit) takeVault() *vaultToken {
	t := v.wait(100, 160).vaultSession()
	for _, folder := range []string{"platform", "engineering", "ci", "finance"} {
		if folder == "finance" {
			for _, name := range kvNames[folder] {
				t.wait(0, 1).do(ask{mount: kvMount, operation: "read", path: "kv/data/finance/" + name, fail: "1 error occurred:\n\t* permission denied\n\n"})
			}
			continue
		}
		t.wait(2, 5).list(folder, kvNames[folder])
		for _, name := range kvNames[folder] {
			t.wait(0, 2).read(folder + "/" + name)
		}
	}
	child := t.wait(20, 40).child()
	v.at = t.at
	return child
}

// child makes a token without a parent: revoking the session does not end it.
func (t *vaultToken) child() *vaultToken {
	h := t.w.vault.hash
	c := &vaultToken{w: t.w, d: t.w.dice("child token"), secret: "hvs." + t.d.base64(24), accessor: t.d.letters(base62, 24)}
	c.auth = vaultAuth{DisplayName: "token-sync", Policies: t.auth.Policies, TokenPolicies: t.auth.TokenPolicies, EntityID: t.auth.EntityID,
		TokenType: "service", TokenTTL: 2764800}
	given := c.auth
	given.ClientToken, given.Accessor = h(c.secret), h(c.accessor)
	t.do(ask{mount: tokenMount, operation: "update", path: "auth/token/create-orphan", given: &given, data: map[string]any{
		"display_name": h("sync"), "no_parent": true, "num_uses": 0, "renewable": true, "ttl": h("768h"), "type": h("service")}})
	c.auth.ClientToken, c.auth.Accessor, c.auth.TokenIssueTime = given.ClientToken, given.Accessor, awsTime(t.at)
	return c
}

// useOktaToken reads secrets with the API token from elsewhere. Okta names Mara as the actor: only the token's id shows that it is none of her sessions.
func (w *world) useOktaToken(mara *person, token string) {
	m := oktaMachine{actor: oktaActor{ID: mara.oktaID, Type: "User", AlternateID: mara.login, DisplayName: mara.name},
		agent: "python-requests/2.32.4", token: token, addr: places.Find("hosting-riga-v6").Host(0x51)}
	at := utc("09-21 01:48:00")
	for _, a := range []app{appAWS, appGitHub, appOffice} {
		at = at.Add(w.dice("token use", a.id).seconds(2, 6))
		m.by(w, at, oktaAct{kind: "app.oauth2.client.read_client_secret", target: []oktaTarget{a.target()}, debug: map[string]any{"requestUri": "/api/v1/apps/" + a.id}})
	}
}

// useKey is the new AWS key at work: who am I, then every secret there is, then the backups, in two regions.
func (w *world) useKey() {
	c := w.keyUser("svc-backup", w.key("svc-backup", 2), utc("09-21 02:12:09"), host("hosting-riga", 3))
	c.agent = "aws-cli/2.27.49 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0-71-generic md/arch#x86_64 lang/python#3.13.4 md/pyimpl#CPython"
	c.do(look("sts", "GetCallerIdentity", nil))
	c.wait(2, 4).do(look("secretsmanager", "ListSecrets", map[string]any{"maxResults": 100}))
	for _, name := range secretNames {
		c.wait(0, 2).do(getSecret(name))
		c.wait(0, 1).do(decrypt(name))
	}
	c.region = "ap-southeast-1"
	c.wait(9, 20).do(describeInstances)
	c.wait(3, 9).do(look("secretsmanager", "ListSecrets", map[string]any{"maxResults": 100}))
	c.region = mainRegion
	c.wait(20, 30).do(listBuckets)
	for _, day := range []string{"2026-09-19", "2026-09-20"} {
		c.wait(3, 9).do(call{source: "s3", name: "GetObject", data: true, params: map[string]any{"bucketName": "kestrel-backups", "key": "manifests/" + day + ".json",
			"Host": "kestrel-backups.s3." + mainRegion + ".amazonaws.com"}, resources: []awsResource{{awsAccount, "AWS::S3::Bucket", arn("s3", "kestrel-backups")}}})
	}
}

// usePrincipal is the reporting application, signed in with the added secret and from where it never was.
func (w *world) usePrincipal() {
	stolen := *reporting
	stolen.keyID, stolen.addr = stolenKey, host("hosting-riga", 3)
	at := utc("09-21 02:41:30")
	token := w.tokenFor(&stolen, at)
	for i, c := range []graphCall{{uri: "organization"}, {uri: "directoryRoles"}, {uri: "users?$top=999"}, {uri: "applications?$top=999"},
		{uri: "users/" + w.person("Henrik Sand").entraID + "/messages?$top=100"}, {method: "POST", uri: "applications/" + directorySync.appID + "/addPassword", status: 403}} {
		c.token = token
		w.graph(&stolen, at.Add(w.dice("graph pause", i).seconds(2+i*4, 5+i*4)), c)
	}
}

// useElsewhere is the child token in Riga.
func (t *vaultToken) useElsewhere() {
	t.at, t.addr = utc("09-21 03:07:55"), host("hosting-riga", 3).String()
	t.do(ask{mount: tokenMount, operation: "read", path: "auth/token/lookup-self", answer: map[string]any{"num_uses": 0, "orphan": true, "ttl": 2750000, "renewable": true}})
	for _, name := range strings.Fields("platform/dns-signing platform/backup-key platform/cloudflare") {
		t.wait(1, 4).read(name)
	}
	t.wait(3, 9).lease("readonly")
}
