package detections

import (
	"fmt"
	"slices"
	"testing"
)

// vaultEntry is a response entry of a token with the policy team; rest are further members, each with a comma before it.
func vaultEntry(operation, path, request, response, rest string) string {
	return fmt.Sprintf(`{"time":"2026-09-15T09:00:00Z","type":"response","auth":{"client_token":"hmac-sha256:t","accessor":"hmac-sha256:a","display_name":"approle",
		"policies":["default","team"],"metadata":{"role_name":"ci"},"token_type":"service"},"request":{"id":"r1","operation":%q,"path":%q,"mount_type":"kv",
		"client_token":"hmac-sha256:t","remote_address":"198.51.100.5"%s},"response":{%s}%s}`, operation, path, request, response, rest)
}

func TestVaultSigns(t *testing.T) {
	root := `{"time":"2026-09-15T09:00:00Z","type":"response","auth":{"client_token":"hmac-sha256:r","display_name":"root","policies":["root"]},
		"request":{"id":"r1","operation":"read","path":"kv/data/a","mount_type":"kv","client_token":"hmac-sha256:r"},"response":{}}`
	for _, test := range []struct {
		name, record string
		want         []string
	}{
		{"a read", vaultEntry("read", "kv/data/team/app", "", "", ""), nil},
		{"refused", vaultEntry("read", "kv/data/team/app", "", "", `,"error":"1 error occurred: permission denied"`), []string{vaultDenied}},
		{"audit device off", vaultEntry("delete", "sys/audit/file", "", "", ""), []string{"vault_audit_device_changed"}},
		{"audit devices listed", vaultEntry("read", "sys/audit", "", "", ""), nil},
		{"root at work", root, []string{"vault_root_token_used"}},
		{"root token made", vaultEntry("update", "auth/token/create", "", `"auth":{"client_token":"hmac-sha256:x","policies":["root"],"token_ttl":0}`, ""), []string{"vault_root_token_made"}},
		{"admin policy", vaultEntry("update", "sys/policies/acl/admin", "", "", ""), []string{"vault_admin_policy_written"}},
		{"a team's policy", vaultEntry("update", "sys/policies/acl/team", "", "", ""), []string{"vault_policy_written"}},
		{"orphan token", vaultEntry("update", "auth/token/create-orphan", "", `"auth":{"client_token":"hmac-sha256:x","policies":["team"],"token_ttl":3600}`, ""), []string{"vault_lasting_token_made"}},
		{"a token for an hour", vaultEntry("update", "auth/token/create", "", `"auth":{"client_token":"hmac-sha256:x","policies":["team"],"token_ttl":3600}`, ""), nil},
		{"a secret id for ever", vaultEntry("update", "auth/approle/role/ci/secret-id", "", `"data":{"secret_id_accessor":"hmac-sha256:s","secret_id_ttl":0}`, ""), []string{"vault_lasting_token_made"}},
		{"a secret id for a while", vaultEntry("update", "auth/approle/role/ci/secret-id", "", `"data":{"secret_id_accessor":"hmac-sha256:s","secret_id_ttl":600}`, ""), nil},
		{"engine mounted", vaultEntry("update", "sys/mounts/kv2", "", "", ""), []string{"vault_server_changed"}},
		{"engines listed", vaultEntry("read", "sys/mounts", "", "", ""), nil},
		{"versions destroyed", vaultEntry("update", "kv/destroy/team/app", "", "", ""), []string{"vault_secrets_destroyed"}},
		{"leases revoked", vaultEntry("update", "sys/leases/revoke-prefix/database", "", "", ""), []string{"vault_secrets_destroyed"}},
		{"one lease revoked", vaultEntry("update", "sys/leases/revoke", "", "", ""), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := readOne(t, test.record)
			got := signsOf(&a)
			for _, want := range test.want {
				if !slices.Contains(got, want) {
					t.Errorf("got %v, want %s among them", got, want)
				}
			}
			if len(test.want) == 0 && len(got) > 0 {
				t.Errorf("got %v, want none", got)
			}
		})
	}
}
