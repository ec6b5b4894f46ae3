package main

// respond is Monday morning: Mara reports the pushes of the night, security takes back what it finds.
func (w *world) respond(mara *person, apiToken string, child *vaultToken) {
	v := w.visit(mara, utc("09-21 07:34:00"), host("office-berlin", 2))
	v.okta(oktaAct{kind: "user.account.report_suspicious_activity_by_enduser", warn: true, target: []oktaTarget{v.oktaUser(mara)},
		debug: map[string]any{"requestUri": "/user/reportSuspiciousActivity", "suspiciousActivityEventType": "system.push.send_factor_verify_push"}})
	katrin := w.person("Katrin Vogel")
	k := w.visit(katrin, utc("09-21 07:52:00"), host("office-berlin", 7))
	k.login()
	k.wait(20, 40).adminConsole()
	k.wait(20, 40).admin("user.session.clear", "/api/v1/users/"+mara.oktaID+"/sessions", []oktaTarget{k.oktaUser(mara)}, nil)
	k.wait(200, 300).admin("system.api_token.revoke", "/api/internal/tokens/"+apiToken+"/revoke", []oktaTarget{{ID: apiToken, Type: "Token", AlternateID: "unknown", DisplayName: "backup-sync"}}, nil)
	k.wait(60, 90).entraLogin(portal)
	old, stolen := credential(reporting.keyID, "reporting 2026"), credential(stolenKey, "sync")
	k.wait(60, 90).changeCredentials(reporting, []string{old, stolen}, []string{old})
	c := k.awsSession("SecurityAdmin", true)
	c.wait(60, 90).do(look("iam", "UpdateAccessKey", map[string]any{"userName": "svc-backup", "accessKeyId": w.key("svc-backup", 2), "status": "Inactive"}))
	c.wait(20, 40).do(look("iam", "DetachUserPolicy", map[string]any{"userName": "svc-backup", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}))
	k.at = c.at
	t := k.wait(60, 90).vaultSession()
	t.wait(20, 40).do(ask{mount: tokenMount, operation: "update", path: "auth/token/revoke-accessor", data: map[string]any{"accessor": w.vault.hash(child.accessor)}})
}
