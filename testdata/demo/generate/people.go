package main

import (
	"net/netip"
	"strings"
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// person is somebody who works here.
type person struct {
	name, team, office string
	home               string // name of the network at home
	note               string // contractor, leaver, joiner

	login            string
	oktaID, entraID  string
	vaultEntity      string
	homeAddr         netip.Addr
	phoneAddr        netip.Addr
	laptop           device
	starts           time.Duration // usual beginning of the day, local
	zone             *time.Location
	strongFactor     bool // FastPass with a fingerprint instead of a push
	awayFrom, awayTo int  // days of September on leave
}

// staff is name, team, office, home; who joins or leaves says so.
var staff = []string{
	"Mara Lindqvist,platform,berlin,home-berlin", "Jonas Albrecht,platform,berlin,home-potsdam",
	"Priya Nair,platform,boston,home-boston", "Oskar Wendt,platform,berlin,home-berlin",
	"Caleb Thornton,platform,boston,home-providence", "Yusuf Demir,platform,berlin,home-hamburg",
	"Lena Hartwig,engineering,berlin,home-berlin", "Tobias Krahl,engineering,berlin,home-berlin",
	"Ines Falk,engineering,berlin,home-potsdam", "Matteo Ricci,engineering,berlin,home-berlin",
	"Hannah Brooks,engineering,boston,home-boston", "Andre Coleman,engineering,boston,home-boston",
	"Svea Nyström,engineering,berlin,home-hamburg", "Pavel Horak,engineering,berlin,home-berlin",
	"Grace Okafor,engineering,boston,home-providence", "Dylan Pierce,engineering,boston,home-boston",
	"Tomas Ferreira,engineering,lisbon,home-lisbon,contractor", "Nils Petersen,engineering,berlin,home-berlin,joiner",
	"Aiko Tanabe,data,berlin,home-berlin", "Ruben Vos,data,berlin,home-potsdam",
	"Emily Sato,data,boston,home-boston", "Marcus Reid,data,boston,home-providence",
	"Katrin Vogel,security,berlin,home-berlin", "Daniel Osei,security,boston,home-boston",
	"Birgit Sommer,finance,berlin,home-berlin", "Falk Reuter,finance,berlin,home-potsdam",
	"Joan Whitaker,finance,boston,home-boston", "Paul Dreyer,finance,berlin,home-hamburg,leaver",
	"Ralf Engels,sales,berlin,home-berlin", "Sofia Marini,sales,berlin,home-berlin",
	"Trevor Hale,sales,boston,home-boston", "Nadia Rahman,sales,boston,home-providence",
	"Wiebke Jansen,sales,berlin,home-hamburg", "Kim Dao,sales,boston,home-boston",
	"Anja Pohl,support,berlin,home-berlin", "Lars Bergmann,support,berlin,home-potsdam",
	"Megan Doyle,support,boston,home-boston", "Victor Ramos,support,boston,home-providence",
	"Ute Brandt,people,berlin,home-berlin", "Claire Dunham,people,boston,home-boston",
	"Henrik Sand,leadership,berlin,home-berlin", "Alice Monroe,leadership,boston,home-boston",
}

func (w *world) people() []*person {
	var all []*person
	for i, row := range staff {
		cells := append(strings.Split(row, ","), "")
		p := &person{name: cells[0], team: cells[1], office: cells[2], home: cells[3], note: cells[4]}
		w.equip(p, uint32(i))
		all = append(all, p)
	}
	return all
}

var ascii = strings.NewReplacer(" ", ".", "ö", "o", "ü", "u", "ä", "a")

// equip gives a person accounts, a device and habits, all of them functions of the name.
func (w *world) equip(p *person, i uint32) {
	d := w.dice("person", p.name)
	p.login = ascii.Replace(strings.ToLower(p.name)) + "@" + domain
	p.oktaID, p.entraID, p.vaultEntity = d.oktaID("00u"), d.uuid(), d.uuid()
	p.homeAddr = places.Find(p.home).Host(40 + i*13)
	p.phoneAddr = places.Find("mobile-de").Host(900 + i*71)
	if p.office == "boston" {
		p.phoneAddr = places.Find("home-boston").Host(2000 + i*31)
	}
	p.laptop = newDevice(d, p)
	p.strongFactor = p.team == "security" || d.chance(25)
	if p.name == victim {
		p.strongFactor = false
	}
	p.starts = 8*time.Hour + 15*time.Minute + d.around(35*time.Minute)
	p.zone = zoneOf(p.office)
	if d.chance(20) && !storied[p.name] {
		p.awayFrom = 2 + d.IntN(14)
		p.awayTo = p.awayFrom + 3 + d.IntN(4)
	}
}

// storied have something planned and take no leave.
var storied = map[string]bool{victim: true, "Oskar Wendt": true, "Caleb Thornton": true, "Priya Nair": true, "Jonas Albrecht": true,
	"Yusuf Demir": true, "Katrin Vogel": true, "Sofia Marini": true, "Tomas Ferreira": true, "Joan Whitaker": true, "Ute Brandt": true}

func zoneOf(office string) *time.Location {
	name := map[string]string{"berlin": "Europe/Berlin", "boston": "America/New_York", "lisbon": "Europe/Lisbon"}[office]
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func find(people []*person, name string) *person {
	for _, p := range people {
		if p.name == name {
			return p
		}
	}
	panic("no person " + name)
}
