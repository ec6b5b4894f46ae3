package cloudtrail

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// writeTLS sets tls.*, unless the service wrote the names of the members for their values.
func (t *trail) writeTLS() {
	w, tls := &t.w, &t.ev.TLS
	version := w.text(t.tls.Get("tlsVersion"))
	if version == "tlsVersion" {
		return
	}
	if protocol, number, ok := strings.Cut(version, "v"); ok {
		tls.Protocol, tls.Version = lower(protocol), number
	} else {
		tls.Version = version
	}
	tls.Cipher = w.text(t.tls.Get("cipherSuite"))
	tls.ServerName = w.text(t.tls.Get("clientProvidedHostHeader"))
}

// lower is strings.ToLower without an allocation for the words that nearly all records have.
func lower(s string) string {
	switch s {
	case "TLS":
		return "tls"
	case "Success":
		return "success"
	case "Failure":
		return "failure"
	}
	return strings.ToLower(s)
}

// related fills related.*, each list in the order in which Elastic's pipeline does.
func (t *trail) related() {
	ev := t.ev
	r := &ev.Related
	r.User = t.relatedUsers(r.User)
	r.IP = ecs.Add(r.IP, ev.Source.IP)
	var other ecs.Endpoint
	if setIP(&other, t.service.Get("sourceIpAddress").Str()) {
		r.IP = ecs.Add(r.IP, other.IP)
	}
	r.Hosts = t.relatedHosts(r.Hosts)
}

func (t *trail) relatedUsers(list []string) []string {
	u, user := &t.who, &t.ev.User
	before, _, hasAt := strings.Cut(u.session, "@")
	list = ecs.Add(list, u.session)
	list = ecs.Add(list, onlyIf(hasAt, before))
	list = ecs.Add(list, user.Target.Name)
	list = ecs.Add(list, user.ChangedName)
	list = ecs.Add(list, user.Target.ID)
	list = ecs.Add(list, user.ID)
	list = ecs.Add(list, user.Name)
	return ecs.Add(list, u.onBehalfOf)
}

func (t *trail) relatedHosts(list []string) []string {
	ev := t.ev
	hosts := set{list: list}
	if !strings.HasSuffix(ev.TLS.ServerName, domain) {
		hosts.add(ev.TLS.ServerName)
	}
	if isHostName(ev.Source.Address) && ev.Source.IP == "" {
		hosts.add(ev.Source.Address)
	}
	hosts.add(t.w.text(t.request.Get("computerName")))
	hosts.addInstanceResources(t.resources)
	hosts.addInstances(t.request)
	hosts.addInstances(t.response)
	return hosts.list
}

// isHostName reports whether a source address that is no IP names a host outside of AWS.
func isHostName(s string) bool {
	return strings.Contains(s, ".") && !strings.Contains(s, " ") && !strings.HasSuffix(s, domain)
}

// addInstanceResources adds the EC2 instances among a record's resources.
func (s *set) addInstanceResources(resources record.Value) {
	if resources.Kind() != record.Array {
		return
	}
	for m := resources.First(); m.Found(); m = m.NextIn(resources) {
		arn := m.Get("ARN").Str()
		if arn == "" {
			arn = m.Get("arn").Str()
		}
		if strings.Contains(arn, ":instance/") {
			s.addInstance(arn[strings.LastIndexByte(arn, '/')+1:])
		}
	}
}

// addInstances adds the EC2 instances that a payload names.
func (s *set) addInstances(payload record.Value) {
	for m := payload.First(); m.Found(); m = m.NextIn(payload) {
		switch m.Key() {
		case "instanceId", "target", "resourceId":
			s.addInstance(m.Str())
		case "instanceIds":
			for id := m.First(); id.Found(); id = id.NextIn(m) {
				s.addInstance(id.Str())
			}
		case "instancesSet":
			items := m.Get("items")
			for item := items.First(); item.Found(); item = item.NextIn(items) {
				s.addInstance(item.Get("instanceId").Str())
			}
		}
	}
}

func (s *set) addInstance(id string) {
	if len(id) >= 10 && strings.HasPrefix(id, "i-") {
		s.add(id)
	}
}
