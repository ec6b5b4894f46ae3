package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// OktaInput polls Okta's System Log API.
type OktaInput struct {
	URL            string        `key:"url" need:"yes" doc:"Address of the organisation: https://acme.okta.com."`
	CAFile         string        `key:"ca_file" file:"file" doc:"PEM file with the authority that signed the server's certificate, read again when it changes; the system's authorities when empty."`
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

// S3Input reads objects that a queue of Amazon SQS announces.
type S3Input struct {
	QueueURL        string        `key:"queue_url" need:"yes" doc:"Address of the queue: https://sqs.eu-central-1.amazonaws.com/123456789012/trail."`
	Region          string        `key:"region" doc:"Region of queue and buckets; that of the environment when empty."`
	Endpoint        string        `key:"endpoint" doc:"Address of both services where they are not Amazon's own; buckets are then part of the path."`
	CredentialsFile string        `key:"credentials_file" file:"file" doc:"File with keys as AWS's command line writes it, readable by the owner alone; the machine's role or the environment when empty."`
	Profile         string        `key:"profile" default:"default" doc:"Section of credentials_file."`
	Buckets         []string      `key:"buckets" doc:"Buckets whose objects are read; all that are announced when empty."`
	Visibility      time.Duration `key:"visibility" default:"5m" min:"5s" max:"12h" doc:"How long a message belongs to who received it; kept up as long as it is in work. A message that failed comes again after this time."`
	MaxReceives     int           `key:"max_receives" default:"5" min:"1" max:"1000" doc:"How often a message comes until an object that cannot be read becomes a dead letter."`
	MaxInflated     Size          `key:"max_inflated" default:"4GiB" min:"64KiB" max:"64GiB" doc:"Bytes of an object when it is inflated."`
	Parallel        int           `key:"parallel" default:"2" min:"1" max:"64" doc:"Messages in work at a time, in tens."`
	Source          string        `key:"source" default:"cloudtrail" enum:"auto|okta|entra|cloudtrail|vault|ecs" doc:"Where the records come from."`
	Documents
}

// Type returns "s3".
func (*S3Input) Type() string { return "s3" }

// Origin returns the source that the input names.
func (i *S3Input) Origin() string { return i.Source }

func (i *S3Input) check(report func(key, problem string)) {
	report("queue_url", checkURL(i.QueueURL))
	if i.Endpoint != "" {
		report("endpoint", checkURL(i.Endpoint))
	}
}

// KafkaInput reads topics of Kafka, or of Azure Event Hubs.
type KafkaInput struct {
	Brokers      []string      `key:"brokers" need:"yes" doc:"Address of a broker, or a list of several: kafka1:9093; of an Event Hubs namespace NAME.servicebus.windows.net:9093."`
	Topics       []string      `key:"topics" need:"yes" doc:"Topic, or a list of several; the name of an Event Hub."`
	Group        string        `key:"group" default:"idwatch" doc:"Group of consumers that share the topics; Kafka keeps the group's offsets."`
	From         string        `key:"from" default:"beginning" enum:"beginning|end" doc:"Where a topic is begun of which the group has no offset."`
	TLS          bool          `key:"tls" default:"true" doc:"Connect over TLS."`
	CAFile       string        `key:"ca_file" file:"file" doc:"PEM file with the authority that signed the brokers' certificates, read again when it changes; the system's authorities when empty."`
	Username     string        `key:"username" doc:"User name for SASL PLAIN; $ConnectionString for Event Hubs."`
	PasswordFile string        `key:"password_file" file:"file" doc:"File with the password, for Event Hubs the connection string; readable by the owner alone."`
	Session      time.Duration `key:"session_timeout" default:"30s" min:"1s" max:"5m" doc:"How long an agent that was killed keeps its partitions; brokers bound it, as a rule to 6s at least."`
	Source       string        `key:"source" enum:"auto|okta|entra|cloudtrail|vault|ecs" doc:"Where the records come from; the source of the whole configuration when empty."`
	Documents
}

// Type returns "kafka".
func (*KafkaInput) Type() string { return "kafka" }

// Origin returns the source that the input names.
func (k *KafkaInput) Origin() string { return k.Source }

func (k *KafkaInput) check(report func(key, problem string)) {
	local := true
	for i, address := range k.Brokers {
		local = local && isLoopback(address)
		if problem := checkAddress(address); problem != "" || strings.HasPrefix(address, ":") {
			report("brokers["+strconv.Itoa(i)+"]", "want host:port")
		}
	}
	if k.Group == "" {
		report("group", "is empty")
	}
	switch {
	case (k.Username == "") != (k.PasswordFile == ""):
		report("username", "username and password_file belong together")
	case k.Username != "" && !k.TLS && !local:
		report("tls", "is off: the password would be readable on its way")
	}
}

// isSafeURL reports whether what is sent to an address is encrypted or stays on this machine.
func isSafeURL(text string) bool {
	u, err := url.Parse(text)
	return err != nil || u.Scheme == "https" || isLoopback(net.JoinHostPort(u.Hostname(), "0"))
}
