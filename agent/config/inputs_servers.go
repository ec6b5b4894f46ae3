package config

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Server is what the inputs have in common that others connect to.
type Server struct {
	Listen         string   `key:"listen" need:"yes" doc:"Address and port to listen on, such as 127.0.0.1:8088."`
	CertFile       string   `key:"cert_file" file:"file" doc:"PEM file with the server's certificate and those between it and the authority, read again when it changes; no TLS when empty."`
	KeyFile        string   `key:"key_file" file:"file" doc:"PEM file with the certificate's private key; readable by the owner alone."`
	ClientCAFile   string   `key:"client_ca_file" file:"file" doc:"PEM file with an authority; when named, a client needs a certificate of it."`
	Clients        []string `key:"clients" doc:"Networks that may connect, such as 10.0.0.0/8; all when empty."`
	MaxConnections int      `key:"max_connections" default:"256" min:"1" max:"65536" doc:"Connections at a time; more are closed at once."`
	Insecure       bool     `key:"insecure" default:"false" doc:"Listen beyond this machine without TLS or without a secret: whoever reaches the port can read along or put records in."`
}

// Networks are those that may connect, all when there is none.
func (s *Server) Networks() []netip.Prefix {
	var networks []netip.Prefix
	for _, text := range s.Clients {
		if p, err := netip.ParsePrefix(text); err == nil { // check has seen it
			networks = append(networks, p)
		}
	}
	return networks
}

// check wants TLS and proof of who sends, beyond this machine. proof names the keys that give it, proven says that one of them is there.
func (s *Server) check(report func(key, problem string), proven bool, proof string) {
	report("listen", checkAddress(s.Listen))
	if (s.CertFile == "") != (s.KeyFile == "") {
		report("cert_file", "cert_file and key_file belong together")
	}
	if s.ClientCAFile != "" && s.CertFile == "" {
		report("client_ca_file", "needs cert_file and key_file")
	}
	for i, text := range s.Clients {
		if _, err := netip.ParsePrefix(text); err != nil {
			report("clients["+strconv.Itoa(i)+"]", "want a network such as 10.0.0.0/8")
		}
	}
	if s.Insecure || isLoopback(s.Listen) || checkAddress(s.Listen) != "" {
		return
	}
	const loudly = ", or insecure: true if others may read along and put records in"
	if s.CertFile == "" {
		report("listen", "beyond this machine needs cert_file and key_file"+loudly)
	} else if !proven && s.ClientCAFile == "" {
		report("listen", "beyond this machine needs "+proof+"client_ca_file"+loudly)
	}
}

// HTTPInput takes records by POST: NDJSON, arrays and envelopes, Okta's event hooks, EventBridge's API destinations.
type HTTPInput struct {
	Server
	Path        string        `key:"path" default:"/" doc:"Path that requests have to have; with a / at its end all paths below it, too."`
	TokenFile   string        `key:"token_file" file:"file" doc:"File with the secret that requests show, one a line while it is being changed; readable by the owner alone."`
	Header      string        `key:"header" default:"Authorization" doc:"Header that has the secret, alone or behind the word Bearer."`
	MaxBody     Size          `key:"max_body" default:"16MiB" min:"4KiB" max:"1GiB" doc:"Bytes of a request's body, compressed or not."`
	MaxInflated Size          `key:"max_inflated" default:"256MiB" min:"4KiB" max:"64GiB" doc:"Bytes of a request's body when it is inflated."`
	Timeout     time.Duration `key:"timeout" default:"30s" min:"1s" max:"10m" doc:"How long a request may take until its records are safe; then it is answered 503."`
	Source      string        `key:"source" enum:"auto|okta|entra|cloudtrail|vault|ecs" doc:"Where the records come from; the source of the whole configuration when empty."`
	Documents
}

// Type returns "http".
func (*HTTPInput) Type() string { return "http" }

// Origin returns the source that the input names.
func (h *HTTPInput) Origin() string { return h.Source }

func (h *HTTPInput) check(report func(key, problem string)) {
	h.Server.check(report, h.TokenFile != "", "token_file or ")
	if !strings.HasPrefix(h.Path, "/") {
		report("path", "want a path that begins with /")
	}
	if !isHeader(h.Header) {
		report("header", "want the name of a header, such as Authorization")
	}
}

// isHeader reports whether a name consists of what names of headers consist of, in use.
func isHeader(name string) bool {
	for _, c := range []byte(name) {
		if c != '-' && c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// ForwardInput takes what the forward outputs of Fluent Bit and Fluentd send.
type ForwardInput struct {
	Server
	SharedKeyFile string `key:"shared_key_file" file:"file" doc:"File with the key that clients have to know; readable by the owner alone."`
	Hostname      string `key:"hostname" doc:"Name that clients are told with the shared key; the machine's name when empty."`
	LogKey        string `key:"log_key" doc:"Member that holds the record; found by shape when empty: the vendor's object itself, or log, message, msg, record, body."`
	MaxMessage    Size   `key:"max_message" default:"16MiB" min:"64KiB" max:"512MiB" doc:"Bytes of a message, compressed or not; clients' chunks must not be larger."`
	MaxInflated   Size   `key:"max_inflated" default:"64MiB" min:"64KiB" max:"4GiB" doc:"Bytes of a compressed message when it is inflated."`
	Source        string `key:"source" enum:"auto|okta|entra|cloudtrail|vault|ecs" doc:"Where the records come from; the source of the whole configuration when empty."`
	Documents
}

// Type returns "forward".
func (*ForwardInput) Type() string { return "forward" }

// Origin returns the source that the input names.
func (f *ForwardInput) Origin() string { return f.Source }

func (f *ForwardInput) check(report func(key, problem string)) {
	f.Server.check(report, f.SharedKeyFile != "", "shared_key_file or ")
}

// TCPInput takes one record a line from whoever connects, as Vault's socket audit device does.
type TCPInput struct {
	Server
	Source string `key:"source" enum:"auto|okta|entra|cloudtrail|vault|ecs" doc:"Where the records come from; the source of the whole configuration when empty."`
	Documents
}

// Type returns "tcp".
func (*TCPInput) Type() string { return "tcp" }

// Origin returns the source that the input names.
func (t *TCPInput) Origin() string { return t.Source }

func (t *TCPInput) check(report func(key, problem string)) {
	t.Server.check(report, false, "")
}

// UnixInput takes one record a line from whoever connects to a socket of this machine.
type UnixInput struct {
	Path           string `key:"path" need:"yes" doc:"Path of the socket; one that a killed process has left there is replaced."`
	Mode           string `key:"mode" default:"0660" enum:"0600|0660|0666" doc:"Who may connect: the owner, the group, everybody. In quotes."`
	MaxConnections int    `key:"max_connections" default:"256" min:"1" max:"65536" doc:"Connections at a time; more are closed at once."`
	Source         string `key:"source" enum:"auto|okta|entra|cloudtrail|vault|ecs" doc:"Where the records come from; the source of the whole configuration when empty."`
	Documents
}

// Type returns "unix".
func (*UnixInput) Type() string { return "unix" }

// Origin returns the source that the input names.
func (u *UnixInput) Origin() string { return u.Source }
