package main

import (
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// planned tells what stands out and is in order: it looks like the abuse in one way or another.
func (w *world) planned() {
	w.deployments()
	w.rotations()
	w.elevation()
	w.failover()
	w.travel()
	w.contractorLaptop()
	w.joinerAndLeaver()
	w.nightCall()
	w.fumble()
}

func (w *world) person(name string) *person { return find(w.everybody, name) }

// deployments: Tuesdays and Thursdays at 20:00 UTC, in a declared window.
func (w *world) deployments() {
	for day := firstDay; !day.After(lastDay); day = day.AddDate(0, 0, 1) {
		if day.Weekday() != time.Tuesday && day.Weekday() != time.Thursday {
			continue
		}
		s := scene{"lookalike", "deployment", "platform-deployer"}
		w.tell(s, "deploy", w.workflow("infrastructure", "environment:production", "platform-deployer", day.Add(20*time.Hour+4*time.Minute), w.person("Oskar Wendt")).deploy)
	}
}

// rotations: the monitoring vendor's AWS key, and the secret of the directory sync in Entra.
func (w *world) rotations() {
	s := scene{"lookalike", "key rotation", "svc-metrics"}
	oskar := w.person("Oskar Wendt")
	w.tell(s, "rotate", func() {
		v := w.visit(oskar, utc("09-09 13:05:00"), host("office-berlin", 4))
		v.login()
		c := v.wait(40, 90).awsSession("PlatformAdmin", false)
		c.wait(20, 40).do(newKey("svc-metrics", w.key("svc-metrics", 2), c.at))
		c.at = utc("09-09 14:31:00") // both keys have been in use by then
		c.do(look("iam", "UpdateAccessKey", map[string]any{"userName": "svc-metrics", "accessKeyId": w.key("svc-metrics", 1), "status": "Inactive"}))
		c.wait(600, 900).do(look("iam", "DeleteAccessKey", map[string]any{"userName": "svc-metrics", "accessKeyId": w.key("svc-metrics", 1)}))
		c = w.keyUser("svc-metrics", w.key("svc-metrics", 2), utc("09-09 13:22:00"), host("monitoring", 3))
		c.agent = "observatory-collector/7.4 " + goAgent
		c.do(look("monitoring", "GetMetricData", map[string]any{"startTime": awsTime(c.at.Add(-time.Hour)), "endTime": awsTime(c.at), "maxDatapoints": 10000}))
	})
	s.Story, s.Identity = "credential rotation", directorySync.name
	w.tell(s, "rotate", func() {
		v := w.visit(w.person("Caleb Thornton"), utc("09-10 15:10:00"), host("office-boston", 3))
		v.entraLogin(portal)
		before, after := credential(directorySync.keyID, "sync 2026-03"), credential(directorySync.nextKeyID, "sync 2026-09")
		v.wait(60, 90).changeCredentials(directorySync, []string{before}, []string{before, after})
		v.until(utc("09-10 17:40:00")).changeCredentials(directorySync, []string{before, after}, []string{after})
	})
}

// metricsKey is the key the monitoring vendor uses at that time.
func (w *world) metricsKey(at time.Time) string {
	if at.Before(utc("09-09 14:10:00")) {
		return w.key("svc-metrics", 1)
	}
	return w.key("svc-metrics", 2)
}

func newKey(user, key string, at time.Time) call {
	return call{source: "iam", name: "CreateAccessKey", params: map[string]any{"userName": user}, response: map[string]any{"accessKey": map[string]any{
		"userName": user, "accessKeyId": key, "status": "Active", "createDate": awsDate(at)}}}
}

// elevation: Priya raises herself for an incident, with a ticket, and looks at what she needs.
func (w *world) elevation() {
	w.tell(scene{"lookalike", "PIM elevation", w.person("Priya Nair").login}, "elevation", func() {
		v := w.visit(w.person("Priya Nair"), utc("09-16 14:02:00"), host("office-boston", 2))
		v.login()
		v.wait(20, 60).sso(appOffice)
		v.wait(1, 2).entraLogin(portal)
		role := newTarget(auditTarget{ID: "c4e39bd9-1100-46d3-8c65-fb160da0071f", DisplayName: "Authentication Administrator", Type: "Role"}, nil)
		details := []keyValue{{"Justification", "INC-2291: locked-out dispatchers"}, {"TicketNumber", "INC-2291"}, {"ExpirationTime", awsTime(v.at.Add(2 * time.Hour))}}
		for _, operation := range []string{"Add member to role requested (PIM activation)", "Add member to role completed (PIM activation)"} {
			v.wait(2, 20).direct(directoryAct{operation, "RoleManagement", "PIM", "Assign", "INC-2291: locked-out dispatchers", []auditTarget{role, userTarget(v.who)}, details})
		}
		v.wait(200, 400).direct(directoryAct{"Admin registered security info", "UserManagement", "Authentication Methods", "Create",
			"Admin registered phone method for user", []auditTarget{userTarget(w.person("Lars Bergmann"))}, nil})
		v.wait(3000, 3600).direct(directoryAct{"Remove member from role completed (PIM deactivate)", "RoleManagement", "PIM", "Unassign", "", []auditTarget{role, userTarget(v.who)}, nil})
	})
}

// failover: on a Saturday, announced: the booking service moves to the other region for two hours, all sessions of its role together.
func (w *world) failover() {
	w.tell(scene{"lookalike", "planned failover", "booking-app"}, "failover", func() {
		v := w.visit(w.person("Jonas Albrecht"), utc("09-12 19:52:00"), w.person("Jonas Albrecht").homeAddr)
		v.login()
		c := v.wait(60, 100).awsSession("PlatformAdmin", true)
		c.region = spareRegion
		c.wait(400, 450).do(call{source: "rds", name: "FailoverGlobalCluster", params: map[string]any{"globalClusterIdentifier": "booking", "targetDbClusterIdentifier": "booking-west"},
			response: map[string]any{"globalClusterIdentifier": "booking", "status": "failing-over"}})
		c.wait(20, 60).do(call{source: "route53", name: "ChangeResourceRecordSets", params: map[string]any{"hostedZoneId": "Z0KESTREL7EXAMPLE"},
			response: map[string]any{"changeInfo": map[string]any{"status": "PENDING"}}})
		for h := range 2 {
			w.bookingHour(utc("09-12 20:00:00").Add(time.Duration(h)*time.Hour), spareRegion)
		}
		c.region, c.at = mainRegion, utc("09-12 21:50:00")
		c.do(call{source: "rds", name: "FailoverGlobalCluster", params: map[string]any{"globalClusterIdentifier": "booking", "targetDbClusterIdentifier": "booking-main"},
			response: map[string]any{"globalClusterIdentifier": "booking", "status": "failing-over"}})
	})
}

// travel: Sofia enrols a phone for the journey and flies to a fair in Tokyo. The time between the places is that of a flight,
// the laptop is her own.
func (w *world) travel() {
	sofia := w.person("Sofia Marini")
	w.tell(scene{"lookalike", "travel", sofia.login}, "enrol", func() {
		v := w.visit(sofia, utc("09-04 13:20:00"), host("office-berlin", 6))
		v.login()
		v.wait(60, 120).enrol("Sofia's travel iPhone")
	})
	w.tell(scene{"lookalike", "travel", sofia.login}, "travel", func() {
		for i, stamp := range []string{"09-08 08:30:00", "09-08 23:50:00", "09-10 00:15:00"} {
			v := w.visit(sofia, utc(stamp), places.Find("hotel-tokyo").Host(77))
			v.strange = i == 0
			v.login()
			v.wait(60, 300).sso(appCRM)
			w.mailDay(v, v.d)
		}
	})
}
