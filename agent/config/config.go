// Package config reads the one YAML file that the agent and the Fluent Bit plugin share.
//
// It is strict: an unknown key, a wrong type or a bad value is an error with file and line, several at once. A value is
// never part of an error, because it may be a secret that stands on the wrong line.
package config

import (
	"path/filepath"
	"time"
)

// Config is the whole configuration. Its struct tags are the schema: key, default, bounds and documentation of each key.
type Config struct {
	DataDir    string        `key:"data_dir" default:"/var/lib/idwatch" doc:"Directory of all that must survive: positions, dead letters, documents of the file output. One process at a time."`
	Source     string        `key:"source" default:"auto" enum:"auto|okta|entra|cloudtrail|vault|ecs" doc:"Where records come from when the input does not say; auto finds it by the shape of each record."`
	Inputs     []Input       `key:"inputs" doc:"What the agent reads. The plugin gets its records from Fluent Bit and starts none of these."`
	Outputs    Outputs       `key:"outputs"`
	Queue      Queue         `key:"queue"`
	Spool      Spool         `key:"spool"`
	DeadLetter DeadLetter    `key:"deadletter"`
	Lateness   time.Duration `key:"lateness" default:"15m" max:"7d" doc:"How far behind the newest event time of its source a record may arrive and still change an alert."`
	Cache      Cache         `key:"cache"`
	Rules      string        `key:"rules" file:"dir" doc:"Directory of Sigma rules, read again when it changes; none when empty."`
	Context    string        `key:"context" file:"file" doc:"Context file: identities, windows, networks; none when empty."`
	GeoIP      GeoIP         `key:"geoip"`
	Console    Console       `key:"console"`
	Store      Store         `key:"store"`
	Control    Control       `key:"control"`
	Windows    Windows       `key:"windows"`
	Escalation Escalation    `key:"escalation"`

	name  string         // the file, for errors
	lines map[string]int // the line of each key that the file has
}

// Outputs says where documents go.
type Outputs struct {
	Elasticsearch Elasticsearch `key:"elasticsearch"`
	File          File          `key:"file"`
}

// Elasticsearch is the output to a cluster; it is in use when it has a URL.
type Elasticsearch struct {
	URL              []string `key:"url" need:"yes" doc:"Address of the cluster, or a list of addresses of its nodes: https://host:9200."`
	CAFile           string   `key:"ca_file" file:"file" doc:"PEM file with the authority that signed the server's certificate; the system's authorities when empty."`
	APIKeyFile       string   `key:"api_key_file" file:"file" doc:"File with the API key, in the encoded form; readable by the owner alone."`
	Username         string   `key:"username" doc:"User name, with password_file, where there is no API key."`
	PasswordFile     string   `key:"password_file" file:"file" doc:"File with the password of username; readable by the owner alone."`
	Compression      string   `key:"compression" default:"gzip" enum:"gzip|none" doc:"Compression of requests."`
	Namespace        string   `key:"namespace" default:"default" doc:"Last part of the names of data streams, as in logs-okta.system-default."`
	PreserveOriginal bool     `key:"preserve_original" default:"false" doc:"Keep each record as received in event.original."`
}

// File is the output to NDJSON files. Ask Config.FileOutput whether it is in use, and where.
type File struct {
	Path             string        `key:"path" doc:"Directory of the NDJSON files, one for each data stream; out below data_dir when empty. This output is in use when it or no other output is named."`
	MaxBytes         Size          `key:"max_bytes" default:"256MiB" min:"1MiB" doc:"Size at which a file is closed and the next one is begun."`
	MaxAge           time.Duration `key:"max_age" default:"0s" max:"366d" doc:"Age at which a file is closed and the next one is begun; never when 0."`
	Keep             int           `key:"keep" default:"16" max:"100000" doc:"Closed files kept for each data stream, the oldest are removed; all when 0."`
	Namespace        string        `key:"namespace" doc:"As the key of elasticsearch, for a configuration without that output."`
	PreserveOriginal bool          `key:"preserve_original" default:"false" doc:"As the key of elasticsearch, for a configuration without that output."`

	named bool // the configuration has the key, if only to accept all defaults
}

// Queue bounds what is held in memory between the spool and the outputs.
type Queue struct {
	MaxBytes Size `key:"max_bytes" default:"64MiB" min:"4MiB" max:"16GiB" doc:"Bytes of records in memory on their way from spool to outputs; what is more is read from the spool again."`
}

// Spool bounds what is held on disk while no output can take documents.
type Spool struct {
	MaxBytes Size `key:"max_bytes" default:"4GiB" min:"64MiB" doc:"Bytes of records kept on disk until outputs have taken them; when they are reached inputs wait and the plugin answers RETRY. Alerts have a sixteenth of this beside."`
}

// DeadLetter bounds the copies of records that could not be read or were refused.
type DeadLetter struct {
	MaxBytes Size `key:"max_bytes" default:"1GiB" min:"1MiB" doc:"Bytes kept of records that could not be read or were refused; when they are reached what is there stays, and new ones are counted only."`
}

// Cache bounds the memory that identities and their timelines take.
type Cache struct {
	Identities int  `key:"identities" default:"100000" min:"1000" max:"100000000" doc:"Identities held in memory."`
	Bytes      Size `key:"bytes" default:"256MiB" min:"16MiB" doc:"Bytes that identities and their timelines may take in memory."`
	Open       int  `key:"open" default:"250000" min:"10000" max:"100000000" doc:"Records within lateness that wait in memory for earlier ones, up to 6 kB each; beyond that the oldest are taken as settled before lateness is over."`
	Disk       Size `key:"disk" default:"1GiB" min:"64MiB" doc:"Bytes on disk for identities and credentials that had to be forgotten; beyond that the oldest are given up."`
}

// GeoIP names the MaxMind databases.
type GeoIP struct {
	City string `key:"city" file:"file" doc:"MaxMind database of cities, read again when it changes; no places when empty."`
	ASN  string `key:"asn" file:"file" doc:"MaxMind database of networks, read again when it changes; no networks when empty."`
}

// Console is the web console, with the metrics and health of the process.
type Console struct {
	Listen    string   `key:"listen" default:"127.0.0.1:8642" doc:"Address and port of console, /metrics and /healthz, or off. Loopback, unless cert_file, key_file and token_file are set. In the plugin off unless the file names it. A port that is taken is tried again while the agent works."`
	Hosts     []string `key:"hosts" doc:"Names by which requests may call this host, beside localhost and the address: requests for any other are refused."`
	CertFile  string   `key:"cert_file" file:"file" doc:"PEM file with the certificate for TLS, read again at each connection."`
	KeyFile   string   `key:"key_file" file:"file" doc:"PEM file with the certificate's key."`
	TokenFile string   `key:"token_file" file:"file" doc:"File with a token that requests have to show, as bearer token or as the password of any user name; readable by the owner alone."`
}

// Store is what is kept on this machine for the console and for explain.
type Store struct {
	Enabled  bool          `key:"enabled" default:"true" doc:"Keep alerts, notes and a window of records in store below data_dir. In the plugin only when the file has this key or console.listen."`
	MaxBytes Size          `key:"max_bytes" default:"256MiB" doc:"Compressed bytes of the window of records that can be searched, a tenth or so of their size; the oldest go first. No records when 0B."`
	MaxAge   time.Duration `key:"max_age" default:"30d" max:"3660d" doc:"Age at which records leave the window; never when 0s."`
	Alerts   int           `key:"alerts" default:"50000" min:"100" max:"10000000" doc:"Alerts kept, and as many signals; the oldest go first, with their notes."`
}

// Control is how the tools reach the running process.
type Control struct {
	Enabled bool `key:"enabled" default:"true" doc:"Make a socket in data_dir by which status, reload and other commands talk to the running process. Without it they read what the process last wrote there."`
}

// Default returns the configuration that an empty file gives.
func Default() *Config {
	c := &Config{lines: map[string]int{}}
	setDefaults(c)
	return c
}

// ToElasticsearch reports whether documents go to a cluster.
func (c *Config) ToElasticsearch() bool {
	return len(c.Outputs.Elasticsearch.URL) > 0
}

// FileOutput returns the file output with its directory, and whether it is in use: when it is named, or nothing else is.
func (c *Config) FileOutput() (File, bool) {
	f := c.Outputs.File
	if f.Path == "" {
		f.Path = filepath.Join(c.DataDir, "out")
	}
	return f, f.named || !c.ToElasticsearch()
}

// Namespace returns the last part of the names of data streams.
func (c *Config) Namespace() string {
	if c.Outputs.File.Namespace != "" {
		return c.Outputs.File.Namespace
	}
	return c.Outputs.Elasticsearch.Namespace
}

// PreserveOriginal reports whether documents keep the record as received.
func (c *Config) PreserveOriginal() bool {
	return c.Outputs.Elasticsearch.PreserveOriginal || c.Outputs.File.PreserveOriginal
}

// Named reports whether the file has a key, such as "console.listen": some defaults differ between agent and plugin.
func (c *Config) Named(path string) bool {
	return c.lines[path] > 0
}
