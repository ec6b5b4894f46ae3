package vault

import (
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// TestActivity: operation, path and mount type, as Vault writes them.
func TestActivity(t *testing.T) {
	for request, want := range map[string]ecs.Activity{
		"update auth/userpass/login/bob userpass": ecs.SignIn,
		"update auth/team/ldap/login/bob ldap":    ecs.SignIn, // a mount's name may have slashes
		"update auth/approle/login approle":       ecs.SignIn,
		"read auth/oidc/oidc/callback oidc":       ecs.SignIn,

		"update auth/token/create token":                              ecs.TokenIssue,
		"update auth/token/create-orphan token":                       ecs.TokenIssue,
		"update auth/token/renew-self token":                          ecs.TokenRefresh,
		"update auth/token/revoke-accessor token":                     ecs.TokenRevoke,
		"read auth/token/lookup-self token":                           ecs.Discovery,
		"update auth/token/roles/ci token":                            ecs.IdentityChange,
		"update auth/approle/role/ci/secret-id approle":               ecs.CredentialCreate,
		"list auth/approle/role/ci/secret-id approle":                 ecs.Discovery,
		"update auth/approle/role/ci/secret-id/lookup approle":        ecs.Discovery,
		"update auth/approle/role/ci/secret-id/destroy approle":       ecs.CredentialEnd,
		"update auth/approle/role/ci/secret-id-accessor/destroy appr": ecs.CredentialEnd,
		"read auth/approle/role/ci/role-id approle":                   ecs.CredentialRead,
		"update auth/userpass/users/bob/password userpass":            ecs.CredentialChange,
		"create auth/userpass/users/bob userpass":                     ecs.IdentityChange,
		"delete auth/userpass/users/bob userpass":                     ecs.IdentityDelete,
		"update auth/jwt/config jwt":                                  ecs.TrustChange,

		"update sys/audit/file system":               ecs.LogTampering,
		"delete sys/audit/file system":               ecs.LogTampering,
		"read sys/audit system":                      ecs.Discovery,
		"update sys/audit-hash/file system":          ecs.APICall,
		"update sys/policies/acl/admin system":       ecs.PolicyChange,
		"update sys/auth/jwt system":                 ecs.TrustChange,
		"update sys/mounts/kv system":                ecs.ResourceChange,
		"update sys/generate-root/update system":     ecs.Elevation,
		"update sys/control-group/authorize system":  ecs.Elevation,
		"update sys/control-group/request system":    ecs.ElevationRequest,
		"update sys/leases/renew system":             ecs.TokenRefresh,
		"update sys/leases/revoke-prefix/aws system": ecs.CredentialEnd,
		"update sys/wrapping/unwrap system":          ecs.SecretRead,
		"read sys/raw/core/keyring system":           ecs.SecretRead,
		"read sys/storage/raft/snapshot system":      ecs.DataRead,
		"update sys/storage/raft/snapshot system":    ecs.ResourceChange,
		"update sys/capabilities-self system":        ecs.APICall,
		"read sys/mounts system":                     ecs.Discovery,
		"update sys/rotate system":                   ecs.CredentialRotate,
		"update identity/entity/id/e-1 identity":     ecs.IdentityChange,
		"delete identity/entity/id/e-1 identity":     ecs.IdentityDelete,
		"update identity/lookup/entity identity":     ecs.Discovery,
		"read identity/oidc/token/ci identity":       ecs.TokenIssue,
		"update identity/oidc/role/ci identity":      ecs.TrustChange,
		"update identity/mfa/method/totp identity":   ecs.PolicyChange,
		"read cubbyhole/response cubbyhole":          ecs.SecretRead,
		"read aws/creds/deploy aws":                  ecs.CredentialCreate,
		"read database/creds/app database":           ecs.CredentialCreate,
		"read database/static-creds/app database":    ecs.SecretRead,
		"update database/rotate-root/app database":   ecs.CredentialRotate,
		"read kv/data/team/app kv":                   ecs.SecretRead,
		"list kv/metadata/team kv":                   ecs.SecretList,
		"update kv/data/team/app kv":                 ecs.SecretWrite,
		"delete kv/data/team/app kv":                 ecs.SecretDelete,
		"update pki/issue/web pki":                   ecs.CredentialCreate,
		"update ssh/sign/admin ssh":                  ecs.CredentialCreate,
		"update transit/decrypt/key transit":         ecs.DataRead,
		"update transit/encrypt/key transit":         ecs.APICall,
		"list somewhere/else custom":                 ecs.Discovery,
		"help kv kv":                                 ecs.APICall,
	} {
		part := strings.Fields(request)
		if got := activity(part[0], part[1], part[2]); got != want {
			t.Errorf("%s: got %s, want %s", request, got, want)
		}
	}
	if got := activity("", "", ""); got != ecs.APICall {
		t.Errorf("nothing told: got %s, want %s", got, ecs.APICall)
	}
}
