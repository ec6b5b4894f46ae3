package vault

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// rule gives paths an activity. A path fits when it begins with prefix (any path where that is empty), contains part,
// and the operation is one of writes, unless any is set.
type rule struct {
	prefix, part string
	operations   string // "any", "write" (create, update, patch, delete), "read" (read, list) or one operation
	activity     ecs.Activity
}

// rules are asked in order; the first that fits counts.
// https://developer.hashicorp.com/vault/api-docs
var rules = []rule{
	{"sys/audit-hash/", "", "any", ecs.APICall},
	{"sys/audit", "", "write", ecs.LogTampering},
	{"sys/config/auditing", "", "write", ecs.LogTampering},
	{"sys/policies/", "", "write", ecs.PolicyChange},
	{"sys/policy/", "", "write", ecs.PolicyChange},
	{"sys/mfa/", "", "write", ecs.PolicyChange},
	{"identity/mfa/", "", "write", ecs.PolicyChange},
	{"sys/auth/", "", "write", ecs.TrustChange},
	{"sys/mounts", "", "write", ecs.ResourceChange},
	{"sys/remount", "", "write", ecs.ResourceChange},
	{"sys/generate-root", "", "write", ecs.Elevation},
	{"sys/rekey", "", "write", ecs.CredentialRotate},
	{"sys/rotate", "", "write", ecs.CredentialRotate},
	{"sys/control-group/authorize", "", "write", ecs.Elevation},
	{"sys/control-group/", "", "write", ecs.ElevationRequest},
	{"sys/leases/renew", "", "any", ecs.TokenRefresh},
	{"sys/renew", "", "any", ecs.TokenRefresh},
	{"sys/leases/revoke", "", "any", ecs.CredentialEnd},
	{"sys/revoke", "", "any", ecs.CredentialEnd},
	{"sys/wrapping/wrap", "", "any", ecs.TokenIssue},
	{"sys/wrapping/unwrap", "", "any", ecs.SecretRead},
	{"sys/raw/", "", "any", ecs.SecretRead},
	{"sys/storage/raft/snapshot", "", "read", ecs.DataRead},
	{"sys/storage/", "", "write", ecs.ResourceChange},
	{"sys/", "", "write", ecs.APICall},
	{"sys/", "", "read", ecs.Discovery},
	{"auth/token/create", "", "any", ecs.TokenIssue},
	{"auth/token/renew", "", "any", ecs.TokenRefresh},
	{"auth/token/revoke", "", "any", ecs.TokenRevoke},
	{"auth/token/roles/", "", "write", ecs.IdentityChange},
	{"auth/token/", "", "any", ecs.Discovery},
	{"auth/", "/secret-id/destroy", "any", ecs.CredentialEnd},
	{"auth/", "/secret-id-accessor/destroy", "any", ecs.CredentialEnd},
	{"auth/", "/secret-id/lookup", "any", ecs.Discovery},
	{"auth/", "/secret-id", "write", ecs.CredentialCreate},
	{"auth/", "/role-id", "read", ecs.CredentialRead},
	{"auth/", "/password", "write", ecs.CredentialChange},
	{"auth/", "", "delete", ecs.IdentityDelete},
	{"auth/", "/config", "write", ecs.TrustChange},
	{"auth/", "", "write", ecs.IdentityChange},
	{"auth/", "", "read", ecs.Discovery},
	{"identity/oidc/token/", "", "any", ecs.TokenIssue},
	{"identity/oidc/", "", "write", ecs.TrustChange},
	{"identity/", "", "delete", ecs.IdentityDelete},
	{"identity/lookup/", "", "any", ecs.Discovery},
	{"identity/", "", "write", ecs.IdentityChange},
	{"identity/", "", "read", ecs.Discovery},
	{"cubbyhole/", "", "read", ecs.SecretRead},
	{"", "/creds/", "any", ecs.CredentialCreate},
	{"", "/static-cred/", "any", ecs.SecretRead},
	{"", "/static-creds/", "any", ecs.SecretRead},
	{"", "/rotate-root", "any", ecs.CredentialRotate},
	{"", "/rotate-role/", "any", ecs.CredentialRotate},
	{"", "/config/rotate", "any", ecs.CredentialRotate},
}

// byMount are the activities of secrets engines by mount type and operation.
var byMount = map[string]map[string]ecs.Activity{
	"kv":     {"read": ecs.SecretRead, "list": ecs.SecretList, "create": ecs.SecretWrite, "update": ecs.SecretWrite, "patch": ecs.SecretWrite, "delete": ecs.SecretDelete},
	"pki":    {"update": ecs.CredentialCreate, "read": ecs.Discovery, "list": ecs.Discovery},
	"ssh":    {"update": ecs.CredentialCreate},
	"aws":    {"read": ecs.CredentialCreate, "update": ecs.CredentialCreate},
	"totp":   {"read": ecs.SecretRead},
	"system": {"read": ecs.Discovery, "list": ecs.Discovery},
}

// activity tells what kind of act a request is.
func activity(operation, path, mountType string) ecs.Activity {
	if isLogin(path) {
		return ecs.SignIn
	}
	for i := firstRule(path); i < len(rules); i++ {
		if rules[i].fits(operation, path) {
			return rules[i].activity
		}
	}
	if mountType == "transit" && strings.Contains(path, "/decrypt/") {
		return ecs.DataRead
	}
	if a := byMount[mountType][operation]; a != "" {
		return a
	}
	if operation == "list" {
		return ecs.Discovery
	}
	return ecs.APICall
}

// anywhere is where the rules without a prefix begin.
var anywhere = slices.IndexFunc(rules, func(r rule) bool { return r.prefix == "" })

// firstRule passes over the rules of sys, auth and identity for paths of secrets engines, which most are.
func firstRule(path string) int {
	if len(path) > 0 && strings.IndexByte("saic", path[0]) < 0 {
		return anywhere
	}
	return 0
}

func (r *rule) fits(operation, path string) bool {
	return strings.HasPrefix(path, r.prefix) && (r.part == "" || strings.Contains(path, r.part)) && r.covers(operation)
}

func (r *rule) covers(operation string) bool {
	switch r.operations {
	case "any":
		return true
	case "read":
		return operation == "read" || operation == "list"
	case "write":
		return operation == "create" || operation == "update" || operation == "patch" || operation == "delete"
	}
	return operation == r.operations
}

// isLogin reports whether a path is auth/<mount>/login or auth/<mount>/login/<name>, or the last step of an OIDC login.
// A mount's name may have slashes.
func isLogin(path string) bool {
	if !strings.HasPrefix(path, "auth/") {
		return false
	}
	return strings.HasSuffix(path, "/login") || strings.Contains(path, "/login/") || strings.HasSuffix(path, "/oidc/callback")
}
