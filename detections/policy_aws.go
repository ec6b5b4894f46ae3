package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// policy is an AWS policy document inside of a record.
type policy struct{ statements record.Value }

// policyOf reads a policy that stands in a record as text or as an object.
func policyOf(v record.Value) policy {
	if v.Kind() == record.String {
		inner := new(record.Record)
		if inner.Parse([]byte(v.Str())) != nil {
			return policy{}
		}
		v = inner.Root()
	}
	return policy{v.Get("Statement")}
}

// each calls do for every statement that allows something, until it returns false.
func (p policy) each(do func(statement record.Value) bool) {
	list(p.statements, func(s record.Value) bool {
		return s.Get("Effect").Str() != "Allow" || do(s)
	})
}

// list calls do for each element of an array, or for the one value that stands in the place of one.
func list(v record.Value, do func(record.Value) bool) {
	switch v.Kind() {
	case record.Array:
		v.Each(do)
	case record.Absent, record.Null:
	default:
		do(v)
	}
}

// isAdmin reports whether the policy gives everything, or what leads to everything: all rights on identities, on all of them.
func (p policy) isAdmin() (found bool) {
	p.each(func(s record.Value) bool {
		found = anyText(s.Get("Resource"), func(r string) bool { return r == "*" || strings.HasSuffix(r, ":*") && strings.Contains(r, ":iam:") }) &&
			anyText(s.Get("Action"), isAdminAction)
		return !found
	})
	return found
}

// isAdminAction are actions that let their holder take all others.
func isAdminAction(action string) bool {
	switch strings.ToLower(action) {
	case "*", "*:*", "iam:*", "sts:*", "iam:put*", "iam:attach*", "iam:create*", "iam:update*", "sts:assumerole",
		"iam:putuserpolicy", "iam:putrolepolicy", "iam:putgrouppolicy", "iam:attachuserpolicy", "iam:attachrolepolicy",
		"iam:attachgrouppolicy", "iam:createpolicyversion", "iam:setdefaultpolicyversion", "iam:createaccesskey",
		"iam:createloginprofile", "iam:updateloginprofile", "iam:updateassumerolepolicy", "iam:addusertogroup":
		return true
	}
	return false
}

func anyText(v record.Value, is func(string) bool) (found bool) {
	list(v, func(e record.Value) bool {
		found = is(e.Str())
		return !found
	})
	return found
}

// grantee is who is let in by a policy or by sharing.
type grantee struct {
	name   string // "aws:account/123456789012", "aws:anyone"; "" for nobody from outside
	anyone bool
	bound  bool // a condition demands more: an external id, an organisation
}

// stranger names whom the policy lets in from outside the account. Those who may only write, as a log delivery does, take nothing out.
func (p policy) stranger(account string) (g grantee) {
	p.each(func(s record.Value) bool {
		if onlyWrites(s.Get("Action")) {
			return true
		}
		one := strangerIn(s.Get("Principal"), account)
		one.bound = s.Get("Condition").Kind() == record.Object && !s.Get("Condition").Vacant()
		if one.anyone && one.bound {
			return true // a condition says who of all
		}
		if one.name != "" && (g.name == "" || one.anyone) {
			g = one
		}
		return true
	})
	return g
}

func onlyWrites(actions record.Value) bool {
	n, writes := 0, 0
	list(actions, func(a record.Value) bool {
		n++
		_, verb, _ := strings.Cut(a.Str(), ":")
		if strings.HasPrefix(verb, "Put") && !strings.Contains(verb, "*") && !strings.Contains(verb, "Policy") && !strings.Contains(verb, "Acl") {
			writes++
		}
		return true
	})
	return n > 0 && writes == n
}

func strangerIn(principal record.Value, account string) (g grantee) {
	if principal.Str() == "*" {
		return grantee{name: anyoneName, anyone: true}
	}
	list(principal.Get("AWS"), func(v record.Value) bool {
		if one := outsider(v.Str(), account); one.name != "" {
			g = one
		}
		return !g.anyone
	})
	return g
}

const anyoneName = "aws:anyone"

// outsider tells whether a principal, an ARN or an account's number, belongs to another account.
func outsider(principal, account string) grantee {
	switch {
	case principal == "":
		return grantee{}
	case principal == "*" || principal == "all":
		return grantee{name: anyoneName, anyone: true}
	}
	id := principal
	if rest, ok := strings.CutPrefix(principal, "arn:"); ok {
		if parts := strings.SplitN(rest, ":", 5); len(parts) == 5 {
			id = parts[3]
		}
	}
	if len(id) != 12 || id == account || strings.Trim(id, "0123456789") != "" {
		return grantee{} // ourselves, an AWS service, CloudFront's own identities
	}
	return grantee{name: "aws:account/" + strings.Clone(id)}
}

// granteeOf names whom a call lets in from outside the account.
func granteeOf(ev *ecs.Event) grantee {
	request := ev.Record.Root().Get("requestParameters")
	account := ev.Tenant
	if path, ok := policyAt[withoutVersion(ev.Cloud.ServiceName, ev.Action)]; ok {
		return policyOf(request.Get(path)).stranger(account)
	}
	switch withoutVersion(ev.Cloud.ServiceName, ev.Action) {
	case "AddPermission", "AddLayerVersionPermission":
		return outsider(request.Get("principal").Str(), account)
	case "CreateFunctionUrlConfig", "UpdateFunctionUrlConfig":
		if request.Get("authType").Str() == "NONE" {
			return grantee{name: anyoneName, anyone: true}
		}
	case "CreateGrant":
		return outsider(request.Get("granteePrincipal").Str(), account)
	case "ModifyImageAttribute":
		return sharedWith(request.Path("launchPermission", "add", "items"), account)
	case "ModifySnapshotAttribute":
		return sharedWith(request.Path("createVolumePermission", "add", "items"), account)
	case "ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute":
		return sharedWith(request.Get("valuesToAdd"), account)
	case "ModifyDocumentPermission":
		return sharedWith(request.Get("accountIdsToAdd"), account)
	case "CreateResourceShare", "AssociateResourceShare":
		return sharedWith(request.Get("principals"), account)
	case "PutBucketAcl", "PutObjectAcl":
		return publicACL(request)
	case "PutBucketReplication":
		return replicatedTo(request.Get("ReplicationConfiguration"), account)
	}
	return grantee{}
}

// policyAt is where calls carry a policy that says who may come in.
var policyAt = map[string]string{
	"PutBucketPolicy": "bucketPolicy", "UpdateAssumeRolePolicy": "policyDocument", "CreateRole": "assumeRolePolicyDocument",
	"PutKeyPolicy": "policy", "PutResourcePolicy": "resourcePolicy", "SetRepositoryPolicy": "policyText", "PutAccessPointPolicy": "policy",
}

// sharedWith looks for another account, or all of them, in a list of grants.
func sharedWith(grants record.Value, account string) (g grantee) {
	list(grants, func(v record.Value) bool {
		one := outsider(ecs.FirstOf(v.Get("group").Str(), v.Get("userId").Str(), v.Str()), account)
		if one.name != "" {
			g = one
		}
		return !g.anyone
	})
	return g
}

// publicACL looks for the groups that mean everybody, in a list of grants or in the short form.
func publicACL(request record.Value) (g grantee) {
	public := grantee{name: anyoneName, anyone: true}
	if acl := textAt(request, []string{"x-amz-acl"}); strings.HasPrefix(acl, "public-") || acl == "authenticated-read" {
		return public
	}
	list(request.Path("AccessControlPolicy", "AccessControlList", "Grant"), func(v record.Value) bool {
		uri := v.Path("Grantee", "URI").Str()
		if strings.HasSuffix(uri, "/AllUsers") || strings.HasSuffix(uri, "/AuthenticatedUsers") {
			g = public
		}
		return !g.anyone
	})
	return g
}

func replicatedTo(configuration record.Value, account string) (g grantee) {
	list(configuration.Get("Rule"), func(rule record.Value) bool {
		if one := outsider(rule.Path("Destination", "Account").Scalar(), account); one.name != "" {
			g = one
		}
		return g.name == ""
	})
	return g
}
