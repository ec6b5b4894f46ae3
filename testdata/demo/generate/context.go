package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// contextFile is what the company tells idwatch about itself.
type contextFile struct {
	Identities     []contextIdentity `yaml:"identities"`
	Windows        []contextWindow   `yaml:"windows"`
	Networks       []contextNetwork  `yaml:"networks"`
	Hours          contextHours      `yaml:"hours"`
	Learning       contextLearning   `yaml:"learning"`
	AlertThreshold int               `yaml:"alert_threshold"`
}

type contextIdentity struct {
	ID          string            `yaml:"id"`
	Kind        string            `yaml:"kind"`
	Names       []string          `yaml:"names"`
	Owner       string            `yaml:"owner"`
	Function    string            `yaml:"function,omitempty"`
	Escalation  []string          `yaml:"escalation,omitempty"`
	Privileged  bool              `yaml:"privileged,omitempty"`
	ThirdParty  bool              `yaml:"third_party,omitempty"`
	Environment string            `yaml:"environment,omitempty"`
	Lifecycle   *contextLifecycle `yaml:"lifecycle,omitempty"`
}

type contextLifecycle struct {
	Created      string `yaml:"created"`
	RotationDays int    `yaml:"rotation_days"`
}

type contextWindow struct {
	Kind       string   `yaml:"kind"`
	From       string   `yaml:"from"`
	Until      string   `yaml:"until"`
	Identities []string `yaml:"identities"`
	Sources    []string `yaml:"sources,omitempty"`
	Operations []string `yaml:"operations,omitempty"`
	Ticket     string   `yaml:"ticket"`
}

type contextNetwork struct {
	Name  string   `yaml:"name"`
	Kind  string   `yaml:"kind"`
	CIDRs []string `yaml:"cidrs"`
}

type contextHours struct {
	Timezone string `yaml:"timezone"`
	Business string `yaml:"business"`
}

type contextLearning struct {
	Days   int `yaml:"days"`
	Events int `yaml:"events"`
}

var onCall = []string{"platform-oncall", "security-oncall"}

func (w *world) context() []byte {
	c := contextFile{Windows: w.windows(), Hours: contextHours{"Europe/Berlin", "Mon-Fri 07:00-19:00"}, Learning: contextLearning{7, 20}, AlertThreshold: 50,
		Networks: []contextNetwork{{"offices and VPN", "egress", []string{"203.0.113.0/26", "203.0.113.64/26", "203.0.113.128/27"}}}}
	for _, p := range w.everybody {
		if p.team == "platform" || p.team == "security" || p.note == "contractor" {
			c.Identities = append(c.Identities, w.human(p))
		}
	}
	c.Identities = append(c.Identities, w.workloads()...)
	b, err := yaml.Marshal(c)
	if err != nil {
		panic(err) // our own types
	}
	return append([]byte("# Kestrel Freight: who owns what, what was announced, what the networks are.\n"), b...)
}

func (w *world) human(p *person) contextIdentity {
	return contextIdentity{ID: strings.Split(p.login, "@")[0], Kind: "human", Owner: p.login, Function: p.team, Privileged: p.team == "platform",
		ThirdParty: p.note == "contractor", Escalation: onCall,
		Names: []string{p.login, "okta:" + p.oktaID, "entra:" + p.entraID, "vault:oidc/" + p.login, "arn:aws:sts::" + awsAccount + ":assumed-role/*/" + p.login}}
}

func (s *principal) context(kind, owner, function string) contextIdentity {
	return contextIdentity{ID: s.name, Kind: kind, Names: []string{"entra:app/" + s.appID, "entra:" + s.id}, Owner: owner, Function: function, Escalation: onCall}
}

// workloads are the identities that are no people.
func (w *world) workloads() []contextIdentity {
	platform, data := "platform@"+domain, "data@"+domain
	repo := "repo:" + githubOrg + "/"
	list := []contextIdentity{
		{ID: "platform-deployer", Kind: "workload", Names: []string{w.role("platform-deployer").arn(), repo + "infrastructure:*"}, Owner: platform, Function: "delivery", Privileged: true, Environment: "production"},
		{ID: "ci-build", Kind: "workload", Names: []string{w.role("ci-build").arn(), repo + "booking:*", repo + "tracking:*", repo + "billing:*"}, Owner: platform, Function: "delivery"},
		{ID: "booking-app", Kind: "workload", Names: []string{w.role("booking-app").arn()}, Owner: platform, Function: "product", Environment: "production"},
		{ID: "tracking-worker", Kind: "workload", Names: []string{w.role("tracking-worker").arn(), "system:serviceaccount:tracking:tracking-worker", "vault:kubernetes/tracking-worker"}, Owner: platform, Function: "product", Environment: "production"},
		{ID: "billing-api", Kind: "workload", Names: []string{"vault:kubernetes/billing-api"}, Owner: "billing@" + domain, Function: "product", Environment: "production"},
		{ID: "customs-gateway", Kind: "workload", Names: []string{"vault:kubernetes/customs-gateway"}, Owner: "customs@" + domain, Function: "product", Environment: "production"},
		{ID: "billing-batch", Kind: "service", Names: []string{"vault:approle/billing-batch"}, Owner: "billing@" + domain, Function: "batch"},
		{ID: "snapshot-export", Kind: "service", Names: []string{"vault:approle/snapshot-export"}, Owner: platform, Function: "batch"},
		{ID: "svc-backup", Kind: "service", Names: []string{arn("iam", "user/svc-backup")}, Owner: platform, Function: "batch", Privileged: true, Environment: "production",
			Lifecycle: &contextLifecycle{"2025-02-03", 90}},
		{ID: "svc-metrics", Kind: "service", Names: []string{arn("iam", "user/svc-metrics")}, Owner: platform, Function: "monitoring", ThirdParty: true,
			Lifecycle: &contextLifecycle{"2025-06-12", 90}},
		{ID: "log-exporter", Kind: "service", Names: []string{"okta:" + logExporter.actor.ID}, Owner: "security@" + domain, Function: "monitoring", ThirdParty: true},
		{ID: "svc-provisioning", Kind: "service", Names: []string{provisioning.actor.AlternateID, "okta:" + provisioning.actor.ID}, Owner: platform, Function: "provisioning"},
	}
	return append(list, reporting.context("service", data, "reporting"), directorySync.context("service", platform, "provisioning"),
		terraform.context("workload", platform, "delivery"), backupVault.context("workload", platform, "batch"),
		dispatchAgent.context("agent", "dispatch@"+domain, "dispatch"))
}

// windows are what was announced beforehand.
func (w *world) windows() []contextWindow {
	list := []contextWindow{
		{"rotation", "2026-09-09T13:00:00Z", "2026-09-09T15:00:00Z", []string{"svc-metrics", "oskar.wendt"}, []string{cloudtrail}, []string{"iam:*AccessKey"}, "CHG-1187"},
		{"rotation", "2026-09-10T15:00:00Z", "2026-09-10T18:00:00Z", []string{directorySync.name, "caleb.thornton"}, []string{entra}, nil, "CHG-1190"},
		{"failover", "2026-09-12T20:00:00Z", "2026-09-12T22:00:00Z", []string{"booking-app", "jonas.albrecht"}, []string{cloudtrail}, nil, "CHG-1195"},
		{"elevation", "2026-09-16T14:00:00Z", "2026-09-16T16:00:00Z", []string{"priya.nair"}, []string{entra}, nil, "INC-2291"},
	}
	n := 0
	for day := firstDay; !day.After(lastDay); day = day.AddDate(0, 0, 1) {
		if day.Weekday() == time.Tuesday || day.Weekday() == time.Thursday {
			n++
			list = append(list, contextWindow{"deployment", awsTime(day.Add(20 * time.Hour)), awsTime(day.Add(22 * time.Hour)),
				[]string{"platform-deployer", terraform.name}, nil, nil, fmt.Sprintf("CHG-%d", 1170+n)})
		}
	}
	return list
}
