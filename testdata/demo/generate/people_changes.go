package main

import "strings"

// contractorLaptop: Tomas gets a new laptop, signs in with his security key and enrols it in the same session.
func (w *world) contractorLaptop() {
	tomas := w.person("Tomas Ferreira")
	w.tell(scene{"lookalike", "contractor with a new device", tomas.login}, "new device", func() {
		v := w.visit(tomas, utc("09-15 08:41:00"), host("cafe-lisbon", 12))
		d := w.dice("new laptop", tomas.login)
		v.dev = device{os: "Mac OS X", osVersion: "15.6.1", browser: "CHROME", agent: chromeMac, dtHash: d.hex(32)}
		v.newDevice = true
		v.factor("FIDO_WEBAUTHN", "SUCCESS", "")
		v.startSession()
		v.wait(60, 120).enrol("Tomas's MacBook Air")
		v.dev.oktaID, v.dev.name, v.newDevice = d.oktaID("guo"), "KF-M-907", false
		for _, a := range []app{appSlack, appGitHub, appJira} {
			v.wait(60, 900).sso(a)
		}
	})
}

// joinerAndLeaver: Nils begins on the 14th, Paul has his last day on the 11th.
func (w *world) joinerAndLeaver() {
	ute := w.person("Ute Brandt")
	nils, paul := w.person("Nils Petersen"), w.person("Paul Dreyer")
	w.tell(scene{"lookalike", "joiner", nils.login}, "create", func() {
		v := w.visit(ute, utc("09-11 09:20:00"), host("office-berlin", 1))
		v.login()
		v.wait(60, 90).adminConsole()
		for _, kind := range []string{"user.lifecycle.create", "user.lifecycle.activate"} {
			v.wait(3, 9).admin(kind, "/api/v1/users", []oktaTarget{v.oktaUser(nils)}, nil)
		}
		for _, a := range []app{appSlack, appGitHub, appJira, appOffice} {
			v.wait(1, 5).admin("application.user_membership.add", "/api/v1/apps/"+a.id+"/users", []oktaTarget{v.oktaUser(nils), a.target()}, nil)
		}
		v.wait(60, 90).entraLogin(portal)
		v.wait(20, 40).direct(directoryAct{"Add user", "UserManagement", "Core Directory", "Add", "", []auditTarget{userTarget(nils, set("AccountEnabled", "true"))}, nil})
	})
	w.tell(scene{"lookalike", "joiner", nils.login}, "enrol", func() {
		v := w.visit(nils, utc("09-14 06:50:00"), host("office-berlin", 5))
		v.newDevice = true
		v.startSession()
		v.wait(30, 60).enrol("Nils's iPhone")
	})
	w.tell(scene{"lookalike", "leaver", paul.login}, "deactivate", func() {
		v := w.visit(ute, utc("09-11 15:30:00"), host("office-berlin", 1))
		v.login()
		v.wait(60, 90).adminConsole()
		v.wait(9, 20).admin("user.lifecycle.deactivate", "/api/v1/users/"+paul.oktaID, []oktaTarget{v.oktaUser(paul)}, nil)
		v.wait(60, 90).entraLogin(portal)
		v.wait(20, 40).direct(directoryAct{"Disable account", "UserManagement", "Core Directory", "Update", "", []auditTarget{userTarget(paul, set("AccountEnabled", "false"))}, nil})
	})
}

// nightCall: Yusuf is on call and works in the middle of the night, from home, on his own laptop.
func (w *world) nightCall() {
	yusuf := w.person("Yusuf Demir")
	w.tell(scene{"lookalike", "night call", yusuf.login}, "night call", func() {
		v := w.visit(yusuf, utc("09-17 00:47:00"), yusuf.homeAddr)
		v.login()
		v.wait(30, 60).awsSession("PlatformAdmin", true).browse("platform", 9)
		v.wait(60, 90).vaultSession().wait(5, 20).read("platform/" + kvNames["platform"][2])
	})
}

// fumble: Joan refuses two pushes she did not see herself ask for, then answers the third.
func (w *world) fumble() {
	joan := w.person("Joan Whitaker")
	w.tell(scene{"lookalike", "refused pushes", joan.login}, "fumble", func() {
		v := w.visit(joan, utc("09-18 12:31:00"), host("office-boston", 6))
		for range 2 {
			v.push()
			v.wait(4, 9).factor("OKTA_VERIFY_PUSH", "FAILURE", "INVALID_CREDENTIALS")
			v.wait(10, 30)
		}
		v.push()
		v.wait(4, 9).factor("OKTA_VERIFY_PUSH", "SUCCESS", "")
		v.startSession()
	})
}

// changeCredentials sets the keys of an application; Entra writes the whole list before and after.
func (v *visit) changeCredentials(s *principal, before, after []string) {
	list := func(keys []string) string { return `["` + strings.Join(keys, `","`) + `"]` }
	changes := []auditProperty{{"KeyDescription", list(before), list(after)}, set("Included Updated Properties", "KeyDescription"),
		set("TargetId.ServicePrincipalNames", s.appID)}
	application := newTarget(auditTarget{ID: s.appID, DisplayName: s.name, Type: "Application"}, changes[:2])
	v.direct(directoryAct{"Update application – Certificates and secrets management ", "ApplicationManagement", "Core Directory", "Update", "", []auditTarget{application}, userAgentDetail})
	operation := "Add service principal credentials"
	if len(after) < len(before) {
		operation = "Remove service principal credentials"
	}
	v.wait(0, 1).direct(directoryAct{operation, "ApplicationManagement", "Core Directory", "Update", "", []auditTarget{s.target(changes...)}, userAgentDetail})
}

var userAgentDetail = []keyValue{{"User-Agent", "Mozilla/5.0"}, {"AppId", portal.appID}}
