package cloudtrail

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// link collects the keys by which a record joins others.
func (t *trail) link() {
	l, u := &t.ev.Link, &t.who
	l.Credential = u.key
	l.OnBehalfOf = u.onBehalfOf
	l.SourceIdentity = u.sourceIdentity
	l.Trace = t.additional.Get("AuthWorkflowID").Str()
	if u.account != t.account {
		l.Tenant = u.account
	}
	switch u.kind {
	case "AssumedRole", "FederatedUser":
		l.Session, l.Role, l.SessionName = u.principal, u.issuerARN, u.session
		l.Issuer, l.Subject = u.federatedProvider, u.subject
	case "IdentityCenterUser":
		l.Session = u.credential
	case "SAMLUser", "WebIdentityUser":
		l.Subject, l.Issuer = u.name, u.provider
	}
	t.linkIssued(l)
}

// made are the members of a response that name the credential made.
var made = [][]string{
	{"credentials", "accessKeyId"},
	{"accessKey", "accessKeyId"},
	{"serviceSpecificCredential", "serviceSpecificCredentialId"},
	{"sSHPublicKey", "sSHPublicKeyId"},
	{"certificate", "certificateId"},
	{"keyPairId"},
}

// ended are the members of a request that name the credential ended or switched off.
var ended = []string{"accessKeyId", "serviceSpecificCredentialId", "sSHPublicKeyId", "certificateId", "keyPairId"}

func (t *trail) linkIssued(l *ecs.Link) {
	if t.ev.Activity == ecs.CredentialEnd {
		for _, name := range ended {
			l.CredentialGone = firstOf(l.CredentialGone, text(t.request.Get(name)))
		}
		return
	}
	if t.response.Kind() != record.Object {
		return
	}
	for _, path := range made {
		l.CredentialMade = firstOf(l.CredentialMade, text(t.response.Path(path...)))
	}
	l.RoleAssumed = text(t.response.Path("assumedRoleUser", "arn"))
	l.SourceIdentity = firstOf(l.SourceIdentity, text(t.response.Get("sourceIdentity")))
}

// text is the value of a string that is one.
func text(v record.Value) string {
	if v.Hollow() {
		return ""
	}
	return v.Str()
}

// identify sets who acts. Machines get an entity of their own where Elastic's mapping gives them none.
func (t *trail) identify() {
	ev := t.ev
	ev.Identity = t.identity()
	if i := &ev.Identity; i.IsMachine() && i.ID != "" {
		if ev.Service.Name == "" {
			ev.Service.Name = t.machineName()
		}
		if len(ev.Entities.Service) == 0 {
			ev.Entities.Service = append(ev.Entities.Service, i.ID)
		}
	}
}

// machineName is a name that a person can read: the role's, the user's, or the id.
func (t *trail) machineName() string {
	if t.who.kind == "FederatedUser" {
		return firstOf(t.who.session, t.ev.Identity.ID)
	}
	return firstOf(t.who.issuerName, t.who.name, t.ev.Identity.ID)
}

func (t *trail) identity() ecs.Identity {
	u := &t.who
	if u.service != "" {
		return ecs.Identity{ID: u.service, Kind: ecs.Machine}
	}
	switch u.kind {
	case "Root":
		return t.root()
	case "IAMUser":
		return t.iamUser()
	case "AssumedRole", "FederatedUser":
		return t.session()
	case "IdentityCenterUser":
		return t.portalUser()
	case "SAMLUser":
		return t.samlUser()
	case "WebIdentityUser":
		return t.webIdentityUser()
	case "AWSAccount":
		id := firstOf(u.account, u.principal)
		return ecs.Identity{ID: prefixed("aws:account/", id), ThirdParty: id != t.account}
	}
	return t.otherIdentity()
}

// otherIdentity is for types that tell little, and for AWS services' own events, some of which have no type at all.
func (t *trail) otherIdentity() ecs.Identity {
	u := &t.who
	if u.arn == "" && u.principal == "" && u.invokedBy != "" {
		return ecs.Identity{ID: u.invokedBy, Kind: ecs.Machine}
	}
	return ecs.Identity{ID: firstOf(u.arn, u.principal)}
}

func prefixed(prefix, id string) string {
	if id == "" {
		return ""
	}
	return prefix + id
}

func (t *trail) root() ecs.Identity {
	u := &t.who
	id := u.arn
	if !strings.HasSuffix(id, ":root") {
		id = "arn:aws:iam::" + firstOf(u.account, t.account) + ":root"
	}
	return ecs.Identity{ID: id, Kind: ecs.Root, Privileged: true}
}

// iamUser: a user that signs in at the console is taken for a person, one that only has keys for a program.
func (t *trail) iamUser() ecs.Identity {
	u := &t.who
	i := ecs.Identity{ID: u.arn, Kind: ecs.Machine}
	isNamed := u.name != "" && u.name != "HIDDEN_DUE_TO_SECURITY_REASONS"
	if i.ID == "" && isNamed && u.account != "" {
		i.ID = "arn:aws:iam::" + u.account + ":user/" + u.name
	}
	if i.ID = firstOf(i.ID, u.principal); i.ID == "" {
		return ecs.Identity{} // a failed sign-in whose name AWS hides
	}
	isConsole := t.ev.Action == "ConsoleLogin" || t.consoleSession == "true" || u.mfa == "true" || u.invokedBy == "signin"+domain
	if isConsole || isMail(u.name) {
		i.Kind = ecs.Human
		t.ev.Link.Login = strings.ToLower(onlyIf(isNamed, u.name))
	}
	return i
}

// portalRoles is the path of roles that Identity Center makes. Nobody else can make one there, whatever its name.
const portalRoles = ":role/aws-reserved/sso.amazonaws.com/"

// session is the identity behind a temporary credential: the person that a source vouches for, else the session itself.
// A session's name is the caller's choice and proves nobody, except in the roles that Identity Center makes.
func (t *trail) session() ecs.Identity {
	u, l := &t.who, &t.ev.Link
	isPortal := strings.Contains(u.issuerARN, portalRoles)
	switch {
	case isMail(u.sourceIdentity):
		return person(l, u.sourceIdentity)
	case isPortal && isMail(u.session):
		return person(l, u.session)
	case u.subject != "":
		return ecs.Identity{ID: u.subject, Kind: subjectKind(u.federatedProvider)}
	}
	i := ecs.Identity{ID: firstOf(u.arn, u.principal), Kind: ecs.Machine, Privileged: u.assumedRoot == "true"}
	switch {
	case isPortal:
		l.Login = strings.ToLower(u.session)
		i.Kind = ecs.Human
	case u.federatedProvider != "":
		i.Kind = subjectKind(u.federatedProvider)
	case isAgentRole(u.issuerName):
		i.Kind = ecs.AIAgent
	case u.ec2Role != "", strings.HasPrefix(u.session, "i-"), u.scope != "":
		i.Kind = ecs.Workload
	case isMail(u.session):
		i.Kind = ecs.Human
	}
	return i
}

// isAgentRole reports whether a role has a name that AWS gives, or demands for, roles of its AI agents.
func isAgentRole(name string) bool {
	return strings.HasPrefix(name, "AmazonBedrockExecutionRoleForAgents_") || strings.HasPrefix(name, "AmazonBedrockAgentCore")
}

func (t *trail) portalUser() ecs.Identity {
	u := &t.who
	if isMail(u.name) {
		return person(&t.ev.Link, u.name)
	}
	t.ev.Link.Login = strings.ToLower(t.ev.User.Name) // also what was typed at a sign-in
	return ecs.Identity{ID: prefixed("aws:identitycenter/", firstOf(u.onBehalfOf, u.principal)), Kind: ecs.Human}
}

func (t *trail) samlUser() ecs.Identity {
	u := &t.who
	if isMail(u.name) {
		return person(&t.ev.Link, u.name)
	}
	t.ev.Link.Login = strings.ToLower(u.name)
	return ecs.Identity{ID: prefixed("aws:saml/", t.ev.Link.Login), Kind: ecs.Human}
}

func (t *trail) webIdentityUser() ecs.Identity {
	u := &t.who
	if isMail(u.name) {
		return person(&t.ev.Link, u.name)
	}
	return ecs.Identity{ID: firstOf(u.name, u.principal), Kind: subjectKind(u.provider)}
}

// subjectKind: the providers that AWS knows by name are those of an app's users, any other one vouches for programs.
func subjectKind(provider string) string {
	switch provider {
	case "cognito-identity" + domain, "accounts.google.com", "graph.facebook.com", "www.amazon.com":
		return ecs.Human
	}
	return ecs.Workload
}

func person(l *ecs.Link, mail string) ecs.Identity {
	l.Login = strings.ToLower(mail)
	return ecs.Identity{ID: l.Login, Kind: ecs.Human}
}

// isMail reports whether a name looks like an e-mail address.
func isMail(s string) bool {
	i := strings.IndexByte(s, '@')
	return i > 0 && strings.IndexByte(s[i:], '.') > 1 && strings.IndexByte(s, '/') < 0 && strings.IndexByte(s, ' ') < 0
}
