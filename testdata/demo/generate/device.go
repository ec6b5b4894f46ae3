package main

import "fmt"

// device is a computer as the logs see it.
type device struct {
	os, osVersion, browser string // Okta's words
	agent                  string
	dtHash                 string // Okta's device token of the browser
	oktaID, entraID, name  string // empty when it is not enrolled
	managed                bool
}

const (
	chromeMac   = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"
	edgeWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"
	foxLinux    = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
	chromeLinux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36"
)

// newDevice is the laptop a person was given.
func newDevice(d *dice, p *person) device {
	v := device{os: "Windows 10", osVersion: "10.0.26100.4946", browser: "EDGE", agent: edgeWindows, managed: true}
	switch {
	case p.team == "engineering" && d.chance(30), p.note == "contractor":
		v.os, v.osVersion, v.browser, v.agent = "Linux", "6.12", "FIREFOX", foxLinux
	case p.team != "finance" && p.team != "people" && d.chance(65):
		v.os, v.osVersion, v.browser, v.agent = "Mac OS X", "15.6.1", "CHROME", chromeMac
	}
	v.dtHash, v.oktaID, v.entraID = d.hex(32), d.oktaID("guo"), d.uuid()
	v.name = fmt.Sprintf("KF-%s-%03d", map[string]string{"Windows 10": "W", "Mac OS X": "M", "Linux": "L"}[v.os], d.IntN(1000))
	return v
}

// platform is the device's system in the words of Okta's device record.
func (v device) platform() string {
	return map[string]string{"Windows 10": "WINDOWS", "Mac OS X": "OSX", "Linux": "LINUX"}[v.os]
}

// entraOS and entraBrowser are Entra's words for the same.
func (v device) entraOS() string {
	return map[string]string{"Windows 10": "Windows10", "Mac OS X": "MacOs", "Linux": "Linux"}[v.os]
}

func (v device) entraBrowser() string {
	return map[string]string{"CHROME": "Chrome 139.0.0", "EDGE": "Edge 139.0.0", "FIREFOX": "Firefox 142.0"}[v.browser]
}
