package config

import (
	"strconv"
	"time"
)

// Windows says whose signed windows are taken.
type Windows struct {
	Keys      []string      `key:"keys" doc:"PEM files with the Ed25519 public keys of those who may declare windows, such as CI; without any, none are taken."`
	Dir       string        `key:"dir" file:"dir" doc:"Folder in which signed windows may be dropped, as files that end with .window; none when empty."`
	MaxLength time.Duration `key:"max_length" default:"12h" min:"1m" max:"366d" doc:"How long a signed window may be."`
	MaxAhead  time.Duration `key:"max_ahead" default:"7d" max:"366d" doc:"How far ahead a signed window may begin."`
}

// Escalation says who is told of alerts that nobody acknowledges. Whom the escalation list of an identity names is a target here.
type Escalation struct {
	Default []string `key:"default" doc:"Targets, one after the other, for alerts on identities without an escalation list of their own; nobody when empty."`
	Targets []Target `key:"targets" doc:"Who can be told, by webhook."`
}

// Target is somebody who can be told of an alert.
type Target struct {
	Name       string        `key:"name" need:"yes" doc:"Name by which escalation lists call the target."`
	Kind       string        `key:"kind" default:"generic" enum:"generic|slack" doc:"What its body looks like: JSON with the alert's summary, or a message for a Slack-compatible webhook."`
	URL        string        `key:"url" doc:"Address of the webhook: https, or http on this machine."`
	URLFile    string        `key:"url_file" doc:"File with the address, where that is a secret, as of Slack's webhooks; readable by the owner alone."`
	CAFile     string        `key:"ca_file" file:"file" doc:"PEM file with the authority that signed the receiver's certificate, read again when it changes; the system's authorities when empty."`
	SecretFile string        `key:"secret_file" doc:"File with a secret that signs each body, as HMAC-SHA256 in the header X-Idwatch-Signature; readable by the owner alone."`
	Wait       time.Duration `key:"wait" default:"15m" min:"1s" max:"7d" doc:"How long the target has for acknowledging before the next one is told, and for being reached."`
}

// checkGovern looks at what belongs together.
func (c *Config) checkGovern(report func(path, problem string)) {
	names := map[string]bool{}
	for i, t := range c.Escalation.Targets {
		at := "escalation.targets[" + strconv.Itoa(i) + "]"
		switch {
		case names[t.Name]:
			report(at+".name", "is there twice")
		case t.URL == "" && t.URLFile == "":
			report(at, "needs url or url_file")
		case t.URL != "" && t.URLFile != "":
			report(at+".url", "excludes url_file: name one of the two")
		case t.URL != "":
			report(at+".url", checkWebhook(t.URL))
		}
		names[t.Name] = true
	}
	for i, name := range c.Escalation.Default {
		if !names[name] {
			report("escalation.default["+strconv.Itoa(i)+"]", "names no target")
		}
	}
	if c.Windows.Dir != "" && len(c.Windows.Keys) == 0 {
		report("windows.dir", "needs keys: nothing that is dropped there could be believed")
	}
}
