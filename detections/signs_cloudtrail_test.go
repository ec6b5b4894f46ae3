package detections

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// cloudtrailReading keeps the act of one record.
type cloudtrailReading struct {
	reader *Reader
	act    Act
}

func (r *cloudtrailReading) TakeEvent(ev *ecs.Event) {
	if a, ok := r.reader.Read(ev); ok {
		r.act = *a
	}
}
func (r *cloudtrailReading) TakeDead(d *parsers.Dead) {}

// readCall reads one call: "service:Event", its request and other members of the record, as JSON.
func readCall(t *testing.T, op, request, more string) Act {
	t.Helper()
	service, name, _ := strings.Cut(op, ":")
	record := awsCall("2026-09-15T09:00:00Z", service, name, nil)
	merge(t, record, `{"requestParameters":`+request+`}`)
	if more != "" {
		merge(t, record, more)
	}
	text, _ := json.Marshal(record)
	p, err := parsers.New(parsers.Options{Source: "cloudtrail"})
	if err != nil {
		t.Fatal(err)
	}
	r := &cloudtrailReading{reader: NewReader(Signs())}
	p.Parse(text, r)
	clear(text) // what still looks into the record shows
	show(&r.act)
	return r.act
}

func merge(t *testing.T, record trailRecord, text string) {
	t.Helper()
	var more trailRecord
	if err := json.Unmarshal([]byte(text), &more); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	maps.Copy(record, more)
}

const (
	foreign   = "arn:aws:iam::111122223333:root"
	ours      = "arn:aws:iam::210987654321:root"
	asRoot    = `{"userIdentity":{"type":"Root","principalId":"210987654321","arn":"arn:aws:iam::210987654321:root","accountId":"210987654321"}}`
	asSession = `{"userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEMIRA000001","arn":"arn:aws:iam::210987654321:user/mira","accountId":"210987654321","accessKeyId":"ASIAEXAMPLE000000MIRA","userName":"mira"}}`
	byService = `{"userIdentity":{"type":"Root","principalId":"210987654321","arn":"arn:aws:iam::210987654321:root","accountId":"210987654321","invokedBy":"support.amazonaws.com"}}`
)

func trust(principal, condition string) string {
	text, _ := json.Marshal(`{"Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"` + condition + `}]}`)
	return string(text)
}

// TestCloudTrailSigns: a sign stands in the record that shows it, and not in the one beside it. "!" before the id says that it must not.
func TestCloudTrailSigns(t *testing.T) {
	for _, c := range [][4]string{
		{"aws_root_used", "ec2:DescribeInstances", `{}`, asRoot},
		{"!aws_root_used", "ec2:DescribeInstances", `{}`, byService},
		{"aws_root_credential_changed", "iam:CreateAccessKey", `{}`, asRoot},
		{"!aws_root_credential_changed", "iam:CreateAccessKey", `{}`, ""},
		{"aws_console_login_without_mfa", "signin:ConsoleLogin", `null`, `{"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"}}`},
		{"!aws_console_login_without_mfa", "signin:ConsoleLogin", `null`, `{"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"Yes"}}`},
		{"aws_mfa_deactivated", "iam:DeactivateMFADevice", `{"userName":"mira","serialNumber":"arn:aws:iam::210987654321:mfa/mira"}`, ""},
		{"aws_mfa_registered_with_session", "iam:EnableMFADevice", `{"userName":"mira","serialNumber":"arn:aws:iam::210987654321:mfa/mira"}`, asSession},
		{"!aws_mfa_registered_with_session", "iam:EnableMFADevice", `{"userName":"mira","serialNumber":"arn:aws:iam::210987654321:mfa/mira"}`, ""},
		{awsDeviceCode, "sso:CreateToken", `{"grantType":"urn:ietf:params:oauth:grant-type:device_code"}`, ""},
		{"!" + awsDeviceCode, "sso:CreateToken", `{"grantType":"refresh_token"}`, ""},
		{"aws_key_leaked", "iam:AttachUserPolicy", `{"userName":"backup","policyArn":"arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"}`, ""},
		{"aws_leaked_key_tested", "sts:GetCallerIdentity", `null`, `{"userAgent":"TruffleHog"}`},
		{"!aws_leaked_key_tested", "sts:GetCallerIdentity", `null`, ""},
		{"aws_federation_token", "sts:GetFederationToken", `{"name":"x"}`, ""},
		{"aws_session_token_without_mfa", "sts:GetSessionToken", `{"durationSeconds":3600}`, ""},
		{"!aws_session_token_without_mfa", "sts:GetSessionToken", `{"serialNumber":"arn:aws:iam::210987654321:mfa/mira"}`, ""},
		{"aws_identity_provider_changed", "rolesanywhere:CreateProfile", `{"name":"x"}`, ""},
		{"!aws_identity_provider_changed", "profile:CreateProfile", `{"name":"x"}`, ""},
		{"aws_identity_provider_changed", "iam:CreateOpenIDConnectProvider", `{"url":"https://id.example"}`, ""},

		{awsAdminGiven, "iam:AttachRolePolicy", `{"roleName":"x","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`, ""},
		{"!" + awsAdminGiven, "iam:AttachRolePolicy", `{"roleName":"x","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`, ""},
		{"!" + awsAdminGiven, "iam:AttachRolePolicy", `{"roleName":"x","policyArn":"arn:aws:iam::210987654321:policy/AdministratorAccess"}`, ""},
		{awsAdminGiven, "iam:AddUserToGroup", `{"userName":"mira","groupName":"Administrators"}`, ""},
		{awsAllAllowed, "iam:PutUserPolicy", `{"userName":"mira","policyDocument":"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"}`, ""},
		{"!" + awsAllAllowed, "iam:PutUserPolicy", `{"userName":"mira","policyDocument":"{\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}}"}`, ""},
		{"!" + awsAllAllowed, "iam:PutUserPolicy", `{"userName":"mira","policyDocument":"not a policy"}`, ""},
		{"!" + awsAllAllowed, "iam:CreatePolicyVersion", `{"policyArn":"arn:aws:iam::210987654321:policy/x","policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"iam:*\"],\"Resource\":\"*\"}]}"}`, ""},
		{awsAllAllowed, "iam:CreatePolicyVersion", `{"setAsDefault":true,"policyArn":"arn:aws:iam::210987654321:policy/x","policyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"iam:*\"],\"Resource\":\"*\"}]}"}`, ""},
		{"aws_policy_version_switched", "iam:SetDefaultPolicyVersion", `{"policyArn":"arn:aws:iam::210987654321:policy/x","versionId":"v1"}`, ""},
		{"aws_boundary_removed", "iam:DeleteRolePermissionsBoundary", `{"roleName":"x"}`, ""},
		{awsTrustOpen, "iam:UpdateAssumeRolePolicy", `{"roleName":"x","policyDocument":` + trust(`{"AWS":"`+foreign+`"}`, "") + `}`, ""},
		{"!" + awsTrustOpen, "iam:UpdateAssumeRolePolicy", `{"roleName":"x","policyDocument":` + trust(`{"AWS":"`+ours+`"}`, "") + `}`, ""},
		{"!" + awsTrustOpen, "iam:UpdateAssumeRolePolicy", `{"roleName":"x","policyDocument":` + trust(`{"Service":"ec2.amazonaws.com"}`, "") + `}`, ""},
		{awsTrustOpen, "iam:CreateRole", `{"roleName":"x","assumeRolePolicyDocument":` + trust(`"*"`, "") + `}`, ""},
		{"aws_vendor_role_made", "iam:CreateRole", `{"roleName":"x","assumeRolePolicyDocument":` + trust(`{"AWS":["111122223333"]}`, `,"Condition":{"StringEquals":{"sts:ExternalId":"7"}}`) + `}`, ""},
		{"!" + awsTrustOpen, "iam:CreateRole", `{"roleName":"x","assumeRolePolicyDocument":` + trust(`{"AWS":["111122223333"]}`, `,"Condition":{"StringEquals":{"sts:ExternalId":"7"}}`) + `}`, ""},
		{"aws_cluster_admin_given", "eks:AssociateAccessPolicy", `{"name":"c","policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"}`, ""},

		{"aws_trail_stopped", "cloudtrail:StopLogging", `{"name":"main"}`, `{"errorCode":"AccessDenied"}`},
		{"aws_trail_weakened", "cloudtrail:PutEventSelectors", `{"trailName":"main","eventSelectors":[{"readWriteType":"All","includeManagementEvents":false}]}`, ""},
		{"!aws_trail_weakened", "cloudtrail:PutEventSelectors", `{"trailName":"main","eventSelectors":[{"readWriteType":"All","includeManagementEvents":true,"excludeManagementEventSources":[]}]}`, ""},
		{"aws_trail_weakened", "s3:PutBucketLifecycle", `{"bucketName":"acme-cloudtrail","LifecycleConfiguration":{"Rule":{"Status":"Enabled","Expiration":{"Days":1}}}}`, ""},
		{"!aws_trail_weakened", "s3:PutBucketLifecycle", `{"bucketName":"acme-cloudtrail","LifecycleConfiguration":{"Rule":{"Status":"Enabled","Expiration":{"Days":400}}}}`, ""},
		{"aws_account_leaves_organization", "organizations:LeaveOrganization", `null`, `{"errorCode":"AccessDenied"}`},
		{"aws_detector_off", "guardduty:UpdateDetector", `{"detectorId":"d","enable":false}`, ""},
		{"!aws_detector_off", "guardduty:UpdateDetector", `{"detectorId":"d","enable":true}`, ""},
		{"aws_network_log_removed", "ec2:DeleteFlowLogs", `{"DeleteFlowLogsRequest":{"FlowLogId":{"content":"fl-1"}}}`, ""},
		{"aws_log_group_deleted", "logs:DeleteLogGroup", `{"logGroupName":"/shop/web"}`, ""},

		{"aws_snapshot_shared", "ec2:ModifySnapshotAttribute", `{"snapshotId":"snap-1","createVolumePermission":{"add":{"items":[{"userId":"111122223333"}]}}}`, ""},
		{"!aws_snapshot_shared", "ec2:ModifySnapshotAttribute", `{"snapshotId":"snap-1","createVolumePermission":{"remove":{"items":[{"userId":"111122223333"}]}}}`, ""},
		{"aws_snapshot_shared", "ec2:ModifyImageAttribute", `{"imageId":"ami-1","launchPermission":{"add":{"items":[{"group":"all"}]}}}`, ""},
		{"aws_snapshot_shared", "rds:ModifyDBSnapshotAttribute", `{"dBSnapshotIdentifier":"s","attributeName":"restore","valuesToAdd":["111122223333"]}`, ""},
		{"aws_snapshot_exported", "rds:StartExportTask", `{"sourceArn":"arn:aws:rds:eu-central-1:210987654321:snapshot:s","s3BucketName":"b"}`, ""},
		{"aws_backup_deleted", "backup:DeleteRecoveryPoint", `{"backupVaultName":"main","recoveryPointArn":"arn:aws:ec2:eu-central-1::snapshot/snap-1"}`, ""},
		{"!aws_backup_deleted", "backup:DescribeRecoveryPoint", `{"backupVaultName":"main"}`, ""},
		{"aws_bucket_opened", "s3:PutBucketPolicy", `{"bucketName":"b","bucketPolicy":{"Statement":[{"Effect":"Allow","Principal":{"AWS":"` + foreign + `"},"Action":["s3:GetObject"]}]}}`, ""},
		{"!aws_bucket_opened", "s3:PutBucketPolicy", `{"bucketName":"b","bucketPolicy":{"Statement":[{"Effect":"Allow","Principal":{"AWS":"` + foreign + `"},"Action":["s3:PutObject"]}]}}`, ""},
		{"!aws_bucket_opened", "s3:PutBucketPolicy", `{"bucketName":"b","bucketPolicy":{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}}`, ""},
		{"aws_bucket_opened", "s3:PutBucketAcl", `{"bucketName":"b","x-amz-acl":["public-read"]}`, ""},
		{"aws_public_block_removed", "s3:PutBucketPublicAccessBlock", `{"bucketName":"b","PublicAccessBlockConfiguration":{"BlockPublicAcls":false,"IgnorePublicAcls":true}}`, ""},
		{"aws_kms_key_opened", "kms:PutKeyPolicy", `{"keyId":"k","policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"kms:*\"}]}"}`, ""},
		{awsKeyFile, "s3:GetObject", `{"bucketName":"b","key":"prod/terraform.tfstate"}`, ""},
		{"!" + awsKeyFile, "s3:GetObject", `{"bucketName":"b","key":"prod/report.csv"}`, ""},
		{awsForeignKey, "s3:CopyObject", `{"bucketName":"b","key":"x","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:eu-central-1:111122223333:key/1"}`, ""},
		{"!" + awsForeignKey, "s3:CopyObject", `{"bucketName":"b","key":"x","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:eu-central-1:210987654321:key/1"}`, ""},
		{"aws_ransom_note", "s3:PutObject", `{"bucketName":"b","key":"HOW_TO_DECRYPT_FILES.txt"}`, ""},
		{awsVersioningOff, "s3:PutBucketVersioning", `{"bucketName":"b","VersioningConfiguration":{"Status":"Suspended"}}`, ""},
		{"aws_kms_key_taken_away", "kms:ScheduleKeyDeletion", `{"keyId":"k"}`, ""},

		{"aws_function_opened", "lambda:AddPermission20150331v2", `{"functionName":"f","principal":"*"}`, ""},
		{"!aws_function_opened", "lambda:AddPermission20150331v2", `{"functionName":"f","principal":"s3.amazonaws.com"}`, ""},
		{"aws_function_layer_changed", "lambda:UpdateFunctionConfiguration20150331v2", `{"functionName":"f","layers":["arn:aws:lambda:eu-central-1:210987654321:layer:x:1"]}`, ""},
		{"!aws_function_layer_changed", "lambda:UpdateFunctionConfiguration20150331v2", `{"functionName":"f","memorySize":256}`, ""},
		{"aws_function_code_changed", "lambda:UpdateFunctionCode20150331v2", `{"functionName":"f"}`, ""},
		{"aws_serial_console_on", "ec2:EnableSerialConsoleAccess", `{}`, ""},
		{awsUserDataRead, "ec2:DescribeInstanceAttribute", `{"instanceId":"i-1","attribute":"userData"}`, ""},
		{"!" + awsUserDataRead, "ec2:DescribeInstanceAttribute", `{"instanceId":"i-1","attribute":"instanceType"}`, ""},
		{awsUserDataSet, "ec2:ModifyInstanceAttribute", `{"instanceId":"i-1","userData":{"value":"<sensitiveDataRemoved>"}}`, ""},
		{"!" + awsUserDataSet, "ec2:ModifyInstanceAttribute", `{"instanceId":"i-1","instanceType":{"value":"m5.large"}}`, ""},
		{awsRemoteCommand, "ssm:SendCommand", `{"documentName":"AWS-RunShellScript","instanceIds":["i-1"]}`, ""},
		{"!" + awsRemoteCommand, "ssm:SendCommand", `{"documentName":"AWS-RunPatchBaseline","instanceIds":["i-1"]}`, ""},
		{awsUnusualMachine, "ec2:RunInstances", `{"instanceType":"p4d.24xlarge","instancesSet":{"items":[{"maxCount":1}]}}`, `{"errorCode":"Client.UnauthorizedOperation"}`},
		{"!" + awsUnusualMachine, "ec2:RunInstances", `{"instanceType":"m5.large","instancesSet":{"items":[{"maxCount":2}]}}`, ""},

		{awsModelBought, "bedrock:PutFoundationModelEntitlement", `{"modelId":"m"}`, ""},
		{"aws_guardrail_weakened", "bedrock:DeleteGuardrail", `{"guardrailIdentifier":"g"}`, ""},
		{"aws_agent_changed", "bedrock-agentcore:CreateGatewayTarget", `{"name":"x"}`, ""},
		{"aws_model_key_made", "iam:CreateServiceSpecificCredential", `{"userName":"BedrockAPIKey-1","serviceName":"bedrock.amazonaws.com"}`, ""},
		{"aws_model_key_misused", "iam:ListUsers", `null`, `{"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::210987654321:user/BedrockAPIKey-1","accountId":"210987654321","accessKeyId":"AKIAEXAMPLE0BEDROCK1","userName":"BedrockAPIKey-1"}}`},
		{"!aws_model_key_misused", "bedrock:InvokeModel", `null`, `{"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::210987654321:user/BedrockAPIKey-1","accountId":"210987654321","accessKeyId":"AKIAEXAMPLE0BEDROCK1","userName":"BedrockAPIKey-1"}}`},
	} {
		id, not := strings.CutPrefix(c[0], "!")
		a := readCall(t, c[1], c[2], c[3])
		if a.Has(id) == not {
			t.Errorf("%s %s: got %s %t, want %t", c[1], c[2], id, !not, not)
		}
	}
}
