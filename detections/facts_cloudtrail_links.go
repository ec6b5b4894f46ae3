package detections

import (
	"strings"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// arnOf writes the ARN of an IAM user, role or group as CloudTrail does.
func arnOf(ev *ecs.Event, kind, name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return "arn:" + partitionOf(ev.Cloud.Region) + ":iam::" + ev.Tenant + ":" + kind + "/" + name
}

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// targetIdentity names the identity that the call acts upon.
func targetIdentity(ev *ecs.Event, a *Act, service string, request record.Value) string {
	switch service {
	case "iam":
		return iamTarget(ev, a, request)
	case "sts":
		return request.Get("roleArn").Str()
	case "sso":
		if id := request.Get("principalId").Str(); id != "" && request.Get("principalType").Str() == "USER" {
			return "aws:identitycenter/" + id
		}
	case "identitystore", "sso-directory":
		if id := ecs.FirstOf(request.Get("userId").Str(), request.Path("memberId", "userId").Str()); id != "" {
			return "aws:identitycenter/" + id
		}
	}
	switch a.Activity {
	case ecs.CodeRun, ecs.Deployment, ecs.PrivilegeGrant, ecs.ResourceChange, ecs.IdentityCreate:
		if role := passedRole(request); role != "" {
			return role
		}
	}
	if a.Activity == ecs.PrivilegeGrant || a.Activity == ecs.PrivilegeRevoke || a.Activity == ecs.DataShare {
		return ecs.FirstOf(a.Grantee, request.Get("principalArn").Str(), "aws:"+ecs.FirstOf(a.Object, service))
	}
	return ""
}

// roleMembers are where calls hand a role to a machine, function or job.
var roleMembers = [][]string{
	{"role"}, {"iamInstanceProfile", "arn"}, {"iamInstanceProfile", "name"}, {"roleArn"}, {"roleARN"}, {"taskRoleArn"}, {"serviceRole"},
	{"executionRoleArn"}, {"agentResourceRoleArn"}, {"IamInstanceProfile", "Arn"}, {"IamInstanceProfile", "Name"},
	{"AssociateIamInstanceProfileRequest", "IamInstanceProfile", "Name"}, {"ReplaceIamInstanceProfileAssociationRequest", "IamInstanceProfile", "Name"},
	{"AssociateIamInstanceProfileRequest", "IamInstanceProfile", "Arn"}, {"ReplaceIamInstanceProfileAssociationRequest", "IamInstanceProfile", "Arn"},
}

// passedRole is the role or instance profile that a call hands on.
func passedRole(request record.Value) string {
	if request.Kind() != record.Object {
		return ""
	}
	for _, path := range roleMembers {
		name := textAt(request, path)
		switch {
		case name == "":
		case strings.HasPrefix(name, "arn:"):
			return name
		case len(path) > 1:
			return "aws:instance-profile/" + name
		}
	}
	return ""
}

// iamTarget: a call about keys or passwords that names nobody is about its caller.
func iamTarget(ev *ecs.Event, a *Act, request record.Value) string {
	for _, kind := range []string{"user", "role", "group"} {
		if name := request.Get(kind + "Name").Str(); name != "" {
			return arnOf(ev, kind, name)
		}
	}
	switch a.Activity {
	case ecs.CredentialCreate, ecs.CredentialEnd, ecs.CredentialEnable, ecs.CredentialChange, ecs.MFAEnroll, ecs.MFARemove:
		if a.Actor.Kind == ecs.Root || strings.Contains(a.Actor.ID, ":user/") {
			return a.Actor.ID
		}
	}
	return ecs.FirstOf(request.Get("policyArn").Str(), prefixedName("aws:", a.Object))
}

func prefixedName(prefix, name string) string {
	if name == "" {
		return ""
	}
	return prefix + name
}

// keyPrefix begins the name of an access key.
const keyPrefix = "aws:key/"

// keyName is the name of the access key that a call was signed with, "" when it does not say.
func (a *Act) keyName() string {
	if a.key != "" || a.Credential == "" {
		return a.key
	}
	return keyPrefix + a.Credential
}

// cloudtrailLinks tells which names belong together: keys and who they stand for. A session's own name proves nothing, and a
// role is shared by all who assume it: neither joins anybody.
func cloudtrailLinks(ev *ecs.Event, a *Act, words *words) {
	l := &ev.Link
	if a.Credential != "" {
		a.key = words.after(keyPrefix, a.Credential)
	}
	if a.Made != "" && !a.Failed {
		switch a.Activity {
		case ecs.RoleAssume, ecs.TokenIssue, ecs.Elevation:
			a.link(words, issuedTo(ev, a), keyPrefix, a.Made, "responseElements.credentials.accessKeyId")
		case ecs.CredentialCreate:
			if strings.HasPrefix(a.Made, "AKIA") {
				a.link(words, a.TargetID, keyPrefix, a.Made, "responseElements.accessKey.accessKeyId")
			}
		}
	}
	samlSession(ev, a)
	if a.Credential == "" || isService(a.Actor.ID) {
		return
	}
	switch {
	case strings.HasPrefix(a.Credential, "AKIA") && isAccountHolder(a):
		a.link(words, a.Actor.ID, keyPrefix, a.Credential, "userIdentity.accessKeyId")
	case l.SourceIdentity != "" && a.Made == "":
		a.link(words, sourceName(ev), keyPrefix, a.Credential, "sessionContext.sourceIdentity")
	case strings.Contains(l.Role, ":user/"):
		a.link(words, words.of(l.Role), keyPrefix, a.Credential, "sessionContext.sessionIssuer.arn")
	}
	if l.OnBehalfOf != "" && a.Made == "" {
		a.link(words, words.after("aws:identitycenter/", l.OnBehalfOf), keyPrefix, a.Credential, "onBehalfOf.userId")
	}
}

// samlSession: the provider names the session after the person, if it does. Whoever takes the role otherwise may call a session
// anything, so that this is no exact link; and a session whose key was seen belongs to whom the key was issued.
func samlSession(ev *ecs.Event, a *Act) {
	arn, session := ev.Link.RoleAssumed, namedSession(ev)
	if a.Action != "AssumeRoleWithSAML" || a.Failed || !ecs.IsMail(session) {
		return
	}
	a.Links = append(a.Links, identity.Tie{
		From: identity.Fold(strings.Clone(session)), To: strings.Clone(arn), Key: "responseElements.assumedRoleUser.arn", Strength: identity.B,
	})
}

// namedSession is the name of the session that a record opened.
func namedSession(ev *ecs.Event) string {
	arn := ev.Link.RoleAssumed
	return arn[strings.LastIndexByte(arn, '/')+1:]
}

// isAccountHolder reports whether the actor is a user or the root of an account: its ARN names one and the same for ever.
func isAccountHolder(a *Act) bool {
	return a.Actor.Kind == ecs.Root || strings.Contains(a.Actor.ID, ":iam:") && strings.Contains(a.Actor.ID, ":user/")
}

func isService(id string) bool { return strings.HasSuffix(id, ".amazonaws.com") }

// issuedTo is whom an issued credential stands for: the person that a source vouches for, else whoever asked. It is nobody
// when an AWS service asks for a machine of ours, or another account for one of its many.
func issuedTo(ev *ecs.Event, a *Act) string {
	switch {
	case ev.Link.SourceIdentity != "":
		return sourceName(ev)
	case isService(a.Actor.ID), strings.HasPrefix(a.Actor.ID, "aws:account/"):
		return ""
	case a.Action == "AssumeRoleWithSAML" && ecs.IsMail(namedSession(ev)):
		return identity.Fold(strings.Clone(namedSession(ev))) // the provider's word, while the subject may be a mailbox of several people
	case a.Credential != "" && strings.Contains(a.Actor.ID, ":assumed-role/"):
		return a.keyName() // the engine knows whose that is
	}
	return a.Actor.ID
}

// sourceName is the name of a source identity: a person's login, or a name that means something in its account only.
func sourceName(ev *ecs.Event) string {
	if id := ev.Link.SourceIdentity; ecs.IsMail(id) {
		return identity.Fold(strings.Clone(id))
	}
	return "aws:source/" + ev.Tenant + "/" + ev.Link.SourceIdentity
}
