package main

import (
	"net/netip"
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// ordinary tells the three weeks as they would have been.
func (w *world) ordinary() {
	for day := firstDay; !day.After(lastDay); day = day.AddDate(0, 0, 1) {
		for _, p := range w.everybody {
			w.dayOf(p, day)
		}
		w.machinesInOkta(day)
		w.machinesInEntra(day)
		w.machinesInAWS(day)
		w.machinesInVault(day)
		w.builds(day)
	}
}

// works says whether somebody works on a day: weekends, leave, holidays, and those who are not there yet or any more.
func (w *world) works(p *person, d *dice, day time.Time) bool {
	n := day.Day()
	switch {
	case p.name == victim:
		return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
	case p.note == "joiner" && n < 14, p.note == "leaver" && n > 11:
		return false
	case p.awayFrom <= n && n <= p.awayTo && p.awayFrom > 0:
		return false
	case p.office == "boston" && n == 7: // Labor Day
		return false
	case p.name == "Sofia Marini" && n >= 7 && n <= 10: // travels: told elsewhere
		return false
	case day.Weekday() == time.Saturday, day.Weekday() == time.Sunday:
		return d.chance(map[string]int{"platform": 12, "leadership": 15}[p.team])
	}
	return !d.chance(4) // ill
}

// dayOf is one person's day: sign in, open applications, go home.
func (w *world) dayOf(p *person, day time.Time) {
	d := w.dice("day", p.login, day)
	if !w.works(p, d, day) {
		return
	}
	start := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, p.zone).Add(p.starts + d.around(14*time.Minute))
	v := w.visit(p, start, w.placeOf(p, d, day))
	v.login()
	if d.chance(1) {
		v.wait(20, 60).admin("user.account.update_password", "/enduser/settings", []oktaTarget{v.oktaUser(p)}, nil)
	}
	mail := d.chance(65)
	for i, a := range everyday[p.team] {
		if d.chance(70 - 12*i) {
			v.wait(20, 2400)
			w.open(v, a)
		}
	}
	if mail {
		w.mailDay(v, d)
	}
	if p.team == "support" && d.chance(25) {
		w.helpDesk(v)
	}
	if d.chance(30) {
		v.until(start.Add(8*time.Hour + d.around(40*time.Minute))).logout()
	}
}

// placeOf is where somebody works from that day: the office, at home, or at home behind the VPN.
func (w *world) placeOf(p *person, d *dice, day time.Time) netip.Addr {
	atHome := 30
	if day.Weekday() == time.Friday || day.Weekday() == time.Monday {
		atHome = 55
	}
	weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
	switch {
	case p.office == "lisbon", weekend:
		return p.homeAddr
	case !d.chance(atHome):
		return places.Find("office-" + p.office).Host(uint32(d.IntN(8)))
	case d.chance(60):
		return places.Find("vpn").Host(uint32(d.IntN(6)))
	}
	return p.homeAddr
}

// open is an application and what comes of it in the other logs.
func (w *world) open(v *visit, a app) {
	team := v.who.team
	switch {
	case a == appAWS:
		v.awsSession(awsRole[team], v.d.chance(60)).browse(team, 3+v.d.IntN(6))
	case a == appVault:
		v.vaultVisit()
	case a == appConsole:
		v.adminConsole()
	default:
		v.sso(a)
	}
}

// mailDay is Entra's side of the day: one sign-in, then tokens that renew themselves, at times from the phone.
func (w *world) mailDay(v *visit, d *dice) {
	m := *v
	m.wait(30, 900)
	if d.chance(5) {
		m.entraInterrupted(outlook, 50140, "This occurred due to 'Keep me signed in' interrupt when the user was signing in.")
		m.wait(3, 8)
	}
	m.sso(appOffice)
	m.wait(1, 3).entraLogin(outlook)
	for range 1 + d.IntN(4) {
		m.wait(1200, 7200).entraRefresh(pick(d, everydayTokens))
	}
	if home, _ := places.Of(m.who.phoneAddr); d.chance(20) && home.Place.Country == m.network().Place.Country {
		phone := m
		phone.dev.agent, phone.dev.entraID, phone.dev.name = "Outlook-iOS/4.2530.0", "", ""
		phone.from(m.who.phoneAddr).wait(60, 3600)
		phone.entraRefresh(outlook)
	}
}

// helpDesk is support letting a colleague into a group.
func (w *world) helpDesk(v *visit) {
	group := []oktaTarget{v.oktaUser(pick(v.d, w.everybody)), {ID: "00g1dispat3Kd8Vr2Xd7", Type: "UserGroup", AlternateID: "unknown", DisplayName: "Dispatch tools"}}
	v.wait(600, 5400).adminConsole()
	v.wait(20, 60).admin("group.user_membership.add", "/api/v1/groups/"+group[1].ID+"/users/"+group[0].ID, group, nil)
}

// builds are the merges of the day.
func (w *world) builds(day time.Time) {
	d := w.dice("builds", day)
	if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		return
	}
	for range 5 + d.IntN(5) {
		at := day.Add(7*time.Hour + time.Duration(d.IntN(12*3600))*time.Second)
		w.workflow(pick(d, []string{"booking", "tracking", "billing"}), "ref:refs/heads/main", "ci-build", at, pick(d, w.everybody[6:16])).build()
	}
}
