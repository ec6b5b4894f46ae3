package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

const vault = "hashicorp_vault.audit"

// vaultDenied is borne by every refused request or login.
const vaultDenied = "vault_denied"

// vaultSigns are what single records of this source show.
var vaultSigns = []*Sign{
	{
		Rule:    Rule{ID: vaultDenied, Name: "Request refused by Vault"},
		Dataset: vault, Quiet: true, Failures: true,
		When: func(ev *ecs.Event) bool { return ev.Outcome == "failure" && ev.Message != "" },
	},
	{
		Rule: Rule{
			ID: "vault_audit_device_changed", Name: "Vault audit device switched off or changed", Severity: 99, Points: 80,
			Description: "An audit device is disabled, enabled or changed. Disabling the only one makes Vault blind: it is the last entry that will be written.",
			Covers:      []string{"DE12"}, Techniques: []string{"T1562.008"},
			Evidence: "request.path sys/audit/<device> with operation delete or update", Lookalikes: "First set-up of a server; a device moved to another path, with its new one enabled before.",
			Tuning: "Declare a maintenance window that names the administrator.",
		},
		Dataset: vault, When: onPath(ecs.LogTampering),
	},
	{
		Rule: Rule{
			ID: "vault_root_token_used", Name: "Vault root token in use", Severity: 73, Points: 45,
			Description: "A request whose token has the policy root. Root is not bound by any policy and is meant for the first hour of a server only.",
			Covers:      []string{"PR19"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI5:2025", "NHI10:2025"},
			Evidence: "auth.policies holds root", Lookalikes: "First set-up; break-glass with a ticket.", Tuning: "Declare an elevation window for vault:root.",
		},
		Dataset: vault, When: func(ev *ecs.Event) bool { return holdsRoot(ev.Record.Root().Path("auth", "policies")) },
	},
	{
		Rule: Rule{
			ID: "vault_root_token_made", Name: "Vault root token made", Severity: 99, Points: 85,
			Description: "A token with the policy root is made, or the ceremony that makes one is begun. Whoever holds it owns every secret.",
			Covers:      []string{"PR19"}, Techniques: []string{"T1098", "T1078.004"}, NHI: []string{"NHI5:2025"},
			Evidence: "response.auth.policies holds root on auth/token/create, or sys/generate-root", Lookalikes: "A planned root ceremony.", Tuning: "Declare an elevation window for those who hold the keys.",
		},
		Dataset: vault, When: func(ev *ecs.Event) bool {
			root := ev.Record.Root()
			return ev.Activity == ecs.Elevation || holdsRoot(root.Path("response", "auth", "policies")) && ev.Activity == ecs.TokenIssue
		},
	},
	{
		Rule: Rule{
			ID: "vault_admin_policy_written", Name: "Vault policy of an administrator written", Severity: 73, Points: 55,
			Description: "A policy is written whose name or text gives the rights of an administrator: sudo, a wildcard path, or policies themselves.",
			Covers:      []string{"PR18"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "request.path sys/policies/acl/<name>; the text where the device logs it plain", Lookalikes: "Policies as code, applied by a pipeline.", Tuning: "Name the pipeline in the context file and declare its windows.",
		},
		Dataset: vault, When: func(ev *ecs.Event) bool { return ev.Activity == ecs.PolicyChange && isAdminPolicy(ev.Record.Root()) },
	},
	{
		Rule: Rule{
			ID: "vault_policy_written", Name: "Vault policy written", Severity: 21, Points: 20,
			Description: "An ACL policy is written or deleted.", Covers: []string{"PR18"}, Techniques: []string{"T1098.003"},
			Evidence: "request.path sys/policies/acl/<name>", Lookalikes: "Everyday administration.",
		},
		Dataset: vault, When: func(ev *ecs.Event) bool { return ev.Activity == ecs.PolicyChange && !isAdminPolicy(ev.Record.Root()) },
	},
	{
		Rule: Rule{
			ID: "vault_lasting_token_made", Name: "Orphan, periodic or endless Vault token made", Severity: 73, Points: 45,
			Description: "A token that outlives its maker: without parent, periodic, without end, or a secret id that never expires. It stays when everything else is revoked.",
			Covers:      []string{"CR20"}, Techniques: []string{"T1098.001"}, NHI: []string{"NHI7:2025"},
			Evidence: "request.data.no_parent, response.auth.orphan, .period, a token or secret id with ttl 0", Lookalikes: "Tokens of long-running services made by their own pipeline.", Tuning: "Name the pipeline in the context file.",
		},
		Dataset: vault, When: isLasting,
	},
	{
		Rule: Rule{
			ID: "vault_server_changed", Name: "Vault secrets engine, auth method or server changed", Severity: 47, Points: 35,
			Description: "An auth method or secrets engine is added or moved, a plugin registered, raw storage touched, the server sealed or its keys changed.",
			Covers:      []string{"DE13"}, Techniques: []string{"T1562.001", "T1505"},
			Evidence: "request.path sys/mounts, sys/auth, sys/plugins, sys/raw, sys/seal, sys/rekey", Lookalikes: "Set-up and upgrades.", Tuning: "Declare a maintenance window.",
		},
		Dataset: vault, When: func(ev *ecs.Event) bool {
			return ev.Action != "read" && ev.Action != "list" && hasPrefix(pathOf(ev), "sys/mounts", "sys/auth", "sys/remount", "sys/plugins/", "sys/raw", "sys/seal", "sys/rekey", "sys/step-down")
		},
	},
	{
		Rule: Rule{
			ID: "vault_secrets_destroyed", Name: "Secrets destroyed, snapshot taken or key exported", Severity: 73, Points: 55,
			Description: "Secret versions are destroyed, leases revoked by prefix, the whole storage copied, or a transit key handed out in the clear.",
			Covers:      []string{"CR22"}, Techniques: []string{"T1485", "T1555.006"}, NHI: []string{"NHI2:2025"},
			Evidence: "request.path */destroy/*, sys/leases/revoke-prefix, sys/storage/raft/snapshot, */export/*", Lookalikes: "The nightly backup job.", Tuning: "Name the backup's identity in the context file.",
		},
		Dataset: vault, When: func(ev *ecs.Event) bool {
			path := pathOf(ev)
			return hasPrefix(path, "sys/leases/revoke-prefix", "sys/leases/revoke-force", "sys/revoke-prefix", "sys/storage/raft/snapshot") ||
				strings.Contains(path, "/destroy/") || strings.Contains(path, "/export/") && ev.Record.Root().Path("request", "mount_type").Str() == "transit"
		},
	},
}

func onPath(activity ecs.Activity) func(*ecs.Event) bool {
	return func(ev *ecs.Event) bool { return ev.Activity == activity }
}

func pathOf(ev *ecs.Event) string { return ev.Record.Root().Path("request", "path").Str() }

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func holdsRoot(policies record.Value) bool {
	for p := policies.First(); p.Kind() != record.Absent; p = p.NextIn(policies) {
		if p.Str() == "root" {
			return true
		}
	}
	return false
}

// isAdminPolicy judges a policy by its text where that stands in the clear, else by its name: the audit log hashes the text.
func isAdminPolicy(root record.Value) bool {
	text := root.Path("request", "data", "policy").Str()
	if text != "" && !strings.HasPrefix(text, "hmac-") {
		return strings.Contains(text, "sudo") || strings.Contains(text, `path "*"`) || strings.Contains(text, "sys/policies")
	}
	path := root.Path("request", "path").Str()
	name := path[strings.LastIndexByte(path, '/')+1:]
	for _, word := range []string{"admin", "root", "sudo", "super", "god", "owner", "breakglass", "break-glass"} {
		if strings.Contains(strings.ToLower(name), word) {
			return true
		}
	}
	return false
}

// isLasting: a token or secret id without parent or end.
func isLasting(ev *ecs.Event) bool {
	root := ev.Record.Root()
	made := root.Path("response", "auth")
	switch {
	case ev.Activity == ecs.TokenIssue && isTrue(root.Path("request", "data", "no_parent")),
		ev.Activity == ecs.TokenIssue && strings.HasPrefix(pathOf(ev), "auth/token/create-orphan"),
		ev.Activity == ecs.TokenIssue && isTrue(made.Get("orphan")):
		return true
	case ev.Activity == ecs.CredentialCreate && root.Path("response", "data", "secret_id_accessor").Exists():
		ttl, told := root.Path("response", "data", "secret_id_ttl").Int()
		return told && ttl == 0
	case ev.Activity == ecs.TokenIssue && made.Exists() && !holdsRoot(made.Get("policies")):
		period, periodic := made.Get("period").Int()
		ttl, told := made.Get("token_ttl").Int()
		return periodic && period > 0 || told && (ttl == 0 || ttl > 90*24*3600)
	}
	return false
}

func isTrue(v record.Value) bool { b, ok := v.Bool(); return ok && b }
