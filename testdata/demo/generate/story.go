package main

import "time"

// victim is whose password was phished.
const victim = "Mara Lindqvist"

// abuse tells the last two days. Somebody in Singapore has Mara's password. On Sunday night they send pushes until she gives in, sign in
// as her, give themselves more rights and new credentials in every system, and hours later use those from rented machines in Riga.
func (w *world) abuse() {
	mara := w.person(victim)
	w.visit(mara, utc("09-20 20:52:00"), mara.homeAddr).login() // herself, at home in Berlin
	s := scene{"abuse", "phished session", mara.login}
	v := w.intruder(mara)
	w.tell(s, "mfa_fatigue", v.wearDown)
	w.tell(s, "sign_in", v.startSession)
	w.tell(s, "persistence", func() {
		v.wait(60, 100).enrol("Pixel 8")
		v.wait(10, 20).token("refresh_token", appSlack, "openid offline_access")
	})
	var apiToken string
	w.tell(s, "privilege_grant", func() { apiToken = v.takeOkta() })
	w.tell(s, "entra", v.takeEntra)
	w.tell(s, "aws", v.takeAWS)
	var child *vaultToken
	w.tell(s, "vault", func() { child = v.takeVault() })
	w.tell(s, "okta_token_use", func() { w.useOktaToken(mara, apiToken) })
	w.tell(s, "aws_key_use", w.useKey)
	w.tell(s, "entra_credential_use", w.usePrincipal)
	w.tell(s, "vault_token_use", func() { child.useElsewhere() })
	w.tell(scene{"response", "phished session", mara.login}, "response", func() { w.respond(mara, apiToken, child) })
}

// intruder is the visit in Mara's name.
func (w *world) intruder(mara *person) *visit {
	v := w.visit(mara, utc("09-20 22:04:40"), host("hosting-singapore", 8))
	v.strange = true
	v.dev = device{os: "Linux", browser: "CHROME", agent: chromeLinux, dtHash: v.d.hex(32)}
	return v
}

// wearDown sends push after push. The password is right, so nothing but the pushes shows.
func (v *visit) wearDown() {
	for i := range 7 {
		v.push()
		reason := "INVALID_CREDENTIALS" // refused on the phone
		if i%3 == 2 {
			reason = "FACTOR_TIMEOUT"
		}
		v.wait(12, 45).factor("OKTA_VERIFY_PUSH", "FAILURE", reason)
		v.wait(15, 30)
	}
	v.push()
	v.wait(5, 9).factor("OKTA_VERIFY_PUSH", "SUCCESS", "")
}

// takeOkta makes a service account a super administrator and leaves with an API token and a client secret.
func (v *visit) takeOkta() string {
	v.wait(40, 70).adminConsole()
	target := oktaTarget{ID: provisioning.actor.ID, Type: "User", AlternateID: provisioning.actor.AlternateID, DisplayName: provisioning.actor.DisplayName}
	v.wait(60, 90).admin("user.account.privilege.grant", "/api/internal/administrators/"+target.ID, []oktaTarget{target},
		map[string]any{"privilegeGranted": "Super administrator"})
	token := v.wait(40, 60)
	id := token.newAPIToken("backup-sync")
	v.wait(30, 50).admin("app.oauth2.client.read_client_secret", "/oauth2/v1/clients/"+appVault.id, []oktaTarget{appVault.target()}, nil)
	return id
}

// takeEntra adds a secret to an application that may read the directory, and rights that it never had.
func (v *visit) takeEntra() {
	v.wait(90, 140).sso(appOffice)
	v.wait(1, 3).entraLogin(portal)
	v.riskFound("unlikelyTravel", "high", 47*time.Minute)
	v.riskyUser("high", "atRisk", v.at.Add(48*time.Minute))
	v.wait(30, 50).entraRefresh(graphAPI)
	old, stolen := credential(reporting.keyID, "reporting 2026"), credential(stolenKey, "sync")
	v.wait(60, 90).direct(directoryAct{"Add owner to service principal", "ApplicationManagement", "Core Directory", "Assign", "", []auditTarget{userTarget(v.who), reporting.target()}, userAgentDetail})
	v.wait(20, 40).changeCredentials(reporting, []string{old}, []string{old, stolen})
	for _, right := range []string{"Directory.ReadWrite.All", "RoleManagement.ReadWrite.Directory"} {
		v.wait(10, 25).direct(directoryAct{"Add app role assignment to service principal", "ApplicationManagement", "Core Directory", "Assign", "",
			[]auditTarget{newTarget(auditTarget{ID: "6a4e1c93-0d57-4b82-a6f8-2c9b7e5d1f30", DisplayName: "Microsoft Graph", Type: "ServicePrincipal"},
				[]auditProperty{set("AppRole.Value", right), set("ServicePrincipal.DisplayName", reporting.name)})}, userAgentDetail})
	}
	v.wait(5, 9).direct(directoryAct{"Consent to application", "ApplicationManagement", "Core Directory", "Assign", "",
		[]auditTarget{reporting.target(set("ConsentContext.IsAdminConsent", "True"), set("ConsentContext.OnBehalfOfAll", "True"))}, userAgentDetail})
	v.wait(20, 40).direct(directoryAct{"Add member to role", "RoleManagement", "Core Directory", "Assign", "",
		[]auditTarget{reporting.target(set("Role.DisplayName", "Global Administrator"), set("Role.TemplateId", "62e90394-69f5-4237-9190-012177145e10"))}, userAgentDetail})
	v.wait(30, 60).entraRefresh(graphAPI)
}

// stolenKey is the secret that was added.
const stolenKey = "91d4c7b2-6e0f-4a38-b5c1-8f3e2a7d9b06"
