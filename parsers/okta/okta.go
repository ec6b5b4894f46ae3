// Package okta parses Okta System Log events.
package okta

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// Dataset is event.dataset, named as Elastic's okta integration names it.
const Dataset = "okta.system"

// Parse makes an event of one LogEvent: https://developer.okta.com/docs/reference/api/system-log/
// Members that are empty, at any depth, are as good as absent.
func Parse(ev *ecs.Event) error {
	m := membersOf(ev.Record.Root())
	published := m.published
	if published.Vacant() {
		return ecs.Missing(Dataset, "published")
	}
	when, ok := ecs.ParseTime(published.Str())
	if !ok {
		return ecs.Malformed(Dataset, "published")
	}
	ev.Dataset, ev.Module, ev.ECSVersion = Dataset, "okta", "8.11.0"
	ev.Time, ev.Kind = when, "event"
	ev.ID = m.uuid.Scalar()
	ev.Action = m.eventType.Scalar()
	class := classes[ev.Action]
	ev.Category, ev.Type = class.category, class.types
	ev.Outcome = outcome(m.outcome.Get("result").Scalar())
	actor(ev, m.actor)
	client(ev, m.client, m.securityContext)
	targets(ev, m.target)
	related(ev)
	vendor(ev, &m)
	identify(ev, &m)
	return nil
}

// members are those of a LogEvent that go on.
type members struct {
	uuid, published, eventType, displayMessage, actor, client, device, outcome, target, transaction,
	debugData, authenticationContext, securityContext, request record.Value
}

// membersOf finds them in one pass.
func membersOf(root record.Value) (found members) {
	for m := root.First(); m.Found(); m = m.NextIn(root) {
		switch m.Key() {
		case "uuid":
			found.uuid = m
		case "published":
			found.published = m
		case "eventType":
			found.eventType = m
		case "displayMessage":
			found.displayMessage = m
		case "actor":
			found.actor = m
		case "client":
			found.client = m
		case "device":
			found.device = m
		case "outcome":
			found.outcome = m
		case "target":
			found.target = m
		case "transaction":
			found.transaction = m
		case "debugContext":
			found.debugData = m.Get("debugData")
		case "authenticationContext":
			found.authenticationContext = m
		case "securityContext":
			found.securityContext = m
		case "request":
			found.request = m
		}
	}
	return found
}

// outcome: what Okta allowed is a success, what it denied a failure, a challenge neither.
func outcome(result string) string {
	switch {
	case strings.EqualFold(result, "SUCCESS"), strings.EqualFold(result, "ALLOW"):
		return "success"
	case strings.EqualFold(result, "FAILURE"), strings.EqualFold(result, "DENY"):
		return "failure"
	}
	return "unknown"
}

// actor names the user in three places, but user.id only in two: Elastic's mapping leaves it out.
func actor(ev *ecs.Event, a record.Value) {
	ev.User.Name = a.Get("alternateId").Scalar()
	ev.User.FullName = a.Get("displayName").Scalar()
	ev.Source.User = ecs.User{ID: a.Get("id").Scalar(), Name: ev.User.Name, FullName: ev.User.FullName}
	ev.Client.User = ev.Source.User
}

// client sets source and client, whose place is Okta's own word; only source is looked up.
func client(ev *ecs.Event, c, security record.Value) {
	if ev.Source.SetIP(c.Get("ipAddress").Str()) {
		ev.Source.Locate = true
		ev.Client.IP, ev.Client.Addr = ev.Source.IP, ev.Source.Addr
	}
	w := ecs.Writer{B: ev.Client.Geo}
	place := c.Get("geographicalContext")
	if at := place.Get("geolocation"); isLocation(at) {
		w.Kept("location", at)
	}
	w.Keyword("city_name", place.Get("city"))
	w.Keyword("region_name", place.Get("state"))
	w.Keyword("country_name", place.Get("country"))
	ev.Client.Geo = w.B
	ev.Client.ASOrg = security.Get("asOrg").Scalar()
	ev.Client.Domain = security.Get("domain").Scalar()
	ev.Source.Domain = ev.Client.Domain
	agent := c.Path("userAgent", "rawUserAgent")
	if ev.UserAgent.Original = agent.Scalar(); ev.UserAgent.Original != "" {
		ev.UserAgent.Known = true
	}
}

// isLocation reports whether a value is {lat, lon} within the globe.
func isLocation(v record.Value) bool {
	lat, okLat := v.Get("lat").Float()
	lon, okLon := v.Get("lon").Float()
	return okLat && okLon && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && v.Len() == 2
}

// targets sets user.target from the first user and the first group among the targets. App users do not count.
func targets(ev *ecs.Event, list record.Value) {
	t := &ev.User.Target
	user, group := false, false
	for m := list.First(); m.Kind() != record.Absent; m = m.NextIn(list) {
		kind := m.Get("type").Str()
		if !user && strings.EqualFold(kind, "User") {
			user = true
			t.FullName, t.ID = m.Get("displayName").Scalar(), m.Get("id").Scalar()
		}
		if !group && strings.EqualFold(kind, "UserGroup") {
			group = true
			t.GroupName, t.GroupID = m.Get("displayName").Scalar(), m.Get("id").Scalar()
		}
	}
}

func related(ev *ecs.Event) {
	r := &ev.Related
	r.User = ecs.Add(ecs.Add(ecs.Add(r.User, ev.User.FullName), ev.User.Target.FullName), ev.User.Name)
	r.IP = ecs.Add(r.IP, ev.Source.IP)
}

// fail notes what Elastic's pipeline could not map either.
func fail(ev *ecs.Event, problem string) {
	ev.Kind = "pipeline_error"
	ev.Errors = append(ev.Errors, problem)
	ev.KeepOriginal = true
}
