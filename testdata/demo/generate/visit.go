package main

import (
	"net/netip"
	"time"

	"github.com/idwatch/idwatch/testdata/geoip/places"
)

// visit is somebody at a keyboard: who it is (or whom they pretend to be), when, from where and with what.
// Every act moves its clock on.
type visit struct {
	w    *world
	d    *dice
	who  *person
	at   time.Time
	addr netip.Addr
	dev  device

	session     string // Okta's externalSessionId
	transaction string
	strange     bool // Okta's behaviour detection finds the place and the device new
	newDevice   bool // only the device is new
	entraSID    string
}

func (w *world) visit(p *person, at time.Time, addr netip.Addr) *visit {
	d := w.dice("visit", p.login, at.UnixNano(), addr)
	return &visit{w: w, d: d, who: p, at: at, addr: addr, dev: p.laptop,
		session: "102" + d.base64(16), transaction: d.base64(20), entraSID: d.uuid()}
}

// wait lets time pass between two acts.
func (v *visit) wait(low, high int) *visit {
	v.at = v.at.Add(v.d.seconds(low, high))
	return v
}

// until goes to a later moment of the same visit.
func (v *visit) until(at time.Time) *visit {
	if at.After(v.at) {
		v.at = at
	}
	return v
}

// from goes on from another network.
func (v *visit) from(addr netip.Addr) *visit {
	v.addr = addr
	return v
}

func (v *visit) network() places.Network {
	n, ok := places.Of(v.addr)
	if !ok {
		panic("no network holds " + v.addr.String())
	}
	return n
}

// host is an address of a named network; the same number is the same address.
func host(network string, i uint32) netip.Addr { return places.Find(network).Host(i) }
