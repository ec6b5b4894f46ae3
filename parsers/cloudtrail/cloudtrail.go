// Package cloudtrail parses AWS CloudTrail records: API calls, sign-ins, service events, insights and digests.
package cloudtrail

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// Dataset is event.dataset, named as Elastic's aws integration names it.
const Dataset = "aws.cloudtrail"

const domain = ".amazonaws.com"

// trail is one record while it is parsed. What CloudTrail writes for "nothing" (null, "", "-", "none", {} and []) is absent.
type trail struct {
	ev *ecs.Event
	w  writer // at aws.cloudtrail

	time, sharedID, sharedId                record.Value
	request, response, additional, service  record.Value // the payloads
	resources, insight, tls, sourceIdentity record.Value
	moved                                   record.Value // what of additional became user.name
	digest                                  digest

	category, account, consoleSession string
	readOnly, failed                  bool
	who                               who
}

// Parse makes an event of one record.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
func Parse(ev *ecs.Event) error {
	t := trail{ev: ev}
	t.w.B = ev.Vendor
	ev.Dataset, ev.Module, ev.ECSVersion = Dataset, "aws", "8.11.0"
	ev.Kind, ev.Cloud.Provider = "event", "aws"
	aws := t.w.Open("aws")
	cloudtrail := t.w.Open("cloudtrail")
	root := ev.Record.Root()
	for m := root.First(); m.Found(); m = m.NextIn(root) {
		if !m.Hollow() {
			t.member(m)
		}
	}
	if err := t.when(); err != nil {
		return err
	}
	t.accounts()
	t.actor()
	t.payloads()
	t.w.Close(cloudtrail)
	t.w.Close(aws)
	t.categorise()
	t.affected()
	t.entities()
	t.related()
	t.link()
	t.identify()
	ev.Vendor = t.w.B
	ev.KeepOriginal = ev.KeepOriginal || t.w.Cleaned
	return nil
}

// member takes one member of the record: it is written at once, or kept for where several are needed together.
func (t *trail) member(m record.Value) {
	ev, w := t.ev, &t.w
	switch m.Key() {
	case "eventVersion":
		w.keyword("event_version", m)
	case "userIdentity":
		t.userIdentity(m)
	case "eventTime":
		t.time = m
	case "eventSource":
		ev.Provider = w.text(m)
	case "eventName":
		ev.Action = w.text(m)
	case "awsRegion":
		ev.Cloud.Region = w.text(m)
	case "sourceIPAddress":
		ev.Source.Address = w.text(m)
	case "userAgent":
		ev.UserAgent.Original, ev.UserAgent.Known = w.text(m), true
	case "errorCode":
		w.keyword("error_code", m)
		t.failed = true
	case "errorMessage":
		w.keyword("error_message", m)
		t.failed = true
	case "requestParameters":
		t.request = m
	case "responseElements":
		t.response = m
	case "additionalEventData":
		t.additional = m
	case "serviceEventDetails":
		t.service = m
	case "requestID":
		w.keyword("request_id", m)
	case "eventID":
		ev.ID = w.text(m)
	case "readOnly":
		w.boolean("read_only", m)
		t.readOnly = m.Scalar() == "true"
	case "resources":
		t.resources = m
		t.writeResources(m)
	case "eventType":
		w.keyword("event_type", m)
	case "managementEvent":
		w.Str("management_event", w.text(m)) // a text for Elastic
	case "recipientAccountId":
		t.account = w.keyword("recipient_account_id", m)
	case "eventCategory":
		t.category = w.keyword("event_category", m)
	case "tlsDetails":
		t.tls = w.object(m)
	case "sessionCredentialFromConsole":
		t.consoleSession = w.keyword("session_credential_from_console", m)
	default:
		t.rareMember(m)
	}
}

// rareMember takes the members that few records have.
func (t *trail) rareMember(m record.Value) {
	w := &t.w
	switch key := m.Key(); key {
	case "apiVersion":
		w.keyword("api_version", m)
	case "vpcEndpointId":
		w.keyword("vpc_endpoint_id", m)
	case "vpcEndpointAccountId":
		w.keyword("vpc_endpoint_account_id", m)
	case "sharedEventID":
		t.sharedID = m
	case "sharedEventId":
		t.sharedId = m
	case "sourceIdentity":
		t.sourceIdentity = m
	case "insightDetails":
		t.insight = m
	case "addendum":
		mark := w.Open("addendum")
		m = w.object(m)
		w.keyword("reason", m.Get("reason"))
		w.keyword("updated_fields", m.Get("updatedFields"))
		w.keyword("original_request_id", m.Get("originalRequestID"))
		w.keyword("original_event_id", m.Get("originalEventID"))
		w.Close(mark)
	default:
		t.digest.member(key, m)
	}
}

// when sets the event's time: digests have none of their own and happened when their hour was over.
func (t *trail) when() error {
	field, value := "eventTime", t.time
	if !value.Exists() && t.digest.end.Exists() {
		field, value = "digestEndTime", t.digest.end
	}
	if !value.Exists() {
		return ecs.Missing(Dataset, field)
	}
	when, ok := parseTime(value.Str())
	if !ok {
		return ecs.Malformed(Dataset, field)
	}
	t.ev.Time = when
	return nil
}

// accounts tells whose record this is, and where it comes from.
func (t *trail) accounts() {
	ev, awsAccount := t.ev, t.w.text(t.digest.account)
	ev.Tenant = firstOf(t.account, t.who.account, awsAccount)
	ev.Cloud.AccountID = firstOf(t.who.account, t.account, awsAccount)
	if strings.HasSuffix(ev.Provider, domain) {
		ev.Cloud.ServiceName, _, _ = strings.Cut(ev.Provider, domain)
	}
	if shared := t.sharedID; shared.Exists() {
		t.w.keyword("shared_event_id", shared)
	} else {
		t.w.keyword("shared_event_id", t.sharedId)
	}
	ev.Source.Locate = setIP(&ev.Source, ev.Source.Address)
}

// setIP spares the many records whose source is an AWS service the error that tells that its name is no address.
func setIP(p *ecs.Endpoint, text string) bool {
	return text != "" && (text[0]-'0' < 10 || strings.Contains(text, ":")) && p.SetIP(text)
}

// affected sets who and what the call was about.
func (t *trail) affected() {
	ev, w := t.ev, &t.w
	t.writeTLS()
	ev.Group.ID = w.text(t.response.Path("group", "groupId"))
	ev.Group.Name = w.text(t.request.Get("groupName"))
	ev.User.Target.ID = w.text(t.response.Path("user", "userId"))
	ev.User.Target.Name = w.text(t.request.Get("userName"))
	ev.User.ChangedName = w.text(t.request.Get("newUserName"))
}

// fail notes what Elastic's pipeline could not map either.
func (t *trail) fail(problem string) {
	t.ev.Kind = "pipeline_error"
	t.ev.Errors = append(t.ev.Errors, problem)
	t.ev.KeepOriginal = true
}

func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
