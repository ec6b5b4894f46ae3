package main

import (
	"fmt"
	"time"
)

const githubIssuer = "token.actions.githubusercontent.com"

// run is one run of a workflow: it signs in everywhere with the same subject and keeps no secret of its own.
type run struct {
	w       *world
	d       *dice
	at      time.Time
	repo    string
	ref     string // "ref:refs/heads/main" or "environment:production"
	actor   *person
	id      string
	runner  uint32
	role    string
	subject string
}

func (w *world) workflow(repo, ref, roleName string, at time.Time, actor *person) *run {
	d := w.dice("workflow", repo, at.UnixNano())
	return &run{w: w, d: d, at: at, repo: githubOrg + "/" + repo, ref: ref, actor: actor, id: fmt.Sprint(17000000000 + d.IntN(900000000)),
		runner: uint32(d.IntN(40)), role: roleName, subject: "repo:" + githubOrg + "/" + repo + ":" + ref}
}

// aws gives the run its AWS session.
func (r *run) aws() *caller {
	roleOf := r.w.role(r.role)
	c := r.w.webIdentity(r.d, r.at, roleOf, githubIssuer, r.subject, "GitHubActions")
	c.addr = host("ci-runners", r.runner).String()
	c.agent = "configure-aws-credentials-for-github-actions aws-sdk-js/3.876.0 ua/2.1 os/linux#6.11.0 lang/js md/nodejs#22.18.0"
	c.assume(roleOf, githubIssuer)
	return c
}

// build pushes an image after a merge.
func (r *run) build() {
	service := r.repo[len(githubOrg)+1:]
	c := r.aws()
	c.wait(20, 60).do(call{source: "ecr", name: "GetAuthorizationToken"})
	c.wait(60, 200).do(call{source: "ecr", name: "InitiateLayerUpload", params: map[string]any{"repositoryName": service}})
	c.wait(10, 30).do(call{source: "ecr", name: "PutImage", params: map[string]any{"repositoryName": service, "imageTag": r.d.hex(20)},
		resources: []awsResource{{awsAccount, "AWS::ECR::Repository", arn("ecr", "repository/"+service)}}})
	r.at = c.at
	if r.d.chance(50) {
		r.vaultSecrets("ci/"+service, "ci/npm")
	}
}

// deploy changes what runs: infrastructure first, then the services.
func (r *run) deploy() {
	r.w.tokenFor(terraform, r.at.Add(3*time.Second))
	r.vaultSecrets("deploy/terraform", "deploy/cloudflare")
	c := r.aws()
	c.agent = terraAgent
	for _, a := range []call{describeInstances, describeServices, describeDB, listRoles, describeLogs, describeNodes} {
		c.wait(1, 6).do(a)
	}
	c.wait(5, 20).do(look("iam", "GetRole", map[string]any{"roleName": "booking-app"}))
	c.wait(1, 3).do(call{source: "ec2", name: "AuthorizeSecurityGroupIngress", response: map[string]any{"_return": true},
		params: map[string]any{"groupId": "sg-0a1f5c7e93b2d4680", "ipPermissions": map[string]any{"items": []any{map[string]any{"ipProtocol": "tcp", "fromPort": 8443, "toPort": 8443}}}}})
	for _, service := range []string{"booking", "tracking", "billing"} {
		c.wait(30, 120).do(call{source: "ecs", name: "RegisterTaskDefinition", params: map[string]any{"family": service},
			response: map[string]any{"taskDefinition": map[string]any{"family": service, "revision": 40 + r.at.YearDay()}}})
		c.wait(3, 10).do(call{source: "ecs", name: "UpdateService", params: map[string]any{"cluster": "kestrel", "service": service, "forceNewDeployment": false},
			response: map[string]any{"service": map[string]any{"serviceName": service, "status": "ACTIVE"}}})
	}
	c.wait(5, 20).do(call{source: "lambda", name: "UpdateFunctionCode20150331v2", params: map[string]any{"functionName": "customs-webhook", "publish": true, "dryRun": false},
		response: map[string]any{"functionName": "customs-webhook", "runtime": "python3.13", "lastUpdateStatus": "InProgress"}})
	r.at = c.at
}
