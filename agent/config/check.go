package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// check looks at what no type can say: the forms of addresses, and keys that need or exclude each other.
func (c *Config) check() Errors {
	var errs Errors
	report := func(path, problem string) {
		if problem != "" {
			errs = append(errs, c.errorAt(path, problem))
		}
	}
	c.checkElasticsearch(report)
	c.checkFileOutput(report)
	c.checkInputs(report)
	c.checkDelivery(report)
	if c.DataDir == "" {
		report("data_dir", "is empty")
	}
	c.checkConsole(report)
	c.checkGovern(report)
	return errs
}

func (c *Config) checkElasticsearch(report func(path, problem string)) {
	const at = "outputs.elasticsearch."
	es := c.Outputs.Elasticsearch
	for i, u := range es.URL {
		path := at + "url"
		if element := path + "[" + strconv.Itoa(i) + "]"; c.Named(element) {
			path = element
		}
		report(path, checkURL(u))
	}
	report(at+"namespace", checkNamespace(es.Namespace))
	switch {
	case es.APIKeyFile != "" && es.Username != "":
		report(at+"username", "excludes api_key_file: name one of the two")
	case es.Username != "" && es.PasswordFile == "":
		report(at+"username", "needs password_file")
	case es.PasswordFile != "" && es.Username == "":
		report(at+"password_file", "needs username")
	}
}

// checkURL allows no credentials in an address, since addresses are shown in logs.
func checkURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return "want an address such as https://host:9200"
	case u.User != nil:
		return "has credentials in it: use username and password_file, or api_key_file"
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "has more than scheme, host, port and path"
	}
	return ""
}

// checkNamespace allows what Elasticsearch allows at the end of a data stream's name, and less.
func checkNamespace(name string) string {
	for _, c := range []byte(name) {
		if c != '_' && c != '.' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return "may have lower-case letters, digits, _ and . only"
		}
	}
	if name == "" || len(name) > 100 {
		return "want 1 to 100 characters"
	}
	return ""
}

func (c *Config) checkFileOutput(report func(path, problem string)) {
	const at = "outputs.file."
	f := c.Outputs.File
	if f.Namespace != "" {
		report(at+"namespace", checkNamespace(f.Namespace))
	}
	if !c.ToElasticsearch() {
		return
	}
	const one = "belongs to outputs.elasticsearch when both outputs are named"
	if f.Namespace != "" {
		report(at+"namespace", one)
	}
	if f.PreserveOriginal {
		report(at+"preserve_original", one)
	}
}

// checkedInput is an input with keys that need or exclude each other.
type checkedInput interface {
	check(report func(key, problem string))
}

func (c *Config) checkInputs(report func(path, problem string)) {
	stdin := false
	for i, in := range c.Inputs {
		at := "inputs[" + strconv.Itoa(i) + "]."
		if own, ok := in.(checkedInput); ok {
			own.check(func(key, problem string) { report(at+key, problem) })
		}
		if _, ok := in.(*StdinInput); !ok {
			continue
		}
		if stdin {
			report(at+"type", "standard input is an input already")
		}
		stdin = true
	}
}

// checkConsole allows other addresses than loopback only with TLS and a token: the console shows who did what.
func (c *Config) checkConsole(report func(path, problem string)) {
	const at = "console."
	o := c.Console
	report(at+"listen", checkListen(o.Listen, o.CertFile != "" && o.KeyFile != "" && o.TokenFile != ""))
	switch {
	case o.CertFile != "" && o.KeyFile == "":
		report(at+"cert_file", "needs key_file")
	case o.KeyFile != "" && o.CertFile == "":
		report(at+"key_file", "needs cert_file")
	}
}

// checkListen looks at the form of an address, and that it is loopback unless it is guarded.
func checkListen(address string, guarded bool) string {
	if address == "off" {
		return ""
	}
	if checkAddress(address) != "" {
		return "want address:port, or off"
	}
	if !guarded && !isLoopback(address) {
		return "want a loopback address, such as 127.0.0.1, or cert_file, key_file and token_file beside it"
	}
	return ""
}

// checkAddress wants a host, which may be empty for all of this machine's addresses, and a port.
func checkAddress(address string) string {
	_, port, err := net.SplitHostPort(address)
	if n, convErr := strconv.Atoi(port); err != nil || convErr != nil || n < 0 || n > 65535 {
		return "want address:port"
	}
	return ""
}

// isLoopback reports whether an address to listen on can be reached from this machine alone.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback())
}

// checkWebhook wants an address that nobody on the way can read along.
func checkWebhook(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return "want an address such as https://host/path"
	case u.User != nil:
		return "has credentials in it: use url_file"
	case u.Scheme == "http" && !isLoopback(net.JoinHostPort(u.Hostname(), "0")):
		return "has to be https, but on this machine"
	}
	return ""
}
