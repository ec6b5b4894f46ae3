package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// vaultEntry is a line of the file audit device. Vault leaves out what is empty.
// https://developer.hashicorp.com/vault/docs/audit
type vaultEntry struct {
	Time     string         `json:"time"`
	Type     string         `json:"type"`
	Auth     *vaultAuth     `json:"auth,omitempty"`
	Request  vaultRequest   `json:"request"`
	Response *vaultResponse `json:"response,omitempty"`
	Error    string         `json:"error,omitempty"`
}

type vaultAuth struct {
	ClientToken    string            `json:"client_token,omitempty"`
	Accessor       string            `json:"accessor,omitempty"`
	DisplayName    string            `json:"display_name,omitempty"`
	Policies       []string          `json:"policies,omitempty"`
	TokenPolicies  []string          `json:"token_policies,omitempty"`
	PolicyResults  *vaultResults     `json:"policy_results,omitempty"`
	Metadata       map[string]string `json:"metadata,omitempty"`
	EntityID       string            `json:"entity_id,omitempty"`
	TokenType      string            `json:"token_type,omitempty"`
	TokenTTL       int               `json:"token_ttl,omitempty"`
	TokenIssueTime string            `json:"token_issue_time,omitempty"`
}

type vaultResults struct {
	Allowed          bool         `json:"allowed"`
	GrantingPolicies []vaultGrant `json:"granting_policies,omitempty"`
}

type vaultGrant struct {
	Name        string `json:"name"`
	NamespaceID string `json:"namespace_id"`
	Type        string `json:"type"`
}

type vaultRequest struct {
	ID                  string              `json:"id"`
	ClientID            string              `json:"client_id,omitempty"`
	Operation           string              `json:"operation"`
	MountPoint          string              `json:"mount_point"`
	MountType           string              `json:"mount_type"`
	MountAccessor       string              `json:"mount_accessor"`
	MountRunningVersion string              `json:"mount_running_version"`
	MountClass          string              `json:"mount_class"`
	ClientToken         string              `json:"client_token,omitempty"`
	ClientTokenAccessor string              `json:"client_token_accessor,omitempty"`
	Namespace           map[string]string   `json:"namespace"`
	Path                string              `json:"path"`
	Data                map[string]any      `json:"data,omitempty"`
	RemoteAddress       string              `json:"remote_address"`
	RemotePort          int                 `json:"remote_port"`
	Headers             map[string][]string `json:"headers,omitempty"`
}

type vaultResponse struct {
	Auth                      *vaultAuth        `json:"auth,omitempty"`
	MountPoint                string            `json:"mount_point"`
	MountType                 string            `json:"mount_type"`
	MountAccessor             string            `json:"mount_accessor"`
	MountRunningPluginVersion string            `json:"mount_running_plugin_version"`
	MountClass                string            `json:"mount_class"`
	Secret                    map[string]string `json:"secret,omitempty"`
	Data                      map[string]any    `json:"data,omitempty"`
}

// mount is a path of the server with a method or an engine behind it.
type mount struct{ point, kind, accessor, version, class string }

var (
	kvMount         = mount{"kv/", "kv", "kv_7c1a9e54", "v0.24.0+builtin", "secret"}
	databaseMount   = mount{"database/", "database", "database_2f8b6d13", "v1.20.3+builtin.vault", "secret"}
	tokenMount      = mount{"auth/token/", "token", "auth_token_5d3e7f90", "v1.20.3+builtin.vault", "auth"}
	oidcMount       = mount{"auth/oidc/", "oidc", "auth_oidc_b4a6c812", "v0.24.1+builtin", "auth"}
	githubMount     = mount{"auth/jwt-github/", "jwt", "auth_jwt_90d1e5f7", "v0.24.1+builtin", "auth"}
	approleMount    = mount{"auth/approle/", "approle", "auth_approle_3b7f2a69", "v1.20.3+builtin.vault", "auth"}
	kubernetesMount = mount{"auth/kubernetes/", "kubernetes", "auth_kubernetes_e8c40d25", "v0.22.2+builtin", "auth"}
)

// vaultServer holds what its audit device is salted with.
type vaultServer struct{ salt []byte }

func newVaultServer() *vaultServer { return &vaultServer{[]byte("kestrel audit device")} }

// hash is what the audit device writes instead of a secret: the same for the same value.
func (s *vaultServer) hash(value string) string {
	m := hmac.New(sha256.New, s.salt)
	_, _ = m.Write([]byte(value))
	return "hmac-sha256:" + hex.EncodeToString(m.Sum(nil))
}

func vaultTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// clientID of a token without an entity: a hash, in base64.
func clientID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.StdEncoding.EncodeToString(sum[:])
}
