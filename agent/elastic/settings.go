// Package elastic delivers documents to Elasticsearch and sets its templates up.
//
// Sender is the one place that decides whether a document is sent again: Send returns when each document is taken or refused
// for good. What the server says in words is never logged and never part of an error, because it quotes the documents.
package elastic

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"
)

// Settings say where a cluster is and how to talk to it. The keys of the configuration file have the same names.
type Settings struct {
	URLs         []string // addresses of nodes, such as https://es:9200
	CAFile       string   // PEM file of the authority that signed the servers' certificates; the system's when empty
	APIKeyFile   string   // file with the API key, encoded or as id:key
	Username     string   // with PasswordFile, where there is no API key
	PasswordFile string
	Compression  string        // "gzip", the default, or "none"
	InFlight     int           // requests under way at a time; 0 is DefaultInFlight
	RequestBytes int           // size of a request before compression; 0 is DefaultRequestBytes
	Timeout      time.Duration // for each attempt, not for all together; 0 is DefaultTimeout
	Log          *slog.Logger  // nil logs nothing
}

// What applies when the settings do not say.
const (
	DefaultInFlight     = 3
	DefaultRequestBytes = 8 << 20
	DefaultTimeout      = 90 * time.Second
)

// complete checks the settings and fills in what they leave open.
func (s *Settings) complete() error {
	if len(s.URLs) == 0 {
		return errors.New("elasticsearch: url is missing")
	}
	for _, address := range s.URLs {
		if err := checkURL(address); err != nil {
			return err
		}
	}
	switch {
	case s.APIKeyFile != "" && s.Username != "":
		return errors.New("elasticsearch: api_key_file and username are both set: keep one")
	case (s.Username == "") != (s.PasswordFile == ""):
		return errors.New("elasticsearch: username and password_file belong together")
	case s.Compression != "" && s.Compression != "gzip" && s.Compression != "none":
		return errors.New("elasticsearch: compression is gzip or none")
	}
	if s.InFlight <= 0 {
		s.InFlight = DefaultInFlight
	}
	if s.RequestBytes <= 0 {
		s.RequestBytes = DefaultRequestBytes
	}
	if s.Timeout <= 0 {
		s.Timeout = DefaultTimeout
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// checkURL never shows the address: it may hold a password.
func checkURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("elasticsearch: url is not an address such as https://host:9200")
	case u.User != nil:
		return errors.New("elasticsearch: url holds a user name or password: use username and password_file")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("elasticsearch: url has something after the path: leave it out")
	}
	return nil
}

// warn logs what works and is dangerous.
func (s *Settings) warn() {
	if s.APIKeyFile == "" && s.Username == "" {
		return
	}
	for _, address := range s.URLs {
		u, err := url.Parse(address)
		if err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
			s.Log.Warn("credentials and documents travel unencrypted: use https", "url", address)
		}
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// where names the cluster in errors.
func (s *Settings) where() string {
	return fmt.Sprintf("elasticsearch at %s", strings.Join(s.URLs, ", "))
}
