package main

import (
	"net/netip"
	"strings"
	"time"
)

// caller is somebody with AWS credentials: a role session, a user with a key, or a service.
type caller struct {
	w        *world
	d        *dice
	identity awsIdentity
	at       time.Time
	addr     string
	agent    string
	region   string
	console  bool
}

// call is one API call; what is not said is null or usual.
type call struct {
	source, name string
	params       map[string]any
	response     map[string]any
	extra        map[string]any
	resources    []awsResource
	denied       string // what the error message says the caller may not do
	kind         string // eventType when it is no API call
	data         bool   // a data event
}

const (
	cliAgent   = "aws-cli/2.28.1 md/awscrt#0.27.4 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.4 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe"
	botoAgent  = "Boto3/1.40.21 md/Botocore#1.40.21 ua/2.1 os/linux#6.1.141 md/arch#aarch64 lang/python#3.12.11 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.40.21"
	goAgent    = "aws-sdk-go-v2/1.38.3 ua/2.1 os/linux lang/go#1.25.0 md/GOOS#linux md/GOARCH#arm64 api/sts#1.38.0"
	terraAgent = "APN/1.0 HashiCorp/1.0 Terraform/1.13.1 (+https://www.terraform.io) terraform-provider-aws/6.11.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.38.3"
)

func (c *caller) wait(low, high int) *caller {
	c.at = c.at.Add(c.d.seconds(low, high))
	return c
}

// do writes the record of one call.
func (c *caller) do(a call) {
	ev := awsEvent{EventVersion: "1.11", UserIdentity: c.identity, EventTime: awsTime(c.at), EventSource: a.source + ".amazonaws.com",
		EventName: a.name, AWSRegion: c.region, SourceIPAddress: c.addr, UserAgent: c.agent, RequestParameters: a.params,
		ResponseElements: a.response, AdditionalEventData: a.extra, RequestID: c.d.uuid(), EventID: c.d.uuid(), ReadOnly: readsOnly(a.name),
		Resources: a.resources, EventType: "AwsApiCall", ManagementEvent: !a.data, RecipientAccountID: awsAccount, EventCategory: "Management"}
	if a.source == "iam" || a.source == "signin" {
		ev.AWSRegion = globalRegion
	}
	if a.data {
		ev.EventCategory = "Data"
	}
	if a.kind != "" {
		ev.EventType, ev.RequestID, ev.ReadOnly = a.kind, "", false
	}
	if a.denied != "" {
		ev.ErrorCode = "AccessDenied"
		ev.ErrorMessage = "User: " + c.identity.ARN + " is not authorized to perform: " + a.denied + " with an explicit deny in a service control policy"
		ev.ResponseElements = nil
	}
	c.transport(&ev, a)
	c.w.emit(record{source: cloudtrail, at: c.at.Truncate(time.Second), id: ev.EventID, region: ev.AWSRegion, body: ev})
}

// transport is what the record says about the connection: services of AWS itself have none, the web console hides it.
func (c *caller) transport(ev *awsEvent, a call) {
	switch {
	case c.identity.Type == "AWSService":
		ev.SharedEventID = c.d.uuid()
	case c.console:
		ev.SessionCredentialFrom = "true"
	default:
		endpoint := a.source + "." + ev.AWSRegion + ".amazonaws.com"
		if a.source == "iam" {
			endpoint = "iam.amazonaws.com"
		}
		ev.TLSDetails = &awsTLS{"TLSv1.3", "TLS_AES_128_GCM_SHA256", endpoint}
	}
}

// role is an IAM role; its id is a function of its name.
type role struct{ name, id string }

func (w *world) role(name string) role {
	return role{name, w.dice("role", name).awsID("AROA", 17)}
}

func (r role) arn() string { return arn("iam", "role/"+r.name) }

// session is the identity of somebody who has assumed the role.
func (r role) session(d *dice, name string, at time.Time) awsIdentity {
	return awsIdentity{Type: "AssumedRole", PrincipalID: r.id + ":" + name, ARN: arn("sts", "assumed-role/"+r.name+"/"+name), AccountID: awsAccount,
		AccessKeyID: d.awsID("ASIA", 16), SessionContext: &awsSession{
			SessionIssuer:       awsIssuer{"Role", r.id, r.arn(), awsAccount, r.name},
			WebIDFederationData: map[string]any{},
			Attributes:          awsAttributes{awsTime(at), "false"}}}
}

// granted is the answer of STS.
func (r role) granted(d *dice, id awsIdentity, until time.Time) map[string]any {
	name := id.PrincipalID[strings.Index(id.PrincipalID, ":")+1:]
	return map[string]any{
		"credentials": map[string]any{"accessKeyId": id.AccessKeyID, "expiration": awsDate(until),
			"sessionToken": "IQoJb3JpZ2luX2VjE" + d.base64(330)},
		"assumedRoleUser": map[string]any{"assumedRoleId": r.id + ":" + name, "arn": id.ARN}}
}

func (r role) resources() []awsResource {
	return []awsResource{{awsAccount, "AWS::IAM::Role", r.arn()}}
}

// keyUser is an IAM user that works with a key of its own.
func (w *world) keyUser(name, key string, at time.Time, addr netip.Addr) *caller {
	d := w.dice("key user", name, at.UnixNano(), addr)
	id := awsIdentity{Type: "IAMUser", PrincipalID: w.dice("user", name).awsID("AIDA", 17), ARN: arn("iam", "user/"+name),
		AccountID: awsAccount, AccessKeyID: key, UserName: name}
	return &caller{w: w, d: d, identity: id, at: at, addr: addr.String(), agent: botoAgent, region: mainRegion}
}

// key is the access key number n of a user.
func (w *world) key(user string, n int) string { return w.dice("key", user, n).awsID("AKIA", 16) }

// service is a part of AWS that acts on its own.
func (w *world) service(name string, at time.Time) *caller {
	host := name + ".amazonaws.com"
	return &caller{w: w, d: w.dice("service", name, at.UnixNano()), identity: awsIdentity{Type: "AWSService", InvokedBy: host},
		at: at, addr: host, agent: host, region: mainRegion}
}
