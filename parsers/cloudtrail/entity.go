package cloudtrail

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/record"
)

// entities fills the lists of entity ids: who acted, on what, and what else the record names.
func (t *trail) entities() {
	if t.ev.Action == "" {
		return
	}
	if t.who.mistyped {
		t.fail("userIdentity: type or arn is no text")
		return
	}
	n := &t.ev.Entities
	related := set{list: t.ev.Related.Entity}
	targets := set{list: n.Target}
	t.alwaysRelated(&related)
	if r := rules[t.ev.Provider]; r != nil {
		t.take(&related, r.related)
		t.takeTargets(&targets, r)
		if t.ev.Action == "SendCommand" && t.ev.Provider == "ssm.amazonaws.com" {
			t.commandTargets(&targets)
		}
	}
	for _, id := range targets.list {
		related.add(id)
	}
	n.Target = sorted(targets.list)
	t.ev.Related.Entity = sorted(related.list)
	t.sortTargets()
	t.actingEntity()
}

// alwaysRelated adds what is related whatever was called.
func (t *trail) alwaysRelated(related *set) {
	u := &t.who
	related.add(u.key)
	related.add(u.arn)
	related.add(u.name)
	related.add(u.issuerARN)
	related.add(u.issuerName)
	t.take(related, resourceARNs)
	if u.kind == "IdentityCenterUser" {
		related.add(u.identityStore)
	}
}

// take adds to a set what picks find in the record.
func (t *trail) take(s *set, picks []pick) {
	for i := range picks {
		p := &picks[i]
		if p.from == fromRecord {
			s.walk(t.ev.Record.Root(), p, p.path)
		} else {
			s.walk(t.part(p.from), p, p.path)
		}
	}
}

func (t *trail) part(from origin) record.Value {
	switch from {
	case fromRequest:
		return t.request
	case fromResponse:
		return t.response
	case fromAdditional:
		return t.additional
	}
	return t.resources
}

// walk follows a path and offers the set what it finds. It returns false when nothing further is to be offered.
func (s *set) walk(v record.Value, p *pick, path []string) bool {
	for i, name := range path {
		if !v.Found() {
			return true
		}
		if name != each {
			v = v.Get(name)
			continue
		}
		if v.Kind() != record.Array {
			return true
		}
		for m := v.First(); m.Found(); m = m.NextIn(v) {
			if !s.walk(m, p, path[i+1:]) && p.ends {
				return false
			}
		}
		return true
	}
	return s.offer(v, p)
}

// offer offers the value that a path leads to, or in turn the members that the pick names of it, until one is refused.
func (s *set) offer(v record.Value, p *pick) bool {
	if p.chain == nil {
		if p.number && v.Kind() == record.Number {
			return s.add(v.Scalar())
		}
		return s.addValue(v)
	}
	for _, names := range p.chain {
		if !s.addValue(v.Path(names...)) {
			break
		}
	}
	for i := range p.within {
		s.walk(v, &p.within[i], p.within[i].path)
	}
	return true
}

// commandTargets adds the instances that a command was sent to, or the account when it was sent to all.
func (t *trail) commandTargets(targets *set) {
	ids := t.request.Get("instanceIds")
	if !ids.Hollow() {
		t.take(targets, commandInstances)
		return
	}
	t.take(targets, commandSelectors)
	if slices.Equal(targets.list, []string{"*"}) {
		targets.list = targets.list[:0]
		targets.add(t.account)
	}
}

// actingEntity sets the entity that acts, by its kind.
func (t *trail) actingEntity() {
	n, u := &t.ev.Entities, &t.who
	actor := t.actorID()
	if actor == "" {
		return
	}
	n.Actor = append(n.Actor, actor)
	switch u.classOfActor(actor) {
	case serviceEntity:
		n.Service = append(n.Service, actor)
	case hostEntity:
		n.Host = append(n.Host, actor)
	case userEntity:
		if u.kind == "AssumedRole" && u.issuerARN != "" {
			actor = u.issuerARN // the session acts, its role is the entity
		}
		n.User = append(n.User, actor)
	default:
		n.Generic = append(n.Generic, actor)
	}
}

func (t *trail) actorID() string {
	u := &t.who
	if t.ev.Provider == "sts.amazonaws.com" {
		switch t.ev.Action {
		case "AssumeRole":
			switch u.kind {
			case "AWSService":
				return u.invokedBy
			case "AssumedRole":
				return u.issuerARN
			}
			return u.arn
		case "GetCallerIdentity":
			return u.arn
		}
	}
	return firstOf(u.arn, u.onBehalfOf)
}

// sortTargets gives each target to the list of its class.
func (t *trail) sortTargets() {
	n := &t.ev.Entities
	hosts := set{list: n.TargetHostID}
	for _, id := range n.Target {
		switch classOfTarget(id) {
		case userEntity:
			n.TargetUser = append(n.TargetUser, id)
		case hostEntity:
			n.TargetHost = append(n.TargetHost, id)
			hosts.add(instanceID(id))
		case serviceEntity:
			n.TargetServ = append(n.TargetServ, id)
		default:
			n.TargetGeneric = append(n.TargetGeneric, id)
		}
	}
	n.TargetHostID = sorted(hosts.list)
}

// instanceID is the id of an EC2 instance out of itself or its ARN.
func instanceID(s string) string {
	if strings.HasPrefix(s, "arn:") {
		a, ok := splitARN(s)
		if !ok || a.service != "ec2" {
			return ""
		}
		s = strings.TrimPrefix(a.resource, "instance/")
		if len(s) == len(a.resource) {
			return ""
		}
	}
	return onlyIf(strings.HasPrefix(s, "i-"), s)
}
