package detections

import (
	"encoding/json"
	"maps"
	"testing"
)

// TestCloudTrailFacts: what an act tells of its record.
func TestCloudTrailFacts(t *testing.T) {
	secret := `"arn:aws:secretsmanager:eu-central-1:210987654321:secret:shop/db-Ab12xY"`
	for _, c := range []struct {
		op, request, more string
		want              Act
	}{
		{"lambda:UpdateFunctionCode20150331v2", `{"functionName":"arn:aws:lambda:eu-central-1:210987654321:function:press"}`, "",
			Act{Operation: "lambda:UpdateFunctionCode", Object: "210987654321/function/press", Target: "press"}},
		{"s3:GetObject", `{"bucketName":"press","key":"a/b.csv"}`, "", Act{Operation: "s3:GetObject", Object: "210987654321/bucket/press", Target: "press/a/b.csv", Resource: "bucket press"}},
		{"secretsmanager:GetSecretValue", `{"secretId":` + secret + `}`, "", Act{Operation: "secretsmanager:GetSecretValue", Object: "210987654321/secret/shop/db", Target: "shop/db", Resource: "secret shop"}},
		{"secretsmanager:GetSecretValue", `{"secretId":` + secret + `,"versionId":"v1"}`, "", Act{Operation: "secretsmanager:GetSecretValue", Object: "210987654321/secret-version/v1", Target: "shop/db", Resource: "secret shop"}},
		{"secretsmanager:PutSecretValue", `{"secretId":` + secret + `,"clientRequestToken":"v1"}`, "", Act{Operation: "secretsmanager:PutSecretValue", Object: "210987654321/secret-version/v1", Target: "shop/db", Resource: "secret shop", Born: true}},
		{"secretsmanager:CreateSecret", `{"name":"shop/db"}`, "", Act{Operation: "secretsmanager:CreateSecret", Object: "210987654321/secret/shop/db", Target: "shop/db", Resource: "secret shop", Born: true}},
		{"ssm:GetParameters", `{"names":["/shop/a","/shop/b"],"withDecryption":true}`, "", Act{Operation: "ssm:GetParameters", Object: "210987654321/parameter//shop/a", Target: "/shop/a", Resource: "secret /shop", Number: 2}},
		{"sts:AssumeRole", `{"roleArn":"arn:aws:iam::210987654321:role/path/press","durationSeconds":900,"policyArns":[{"arn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}]}`, "",
			Act{Operation: "sts:AssumeRole", Object: "210987654321/role/press", Target: "press", Resource: "role press", Role: "arn:aws:iam::210987654321:role/path/press", TargetID: "arn:aws:iam::210987654321:role/path/press", Lifetime: 900e9, Scopes: "ReadOnlyAccess"}},
		{"sts:GetFederationToken", `{"name":"x","policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"}`, `{"responseElements":{"credentials":{"accessKeyId":"ASIAX","expiration":"Sep 15, 2026, 9:00:00 PM"}}}`,
			Act{Operation: "sts:GetFederationToken", Object: "210987654321/federated-user/x", Target: "x", Lifetime: 12 * 3600e9, Scopes: "*"}},
		{"iam:AttachUserPolicy", `{"userName":"mira","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`, "",
			Act{Operation: "iam:AttachUserPolicy", Object: "210987654321/user/mira", Target: "mira", TargetID: "arn:aws:iam::210987654321:user/mira", Scopes: "AdministratorAccess"}},
		{"iam:CreateAccessKey", `null`, "", Act{Operation: "iam:CreateAccessKey", TargetID: "arn:aws:iam::210987654321:user/deployer"}},
		{"ec2:ModifyImageAttribute", `{"imageId":"ami-1","launchPermission":{"add":{"items":[{"userId":"111122223333"}]}}}`, "",
			Act{Operation: "ec2:ModifyImageAttribute", Object: "210987654321/image/ami-1", Target: "ami-1", TargetID: "aws:account/111122223333", Grantee: "aws:account/111122223333"}},
		{"ec2:CreateSnapshot", `{"volumeId":"vol-1"}`, `{"responseElements":{"snapshotId":"snap-1"}}`, Act{Operation: "ec2:CreateSnapshot", Object: "210987654321/snapshot/snap-1", Target: "snap-1", Born: true}},
		{"ec2:RunInstances", `{"instancesSet":{"items":[{"maxCount":3}]},"iamInstanceProfile":{"arn":"arn:aws:iam::210987654321:instance-profile/web"}}`, `{"responseElements":{"instancesSet":{"items":[{"instanceId":"i-1"}]}}}`,
			Act{Operation: "ec2:RunInstances", Object: "210987654321/instance/i-1", Target: "i-1", TargetID: "arn:aws:iam::210987654321:instance-profile/web", Number: 3, Born: true}},
		{"ec2:DescribeVpcs", `{"vpcSet":{"items":[{"vpcId":"vpc-1"}]},"filterSet":{}}`, "", Act{Operation: "ec2:DescribeVpcs", Number: 1}},
		{"ec2:DescribeVpcs", `{"vpcSet":{},"filterSet":{},"maxResults":100}`, "", Act{Operation: "ec2:DescribeVpcs"}},
		{"iam:ListUsers", `null`, `{"errorCode":"AccessDenied","sessionCredentialFromConsole":"true","sharedEventID":"s1"}`, Act{Operation: "iam:ListUsers", Denied: true, Via: "console", Shared: "s1"}},
		{"kms:Decrypt", `{"keyId":"arn:aws:kms:eu-central-1:210987654321:key/k1"}`, `{"sourceIPAddress":"secretsmanager.amazonaws.com"}`, Act{Operation: "kms:Decrypt", Object: "210987654321/key/k1", Target: "k1", Resource: "key k1", Via: "secretsmanager.amazonaws.com"}},
	} {
		a := readCall(t, c.op, c.request, c.more)
		got := Act{
			Operation: a.Operation, Object: a.Object, Target: a.Target, TargetID: a.TargetID, Resource: a.Resource, Role: a.Role, Lifetime: a.Lifetime,
			Scopes: a.Scopes, Born: a.Born, Number: a.Number, Grantee: a.Grantee, Denied: a.Denied, Via: a.Via, Shared: a.Shared,
		}
		if g, w := facts1(got), facts1(c.want); g != w {
			t.Errorf("%s %s\n got %s\nwant %s", c.op, c.request, g, w)
		}
	}
}

func facts1(a Act) string {
	//lint:ignore SA1026 the acts compared here bear no signs, whose functions JSON cannot hold
	text, _ := json.Marshal(a)
	var all trailRecord
	_ = json.Unmarshal(text, &all)
	maps.DeleteFunc(all, func(_ string, v any) bool {
		return v == nil || v == "" || v == 0.0 || v == false || v == "0001-01-01T00:00:00Z"
	})
	text, _ = json.Marshal(all)
	return string(text)
}

// TestCloudTrailLinks: keys stand for who asked for them, over chains; what callers choose joins nobody.
func TestCloudTrailLinks(t *testing.T) {
	assume := func(at string, who map[string]any, role, key, source string) trailRecord {
		r := awsCall(at, "sts", "AssumeRole", trailRecord{"roleArn": "arn:aws:iam::210987654321:role/" + role, "roleSessionName": "work"})
		response := trailRecord{"credentials": trailRecord{"accessKeyId": key}}
		if source != "" {
			response["sourceIdentity"] = source
		}
		r["responseElements"], r["userIdentity"] = response, who
		return r
	}
	user := func(name string) map[string]any {
		return map[string]any{"type": "IAMUser", "arn": "arn:aws:iam::210987654321:user/" + name, "accountId": "210987654321", "accessKeyId": "AKIAEXAMPLE" + name, "userName": name}
	}
	session := func(role, key, source string) map[string]any {
		context := trailRecord{"sessionIssuer": trailRecord{"type": "Role", "arn": "arn:aws:iam::210987654321:role/" + role, "userName": role}}
		if source != "" {
			context["sourceIdentity"] = source
		}
		return map[string]any{"type": "AssumedRole", "principalId": "AROA" + role + ":work", "arn": "arn:aws:sts::210987654321:assumed-role/" + role + "/work", "accountId": "210987654321", "accessKeyId": key, "sessionContext": context}
	}
	call := func(at string, who map[string]any) trailRecord {
		r := awsCall(at, "s3", "ListBuckets", nil)
		r["userIdentity"] = who
		return r
	}
	service := map[string]any{"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
	stranger := map[string]any{"type": "AWSAccount", "accountId": "111122223333", "principalId": "AROAX:y"}
	key := awsCall("2026-09-15T09:05:00Z", "iam", "CreateAccessKey", trailRecord{"userName": "backup"})
	key["responseElements"] = trailRecord{"accessKey": trailRecord{"accessKeyId": "AKIAEXAMPLEFRESH", "userName": "backup"}}
	key["userIdentity"] = user("mira")
	r := replayTrail(t, DefaultContext(), false, []trailRecord{
		assume("2026-09-15T09:00:00Z", user("mira"), "press", "ASIA1", ""),
		assume("2026-09-15T09:00:01Z", session("press", "ASIA1", ""), "deep", "ASIA2", ""), // a chain
		call("2026-09-15T09:00:02Z", session("deep", "ASIA2", "")),
		assume("2026-09-15T09:01:00Z", user("ben"), "press", "ASIA3", ""), // the same role and session name
		call("2026-09-15T09:01:01Z", session("press", "ASIA3", "")),
		assume("2026-09-15T09:02:00Z", user("broker"), "desk", "ASIA4", "olga@acme.example"), // a broker for many people
		assume("2026-09-15T09:02:01Z", user("broker"), "desk", "ASIA5", "tim@acme.example"),
		call("2026-09-15T09:02:02Z", session("desk", "ASIA4", "olga@acme.example")),
		assume("2026-09-15T09:03:00Z", service, "web", "ASIA6", ""),
		assume("2026-09-15T09:03:01Z", stranger, "vendor", "ASIA7", ""),
		assume("2026-09-15T09:04:00Z", session("lone", "ASIA8", ""), "deep", "ASIA9", ""), // whose issue was not seen
		key,
	})
	find := r.machine.memory.Graph.Find
	same := func(a, b string) bool { return find(a) == find(b) }
	const arn = "arn:aws:iam::210987654321:user/"
	for _, pair := range [][2]string{
		{arn + "mira", "aws:key/ASIA2"}, {arn + "ben", "aws:key/ASIA3"}, {"olga@acme.example", "aws:key/ASIA4"}, {"tim@acme.example", "aws:key/ASIA5"},
		{arn + "mira", "aws:key/AKIAEXAMPLEmira"}, {arn + "backup", "aws:key/AKIAEXAMPLEFRESH"},
		{"arn:aws:sts::210987654321:assumed-role/lone/work", "aws:key/ASIA9"},
	} {
		if !same(pair[0], pair[1]) {
			t.Errorf("%s and %s are not one", pair[0], pair[1])
		}
	}
	all := []string{arn + "mira", arn + "ben", arn + "broker", arn + "backup", "olga@acme.example", "tim@acme.example", "ec2.amazonaws.com", "aws:account/111122223333",
		"arn:aws:sts::210987654321:assumed-role/press/work", "arn:aws:sts::210987654321:assumed-role/lone/work", "aws:key/ASIA6", "aws:key/ASIA7"}
	for i, a := range all {
		for _, b := range all[i+1:] {
			if same(a, b) {
				t.Errorf("%s and %s became one", a, b)
			}
		}
	}
	if k := r.machine.memory.Credentials.Get("AKIAEXAMPLEFRESH"); k == nil || k.Maker != find(arn+"mira") || k.Owner != arn+"backup" {
		t.Errorf("the life of the fresh key: got %+v, want maker mira and owner backup", k)
	}
}
