package entra

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// signInIdentity fills who signed in and what joins the record to others.
func (k *walk) signInIdentity(ev *ecs.Event, category string) {
	l := &ev.Link
	l.Session, l.Device, l.Token = k.text(sessionSlot), k.text(deviceSlot), k.text(tokenSlot)
	l.Request = k.text(requestSlot)
	if l.Credential = k.text(keySlot); l.Credential == "" {
		l.Credential = k.text(federatedSlot)
	}
	l.Issuer, l.Subject = k.text(issuerSlot), k.text(subjectSlot)
	home, tenant := k.text(homeSlot), k.text(resourceTenantSlot)
	foreign := home != "" && tenant != "" && home != tenant
	if foreign {
		l.Tenant = home
	}
	ev.Identity.ThirdParty = foreign
	agent := isAgent(k.text(agentTypeSlot))
	if machine := machineKind(category, k.text(credentialSlot)); machine != "" || agent && !isAgent(k.text(agentSubjectSlot)) {
		k.machine(ev, machine)
		if agent {
			ev.Identity.Kind = ecs.AIAgent
			ev.Link.OnBehalfOf = login(ev.User.Name)
		}
		return
	}
	person(ev)
	if k.text(userTypeSlot) == "Guest" {
		ev.Identity.ThirdParty = true
	}
	if isAgent(k.text(agentSubjectSlot)) { // an agent with a user account of its own
		ev.Identity.Kind = ecs.AIAgent
		service(ev, ev.User.FullName)
	}
}

// machineKind is the kind of those who sign in by one of the categories that are not for people, "" for people.
func machineKind(category, credential string) string {
	switch category {
	case "ManagedIdentitySignInLogs":
		return ecs.Workload
	case "ServicePrincipalSignInLogs", "MicrosoftServicePrincipalSignInLogs":
		if credential == "federatedIdentityCredential" || credential == "managedIdentity" {
			return ecs.Workload
		}
		return ecs.Machine
	}
	return ""
}

// microsoft is the tenant that owns Microsoft's own applications.
const microsoft = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"

// machine makes an application the one who acts.
func (k *walk) machine(ev *ecs.Event, kind string) {
	ev.Identity.ID, ev.Identity.Kind = application(k.text(appSlot), k.text(principalSlot)), kind
	if owner := k.text(appOwnerSlot); owner != "" && owner != ev.Tenant && owner != microsoft {
		ev.Identity.ThirdParty = true
	}
	name := k.text(principalNameSlot)
	if name == "" {
		name = k.text(appNameSlot)
	}
	service(ev, name)
}

// person makes the user of the event the one who acts.
func person(ev *ecs.Event) {
	ev.Link.Login = login(ev.User.Name)
	ev.Identity.ID, ev.Identity.Kind = ev.Link.Login, ecs.Human
	if strings.IndexByte(ev.Link.Login, '@') < 1 {
		if ev.User.ID == "" {
			ev.Identity = ecs.Identity{}
			return
		}
		ev.Identity.ID = "entra:user/" + ev.User.ID
	}
	if isGuestName(ev.User.Name) {
		ev.Identity.ThirdParty = true
	}
}

// service gives a machine the service entity by which Kibana scores it.
func service(ev *ecs.Event, name string) {
	if ev.Identity.ID == "" {
		ev.Identity.Kind = ""
		return
	}
	if ev.Service.Name == "" {
		ev.Service.Name = name
	}
	if ev.Service.Name == "" {
		ev.Service.Name = ev.Identity.ID
	}
	ev.Entities.Service = ecs.Add(ev.Entities.Service, ev.Identity.ID)
}

// application is the identity of an application, or of its principal in the tenant where the application is not told.
func application(app, principal string) string {
	switch {
	case app != "":
		return "entra:app/" + app
	case principal != "":
		return "entra:sp/" + principal
	}
	return ""
}

// isAgent reports whether a type is one of AI agents. Microsoft keeps adding types; the negative one is fixed.
func isAgent(agentType string) bool {
	switch agentType {
	case "", "notAgentic", "unknownFutureValue":
		return false
	}
	return true
}

// guest marks the name that an account of another tenant has here: alice_partner.example#EXT#@home.example.
const guest = "#EXT#"

func isGuestName(name string) bool {
	before, _, found := strings.Cut(name, guest)
	return found && strings.LastIndexByte(before, '_') > 0
}

// login is a user principal name as its owner types it at home: in lower case, a guest's with its own domain.
func login(name string) string {
	if before, _, found := strings.Cut(name, guest); found {
		if i := strings.LastIndexByte(before, '_'); i > 0 { // domains have no underscore
			name = before[:i] + "@" + before[i+1:]
		}
	}
	return strings.ToLower(name)
}
