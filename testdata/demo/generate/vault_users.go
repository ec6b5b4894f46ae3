package main

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// vaultSession signs a person in through Okta.
func (v *visit) vaultSession() *vaultToken {
	v.sso(appVault)
	v.wait(1, 3)
	policy := vaultPolicy[v.who.team]
	return v.w.vaultLogin(v.d, v.at, v.addr.String(), vaultLogin{mount: oidcMount, path: "oidc/callback", operation: "read", name: "oidc-" + v.who.login,
		policies: []string{policy}, metadata: map[string]string{"role": policy, "email": v.who.login, "username": v.who.login}, entity: v.who.vaultEntity,
		ttl: 28800, shown: []string{"client_nonce", "code", "state"}})
}

// vaultVisit is what people do there on an ordinary day.
func (v *visit) vaultVisit() {
	t := v.vaultSession()
	if v.who.team == "security" {
		t.wait(5, 30).do(ask{mount: mount{"sys/", "system", "system_1c9f3b7a", "v1.20.3+builtin.vault", "secret"}, operation: "read", path: "sys/audit"})
		return
	}
	folder := map[string]string{"platform": "platform", "engineering": "engineering"}[v.who.team]
	t.wait(5, 30).list(folder, kvNames[folder])
	for range 1 + v.d.IntN(3) {
		t.wait(5, 90).read(folder + "/" + pick(v.d, kvNames[folder]))
	}
	if v.d.chance(30) {
		t.wait(30, 200).lease("readonly")
	}
	if v.d.chance(6) { // a wrong folder
		t.wait(5, 60).do(ask{mount: kvMount, operation: "read", path: "kv/data/finance/" + pick(v.d, kvNames["finance"]),
			fail: "1 error occurred:\n\t* permission denied\n\n"})
	}
}

// kvNames is what the key-value store holds, folder by folder.
var kvNames = map[string][]string{
	"platform":    strings.Fields("cloudflare grafana pagerduty registry terraform argocd dns-signing backup-key"),
	"engineering": strings.Fields("booking-staging tracking-staging carriers-sandbox sentry"),
	"finance":     strings.Fields("bank-ebics datev payroll-api stripe"),
	"customs":     strings.Fields("atlas-gateway eori signing-key"),
	"ci":          strings.Fields("npm booking tracking billing"),
}

// vaultSecrets is a workflow getting what it needs.
func (r *run) vaultSecrets(names ...string) {
	role := "ci"
	if strings.HasPrefix(r.ref, "environment:") {
		role = "deploy"
	}
	t := r.w.vaultLogin(r.d, r.at, host("ci-runners", r.runner).String(), vaultLogin{mount: githubMount, path: "login", name: "jwt-github-" + r.subject,
		policies: []string{role}, entity: r.w.dice("entity", r.repo, role).uuid(), ttl: 900, shown: []string{"jwt"},
		metadata: map[string]string{"role": role, "repository": r.repo, "ref": r.ref, "run_id": r.id, "actor": strings.Split(r.actor.login, "@")[0]}})
	for _, name := range names {
		t.wait(0, 2).read(name)
	}
	t.do(ask{mount: tokenMount, operation: "update", path: "auth/token/revoke-self"})
	r.at = t.at
}

// pod is a workload in the cluster.
type pod struct {
	namespace, account string
	reads              []string
	leases             string
	every              int // hours
}

var pods = []pod{
	{"tracking", "tracking-worker", []string{"carriers/edi"}, "", 4},
	{"billing", "billing-api", []string{"finance/stripe"}, "billing-rw", 6},
	{"customs", "customs-gateway", []string{"customs/atlas-gateway", "customs/signing-key"}, "", 8},
}

// machinesInVault is an ordinary day of the workloads.
func (w *world) machinesInVault(day time.Time) {
	for i, p := range pods {
		for h := i; h < 24; h += p.every {
			w.podLogin(p, day.Add(time.Duration(h)*time.Hour+17*time.Minute), uint32(i))
		}
	}
	w.batch("billing-batch", []string{"finance/bank-ebics", "finance/datev"}, day.Add(3*time.Hour+40*time.Minute), host("azure-westeurope", 21))
	w.batch("snapshot-export", []string{"platform/backup-key"}, day.Add(1*time.Hour+25*time.Minute), host("azure-westeurope", 11))
}

func (w *world) podLogin(p pod, at time.Time, i uint32) {
	d := w.dice("pod", p.account, at)
	t := w.vaultLogin(d, at.Add(d.seconds(0, 50)), fmt.Sprintf("10.20.%d.%d", 4+i, 30+d.IntN(3)), vaultLogin{mount: kubernetesMount, path: "login",
		name: "kubernetes-" + p.namespace + "-" + p.account, policies: []string{p.account}, entity: w.dice("entity", p.account).uuid(), ttl: 3600,
		shown: []string{"jwt"}, metadata: map[string]string{"role": p.account, "service_account_name": p.account, "service_account_namespace": p.namespace,
			"service_account_secret_name": "", "service_account_uid": w.dice("uid", p.account).uuid()}})
	for _, name := range p.reads {
		t.wait(0, 2).read(name)
	}
	if p.leases != "" {
		t.wait(0, 2).lease(p.leases)
	}
}

// batch is a nightly job with an AppRole.
func (w *world) batch(name string, reads []string, at time.Time, addr netip.Addr) {
	d := w.dice("batch", name, at)
	t := w.vaultLogin(d, at.Add(d.seconds(0, 20)), addr.String(), vaultLogin{mount: approleMount, path: "login", name: "approle", policies: []string{name},
		metadata: map[string]string{"role_name": name}, entity: w.dice("entity", name).uuid(), ttl: 1200, shown: []string{"role_id", "secret_id"}})
	for _, r := range reads {
		t.wait(0, 3).read(r)
	}
}
