package main

import (
	"fmt"
	"time"
)

// machinesInAWS is an ordinary day of the workloads.
func (w *world) machinesInAWS(day time.Time) {
	for h := range 24 {
		hour := day.Add(time.Duration(h) * time.Hour)
		if h%2 == 0 {
			w.bookingHour(hour, mainRegion)
			w.metricsHour(hour, w.metricsKey(hour))
		}
		if h%4 == 1 {
			w.trackingWorker(hour)
		}
		if h%6 == 3 {
			w.trailCheck(hour.Add(12 * time.Minute))
		}
	}
	w.nightlyBackup(day.Add(90 * time.Minute))
}

// instances of the booking service, and where they run in an emergency.
var instances = map[string][]string{
	mainRegion:  {"i-0a4c7e19d2b85f360", "i-0b7d1f3a6c9e24580", "i-0c2e8b5d7f1a93640"},
	spareRegion: {"i-0d9f4a2c6b8e17530", "i-0e1b7c3d5f9a28640", "i-0f6a3d8e2c4b91750"},
}

// bookingHour is the booking service on its instances: it gets its credentials anew every few hours and reads what it needs.
func (w *world) bookingHour(hour time.Time, region string) {
	r := w.role("booking-app")
	for i, instance := range instances[region] {
		issued := hour.Truncate(6 * time.Hour).Add(time.Duration(i) * time.Minute)
		c := w.instance(r, instance, region, issued)
		if hour.Truncate(6 * time.Hour).Equal(hour) {
			ec2 := w.service("ec2", issued)
			ec2.region = region
			ec2.do(call{source: "sts", name: "AssumeRole", response: r.granted(c.d, c.identity, issued.Add(6*time.Hour)), resources: r.resources(),
				params: map[string]any{"roleArn": r.arn(), "roleSessionName": instance}})
		}
		c.d = w.dice("booking", hour, instance)
		c.at = hour.Add(time.Duration(5+i*7)*time.Minute + c.d.seconds(0, 40))
		c.do(getSecret(secretNames[0]))
		c.wait(0, 2).do(decrypt(secretNames[0]))
	}
}

// instance is a session of a role on a machine.
func (w *world) instance(r role, instance, region string, issued time.Time) *caller {
	d := w.dice("instance", instance, issued)
	id := r.session(d, instance, issued)
	id.SessionContext.EC2RoleDelivery = "2.0"
	n := uint32(instance[4])
	return &caller{w: w, d: d, identity: id, at: issued, addr: host("cloud-"+region, n%20).String(), agent: goAgent, region: region}
}

func decrypt(secret string) call {
	return call{source: "kms", name: "Decrypt", params: map[string]any{"encryptionAlgorithm": "SYMMETRIC_DEFAULT",
		"encryptionContext": map[string]any{"SecretARN": arn("secretsmanager", "secret:"+secret)}},
		resources: []awsResource{{awsAccount, "AWS::KMS::Key", arn("kms", "key/0f6d2c9a-7b41-4e85-9a3c-5d8e1b7f2a60")}}}
}

// metricsHour is the monitoring vendor with its key.
func (w *world) metricsHour(hour time.Time, key string) {
	c := w.keyUser("svc-metrics", key, hour.Add(4*time.Minute), host("monitoring", 3))
	c.agent = "observatory-collector/7.4 " + goAgent
	c.wait(0, 20).do(look("monitoring", "GetMetricData", map[string]any{"startTime": awsTime(hour.Add(-2 * time.Hour)), "endTime": awsTime(hour), "maxDatapoints": 10000}))
	c.wait(0, 5).do(describeAlarms)
}

// trackingWorker runs in the cluster and swaps its service account's token for AWS credentials.
func (w *world) trackingWorker(hour time.Time) {
	r := w.role("tracking-worker")
	d := w.dice("tracking", hour)
	at := hour.Add(9*time.Minute + d.seconds(0, 30))
	provider := "oidc.eks." + mainRegion + ".amazonaws.com/id/5C3E9A1B7D2F4608"
	c := w.webIdentity(d, at, r, provider, "system:serviceaccount:tracking:tracking-worker", fmt.Sprintf("botocore-session-%d", at.Unix()))
	c.addr, c.agent = host("cloud-"+mainRegion, 14).String(), botoAgent
	c.assume(r, provider)
	c.wait(1, 3).do(look("ssm", "GetParametersByPath", map[string]any{"path": "/kestrel/tracking", "recursive": true, "withDecryption": true}))
	c.wait(1, 3).do(look("sqs", "GetQueueAttributes", map[string]any{"queueUrl": "https://sqs." + mainRegion + ".amazonaws.com/" + awsAccount + "/tracking"}))
}

// webIdentity is the caller behind an OIDC token: first the token's subject, then the role it becomes.
func (w *world) webIdentity(d *dice, at time.Time, r role, provider, subject, session string) *caller {
	id := r.session(d, session, at)
	id.SessionContext.WebIDFederationData = map[string]any{"federatedProvider": arn("iam", "oidc-provider/"+provider), "attributes": map[string]any{}}
	id.UserName = subject // kept for assume
	return &caller{w: w, d: d, identity: id, at: at, region: mainRegion}
}

func (c *caller) assume(r role, provider string) {
	session, subject := c.identity, c.identity.UserName
	session.UserName = ""
	issuer := arn("iam", "oidc-provider/"+provider)
	c.identity = awsIdentity{Type: "WebIdentityUser", PrincipalID: issuer + ":sts.amazonaws.com:" + subject, UserName: subject, IdentityProvider: issuer}
	response := r.granted(c.d, session, c.at.Add(time.Hour))
	response["subjectFromWebIdentityToken"], response["audience"], response["provider"] = subject, "sts.amazonaws.com", issuer
	name := session.PrincipalID[len(r.id)+1:]
	c.do(call{source: "sts", name: "AssumeRoleWithWebIdentity", params: map[string]any{"roleArn": r.arn(), "roleSessionName": name, "durationSeconds": 3600},
		response: response, resources: r.resources()})
	c.identity = session
}

// trailCheck is CloudTrail looking after its own bucket.
func (w *world) trailCheck(at time.Time) {
	bucket := "kestrel-cloudtrail-" + awsAccount
	w.service("cloudtrail", at).do(call{source: "s3", name: "GetBucketAcl", params: map[string]any{"bucketName": bucket, "Host": bucket + ".s3." + mainRegion + ".amazonaws.com", "acl": ""},
		extra:     map[string]any{"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "bytesTransferredIn": 0, "AuthenticationMethod": "AuthHeader", "bytesTransferredOut": 552},
		resources: []awsResource{{awsAccount, "AWS::S3::Bucket", arn("s3", bucket)}}})
}

// nightlyBackup is the backup job with its long-lived key: the one the abuse makes a second key for.
func (w *world) nightlyBackup(at time.Time) {
	c := w.keyUser("svc-backup", w.key("svc-backup", 1), at, host("azure-westeurope", 11))
	c.wait(0, 60).do(look("sts", "GetCallerIdentity", nil))
	c.wait(1, 4).do(describeDB)
	for _, cluster := range []string{"booking", "tracking", "billing"} {
		snapshot := cluster + "-" + at.Format("2006-01-02")
		c.wait(20, 90).do(call{source: "rds", name: "CreateDBClusterSnapshot",
			params:   map[string]any{"dBClusterIdentifier": cluster, "dBClusterSnapshotIdentifier": snapshot},
			response: map[string]any{"dBClusterIdentifier": cluster, "dBClusterSnapshotIdentifier": snapshot, "status": "creating", "engine": "aurora-postgresql", "storageEncrypted": true}})
	}
	c.wait(5, 30).do(call{source: "s3", name: "PutObject", data: true, params: map[string]any{"bucketName": "kestrel-backups", "key": "manifests/" + at.Format("2006-01-02") + ".json", "Host": "kestrel-backups.s3." + mainRegion + ".amazonaws.com"},
		response:  map[string]any{"x-amz-server-side-encryption": "aws:kms"},
		resources: []awsResource{{awsAccount, "AWS::S3::Bucket", arn("s3", "kestrel-backups")}}})
}
