package cloudtrail

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// who is what userIdentity tells.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
type who struct {
	kind, arn, principal, account, key, name string
	invokedBy, credential, provider          string
	issuerARN, issuerName                    string
	mfa, ec2Role, sourceIdentity             string
	federatedProvider, subject, assumedRoot  string
	onBehalfOf, identityStore, scope         string
	service                                  string // the AWS service that acts, if one does
	session                                  string // name of the role or portal session

	mistyped bool // a container stands where the kind or the ARN belongs
}

// userIdentity writes aws.cloudtrail.user_identity and keeps what the rest of the mapping needs.
func (t *trail) userIdentity(v record.Value) {
	w, u := &t.w, &t.who
	mark := w.Open("user_identity")
	v = w.object(v)
	for m := v.First(); m.Found(); m = m.NextIn(v) {
		if m.Hollow() {
			continue
		}
		switch m.Key() {
		case "type":
			u.kind = w.keyword("type", m)
			u.mistyped = u.mistyped || m.IsContainer()
		case "principalId":
			u.principal = w.text(m)
		case "arn":
			u.arn = w.keyword("arn", m)
			u.mistyped = u.mistyped || m.IsContainer()
		case "accountId":
			u.account = w.text(m)
		case "accessKeyId":
			u.key = w.keyword("access_key_id", m)
		case "userName":
			u.name = w.text(m)
		case "invokedBy":
			u.invokedBy = w.keyword("invoked_by", m)
		case "sessionContext":
			t.sessionContext(m)
		default:
			t.rareIdentityMember(m)
		}
	}
	w.Close(mark)
}

func (t *trail) rareIdentityMember(m record.Value) {
	w, u := &t.w, &t.who
	mark := -1
	switch m.Key() {
	case "credentialId":
		u.credential = w.keyword("credential_id", m)
	case "identityProvider":
		u.provider = w.keyword("identity_provider", m)
	case "invokedByDelegate":
		mark = w.Open("invoked_by_delegate")
		w.keyword("account_id", m.Get("accountId"))
	case "inScopeOf":
		mark = w.Open("in_scope_of")
		u.scope = w.keyword("issuer_type", m.Get("issuerType"))
		w.keyword("credentials_issued_to", m.Get("credentialsIssuedTo"))
		w.keyword("source_arn", m.Get("sourceArn"))
		w.keyword("source_account", m.Get("sourceAccount"))
	case "onBehalfOf":
		mark = w.Open("on_behalf_of")
		u.onBehalfOf = w.keyword("user_id", m.Get("userId"))
		u.identityStore = w.keyword("identity_store_arn", m.Get("identityStoreArn"))
	}
	if mark >= 0 {
		w.Close(mark)
	}
}

func (t *trail) sessionContext(v record.Value) {
	w, u := &t.w, &t.who
	mark := w.Open("session_context")
	v = w.object(v)
	for m := v.First(); m.Found(); m = m.NextIn(v) {
		if m.Hollow() {
			continue
		}
		switch m.Key() {
		case "attributes":
			t.sessionAttributes(m)
		case "sessionIssuer":
			t.sessionIssuer(m)
		case "webIdFederationData":
			t.webIdentity(m)
		case "ec2RoleDelivery":
			u.ec2Role = w.keyword("ec2_role_delivery", m)
		case "sourceIdentity":
			u.sourceIdentity = w.keyword("source_identity", m)
		case "signInSessionArn":
			w.keyword("sign_in_session_arn", m)
		case "assumedRoot":
			w.boolean("assumed_root", m)
			u.assumedRoot = m.Scalar()
		}
	}
	w.Close(mark)
}

func (t *trail) sessionAttributes(m record.Value) {
	m = t.w.object(m)
	t.who.mfa = t.w.keyword("mfa_authenticated", m.Get("mfaAuthenticated"))
	created := m.Get("creationDate")
	if !created.Hollow() && !t.w.date("creation_date", created) {
		t.fail("userIdentity.sessionContext.attributes.creationDate cannot be read")
	}
}

func (t *trail) sessionIssuer(v record.Value) {
	w, u := &t.w, &t.who
	mark := w.Open("session_issuer")
	v = w.object(v)
	for m := v.First(); m.Found(); m = m.NextIn(v) {
		switch m.Key() {
		case "type":
			w.keyword("type", m)
		case "principalId":
			w.keyword("principal_id", m)
		case "arn":
			u.issuerARN = w.keyword("arn", m)
		case "accountId":
			w.keyword("account_id", m)
		case "userName":
			u.issuerName = w.text(m)
		}
	}
	w.Close(mark)
}

func (t *trail) webIdentity(m record.Value) {
	w, u := &t.w, &t.who
	mark := w.Open("web_id_federation_data")
	m = w.object(m)
	u.federatedProvider = w.keyword("federated_provider", m.Get("federatedProvider"))
	attributes := m.Get("attributes")
	w.flattened("attributes", attributes)
	for a := attributes.First(); a.Found(); a = a.NextIn(attributes) {
		if strings.HasSuffix(a.Key(), ":sub") {
			u.subject = a.Str()
		}
	}
	w.Close(mark)
}

// actor sets user.* and service.name. An AWS service that acts is no user.
func (t *trail) actor() {
	u, user := &t.who, &t.ev.User
	u.session = u.sessionName()
	u.service = u.actingService()
	if u.service != "" {
		t.ev.Service.Name = u.service
	} else {
		t.setUser(user)
	}
	switch {
	case strings.Contains(u.session, "@"):
		user.Email = u.session
	case strings.Index(user.Name, "@") > 0:
		user.Email = user.Name
	}
}

func (t *trail) setUser(user *ecs.User) {
	u := &t.who
	user.Name, user.ID = u.name, u.principal
	if u.issuerName != "" && (u.kind == "AssumedRole" || u.kind == "FederatedUser") {
		user.Name = u.issuerName // the role's, not the session's
	}
	if user.ID == "" && u.kind == "IdentityCenterUser" {
		user.ID = u.onBehalfOf
	}
	if user.Name == "" && t.ev.Action == "UserAuthentication" {
		t.moved = t.additional.Get("UserName")
		user.Name = t.w.text(t.moved)
	}
}

const serviceRolePath = ":role/aws-service-role/"

// actingService names the AWS service that acts for itself. invokedBy alone does not: the console sets it for people.
func (u *who) actingService() string {
	switch u.kind {
	case "AWSService":
		return u.invokedBy
	case "AssumedRole":
		_, path, isServiceRole := strings.Cut(u.issuerARN, serviceRolePath)
		if !isServiceRole || u.invokedBy != "" {
			return onlyIf(isServiceRole, u.invokedBy)
		}
		name, _, more := strings.Cut(path, "/")
		return onlyIf(more, name)
	}
	return ""
}

func onlyIf(condition bool, s string) string {
	if condition {
		return s
	}
	return ""
}

// sessionName is the last part of a temporary identity's ARN.
func (u *who) sessionName() string {
	switch u.kind {
	case "AssumedRole", "FederatedUser", "IdentityCenterUser":
	default:
		return ""
	}
	rest, ok := strings.CutPrefix(u.arn, "arn:aws")
	if !ok {
		return ""
	}
	partition, _, _ := strings.Cut(rest, ":")
	if partition != "" && partition != "-cn" && partition != "-us-gov" || !strings.HasPrefix(rest[len(partition):], ":sts:") {
		return ""
	}
	if i := strings.LastIndexByte(u.arn, '/'); i >= 0 {
		return u.arn[i+1:]
	}
	return ""
}
