package config

import (
	"net"
	"net/url"
	"time"
)

// OktaInput polls Okta's System Log API.
type OktaInput struct {
	URL            string        `key:"url" need:"yes" doc:"Address of the organisation: https://acme.okta.com."`
	CAFile         string        `key:"ca_file" file:"file" doc:"PEM file with the authority that signed the server's certificate; the system's authorities when empty."`
	TokenFile      string        `key:"token_file" file:"file" doc:"File with an API token of an administrator who may read the log; readable by the owner alone."`
	ClientID       string        `key:"client_id" doc:"Client id of a service app with the scope okta.logs.read, in place of an API token."`
	PrivateKeyFile string        `key:"private_key_file" file:"file" doc:"PEM file with the service app's private key, RSA; readable by the owner alone."`
	KeyID          string        `key:"key_id" doc:"Id (kid) of the key, where the service app has several."`
	Since          time.Duration `key:"since" default:"1d" max:"90d" doc:"How far back the first start ever begins; Okta keeps 90 days."`
	Interval       time.Duration `key:"interval" default:"15s" min:"1s" max:"1d" doc:"Pause between requests when there is nothing more."`
	Limit          int           `key:"limit" default:"1000" min:"1" max:"1000" doc:"Records that one request asks for."`
}

// Type returns "okta".
func (*OktaInput) Type() string { return "okta" }

// Origin returns "okta".
func (*OktaInput) Origin() string { return "okta" }

func (o *OktaInput) check(report func(key, problem string)) {
	report("url", checkURL(o.URL))
	if !isSafeURL(o.URL) {
		report("url", "want https: the credentials would be readable on their way")
	}
	switch {
	case o.TokenFile == "" && o.ClientID == "":
		report("url", "needs token_file, or client_id and private_key_file")
	case o.TokenFile != "" && o.ClientID != "":
		report("client_id", "excludes token_file: name one of the two")
	case o.ClientID != "" && o.PrivateKeyFile == "":
		report("client_id", "needs private_key_file")
	case o.ClientID == "" && (o.PrivateKeyFile != "" || o.KeyID != ""):
		report("private_key_file", "needs client_id")
	}
}

// isSafeURL reports whether what is sent to an address is encrypted or stays on this machine.
func isSafeURL(text string) bool {
	u, err := url.Parse(text)
	return err != nil || u.Scheme == "https" || isLoopback(net.JoinHostPort(u.Hostname(), "0"))
}
