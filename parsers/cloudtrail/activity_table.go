package cloudtrail

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// actions are event names of one AWS service that are one kind of act.
type actions struct {
	activity ecs.Activity
	names    string
}

// activities gives event names a kind, by service. Names are AWS's:
// https://docs.aws.amazon.com/service-authorization/latest/reference/
var activities = func() map[string]map[string]ecs.Activity {
	byService := map[string]map[string]ecs.Activity{}
	for service, rows := range services {
		byName := map[string]ecs.Activity{}
		for _, row := range rows {
			for _, name := range strings.Fields(row.names) {
				byName[name] = row.activity
			}
		}
		byService[service] = byName
	}
	return byService
}()

var lambdaActions = []struct {
	prefix   string
	activity ecs.Activity
}{
	{"Invoke", ecs.CodeRun},
	{"CreateFunctionUrl", ecs.DataShare},
	{"CreateFunction", ecs.Deployment},
	{"UpdateFunctionCode", ecs.Deployment},
	{"UpdateFunctionConfiguration", ecs.Deployment},
	{"PublishVersion", ecs.Deployment},
	{"PublishLayerVersion", ecs.Deployment},
	{"AddPermission", ecs.PrivilegeGrant},
	{"AddLayerVersionPermission", ecs.DataShare},
	{"RemovePermission", ecs.PrivilegeRevoke},
}

var services = map[string][]actions{
	"signin": {
		{ecs.SignIn, "ConsoleLogin"},
		{ecs.MFAPrompt, "CheckMfa CredentialChallenge"},
		{ecs.RoleAssume, "SwitchRole RenewRole"},
		{ecs.SignOut, "Logout"},
		{ecs.TokenIssue, "GetSigninToken CreateOAuth2Token"},
		{ecs.CredentialChange, "PasswordRecoveryRequested PasswordRecoveryCompleted PasswordUpdated"},
		{ecs.IdentityChange, "EmailUpdated"},
	},
	"sts": {
		{ecs.RoleAssume, "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity"},
		{ecs.Elevation, "AssumeRoot"},
		{ecs.TokenIssue, "GetSessionToken GetFederationToken GetWebIdentityToken GetDelegatedAccessToken"},
		{ecs.Discovery, "GetCallerIdentity GetAccessKeyInfo DecodeAuthorizationMessage"},
	},
	"rolesanywhere": {
		{ecs.RoleAssume, "CreateSession"},
		{ecs.TrustChange, "CreateTrustAnchor UpdateTrustAnchor EnableTrustAnchor DeleteTrustAnchor CreateProfile UpdateProfile " +
			"EnableProfile ImportCrl DisableCrl DeleteCrl"},
	},
	"eks-auth":  {{ecs.RoleAssume, "AssumeRoleForPodIdentity"}},
	"sso-oauth": {{ecs.TokenIssue, "CreateToken CreateTokenWithIAM"}, {ecs.AppChange, "RegisterClient"}},
	"sso": {
		{ecs.SSO, "Authenticate Federate"},
		{ecs.RoleAssume, "GetRoleCredentials"},
		{ecs.SignOut, "Logout"},
		{ecs.TokenIssue, "CreateToken"},
		{ecs.PrivilegeGrant, "CreateAccountAssignment ProvisionPermissionSet AttachManagedPolicyToPermissionSet " +
			"AttachCustomerManagedPolicyReferenceToPermissionSet PutInlinePolicyToPermissionSet DeletePermissionsBoundaryFromPermissionSet"},
		{ecs.PrivilegeRevoke, "DeleteAccountAssignment DetachManagedPolicyFromPermissionSet " +
			"DetachCustomerManagedPolicyReferenceFromPermissionSet DeleteInlinePolicyFromPermissionSet"},
		{ecs.PolicyChange, "CreatePermissionSet UpdatePermissionSet DeletePermissionSet PutPermissionsBoundaryToPermissionSet PutMfaDeviceManagementForDirectory"},
		{ecs.TrustChange, "CreateTrustedTokenIssuer UpdateTrustedTokenIssuer DeleteTrustedTokenIssuer AssociateDirectory DisassociateDirectory"},
	},
	"sso-directory": directory,
	"identitystore": directory,
	"iam":           iam,
	"organizations": {
		{ecs.TrustChange, "LeaveOrganization InviteAccountToOrganization AcceptHandshake RemoveAccountFromOrganization EnableAWSServiceAccess"},
		{ecs.PrivilegeGrant, "RegisterDelegatedAdministrator"},
		{ecs.PrivilegeRevoke, "DeregisterDelegatedAdministrator"},
		{ecs.PolicyChange, "AttachPolicy DetachPolicy CreatePolicy UpdatePolicy DeletePolicy EnablePolicyType DisablePolicyType"},
	},
	"secretsmanager": {
		{ecs.SecretRead, "GetSecretValue BatchGetSecretValue"},
		{ecs.SecretWrite, "CreateSecret PutSecretValue UpdateSecret RestoreSecret"},
		{ecs.SecretDelete, "DeleteSecret"},
		{ecs.SecretList, "ListSecrets"},
		{ecs.CredentialRotate, "RotateSecret RotationStarted RotationSucceeded RotationFailed"},
		{ecs.DataShare, "PutResourcePolicy ReplicateSecretToRegions"},
	},
	"ssm": {
		{ecs.SecretWrite, "PutParameter"},
		{ecs.SecretDelete, "DeleteParameter DeleteParameters"},
		{ecs.CodeRun, "StartSession ResumeSession SendCommand StartAutomationExecution CreateAssociation StartAssociationsOnce"},
		{ecs.DataShare, "ModifyDocumentPermission"},
	},
	"ec2-instance-connect": {{ecs.CodeRun, "SendSSHPublicKey SendSerialConsoleSSHPublicKey OpenTunnel"}},
	"kms": {
		{ecs.DataRead, "Decrypt ReEncrypt"},
		{ecs.PrivilegeGrant, "CreateGrant"},
		{ecs.PrivilegeRevoke, "RetireGrant RevokeGrant"},
		{ecs.PolicyChange, "PutKeyPolicy"},
		{ecs.DataDelete, "ScheduleKeyDeletion DeleteImportedKeyMaterial"},
		{ecs.CredentialRotate, "RotateKeyOnDemand RotateKey"},
	},
	"s3": {
		{ecs.DataRead, "GetObject SelectObjectContent GetObjectTorrent"},
		{ecs.DataWrite, "PutObject CopyObject RestoreObject UploadPart CompleteMultipartUpload CreateMultipartUpload"},
		{ecs.DataDelete, "DeleteObject DeleteObjects DeleteBucket"},
		{ecs.DataShare, "PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutObjectAcl PutBucketPublicAccessBlock DeleteBucketPublicAccessBlock " +
			"PutAccountPublicAccessBlock DeleteAccountPublicAccessBlock PutBucketReplication PutAccessPointPolicy"},
		{ecs.Discovery, "HeadObject ListObjects ListObjectsV2 ListBuckets"},
	},
	"dynamodb": {
		{ecs.DataRead, "GetItem BatchGetItem Query Scan ExecuteStatement BatchExecuteStatement TransactGetItems ExportTableToPointInTime"},
		{ecs.DataWrite, "PutItem UpdateItem BatchWriteItem TransactWriteItems"},
		{ecs.DataDelete, "DeleteItem DeleteTable"},
	},
	"athena":   {{ecs.DataRead, "StartQueryExecution GetQueryResults"}},
	"rds-data": {{ecs.DataRead, "ExecuteStatement BatchExecuteStatement ExecuteSql"}},
	"rds": {
		{ecs.DataShare, "ModifyDBSnapshotAttribute ModifyDBClusterSnapshotAttribute StartExportTask"},
		{ecs.Failover, "FailoverDBCluster FailoverGlobalCluster SwitchoverGlobalCluster SwitchoverReadReplica RebootDBInstance RebootDBCluster"},
		{ecs.DataDelete, "DeleteDBInstance DeleteDBCluster DeleteDBSnapshot DeleteDBClusterSnapshot DeleteGlobalCluster"},
	},
	"redshift":            {{ecs.CredentialRead, "GetClusterCredentials GetClusterCredentialsWithIAM"}},
	"redshift-serverless": {{ecs.CredentialRead, "GetCredentials"}},
	"elasticache":         {{ecs.Failover, "TestFailover FailoverGlobalReplicationGroup"}},
	"ec2": {
		{ecs.CredentialRead, "GetPasswordData"},
		{ecs.CredentialCreate, "CreateKeyPair ImportKeyPair"},
		{ecs.CredentialEnd, "DeleteKeyPair"},
		{ecs.DataShare, "ModifySnapshotAttribute ModifyImageAttribute CreateStoreImageTask"},
		{ecs.DataDelete, "DeleteSnapshot DeleteVolume TerminateInstances"},
		{ecs.CodeRun, "RunInstances StartInstances RequestSpotInstances RequestSpotFleet CreateFleet"},
		{ecs.PrivilegeGrant, "AssociateIamInstanceProfile ReplaceIamInstanceProfileAssociation"},
		{ecs.PrivilegeRevoke, "DisassociateIamInstanceProfile"},
		{ecs.PolicyChange, "EnableSerialConsoleAccess ModifyInstanceMetadataOptions ModifyInstanceMetadataDefaults"},
		{ecs.LogTampering, "DeleteFlowLogs"},
	},
	"ecr":            {{ecs.TokenIssue, "GetAuthorizationToken"}, {ecs.DataShare, "SetRepositoryPolicy"}},
	"ecr-public":     {{ecs.TokenIssue, "GetAuthorizationToken"}},
	"ecs":            {{ecs.Deployment, "UpdateService CreateService RegisterTaskDefinition"}, {ecs.CodeRun, "RunTask StartTask ExecuteCommand"}},
	"eks":            {{ecs.Deployment, "UpdateNodegroupVersion UpdateClusterVersion"}, {ecs.PrivilegeGrant, "CreateAccessEntry UpdateAccessEntry AssociateAccessPolicy CreatePodIdentityAssociation"}, {ecs.PrivilegeRevoke, "DeleteAccessEntry DisassociateAccessPolicy DeletePodIdentityAssociation"}, {ecs.TrustChange, "AssociateIdentityProviderConfig"}},
	"codedeploy":     {{ecs.Deployment, "CreateDeployment"}},
	"codepipeline":   {{ecs.Deployment, "StartPipelineExecution"}},
	"codebuild":      {{ecs.Deployment, "StartBuild StartBuildBatch"}},
	"cloudformation": {{ecs.Deployment, "CreateStack UpdateStack DeleteStack ExecuteChangeSet CreateStackSet UpdateStackSet CreateStackInstances UpdateStackInstances"}},
	"ram":            {{ecs.DataShare, "CreateResourceShare AssociateResourceShare UpdateResourceShare"}},
	"cognito-identity": {
		{ecs.TokenIssue, "GetCredentialsForIdentity GetOpenIdToken GetOpenIdTokenForDeveloperIdentity"},
		{ecs.TrustChange, "SetIdentityPoolRoles UpdateIdentityPool"},
	},
	"cloudtrail": {{ecs.LogTampering, "StopLogging DeleteTrail UpdateTrail PutEventSelectors PutInsightSelectors DeleteEventDataStore " +
		"StopEventDataStoreIngestion UpdateEventDataStore"}},
	"logs":            {{ecs.LogTampering, "DeleteLogGroup DeleteLogStream DeleteSubscriptionFilter DeleteMetricFilter"}},
	"config":          {{ecs.LogTampering, "StopConfigurationRecorder DeleteConfigurationRecorder DeleteDeliveryChannel DeleteConfigRule"}},
	"monitoring":      {{ecs.LogTampering, "DeleteAlarms DisableAlarmActions"}},
	"guardduty":       {{ecs.LogTampering, "DeleteDetector UpdateDetector StopMonitoringMembers DisassociateFromMasterAccount DisassociateFromAdministratorAccount DeletePublishingDestination CreateFilter CreateIPSet UpdateIPSet"}},
	"securityhub":     {{ecs.LogTampering, "DisableSecurityHub BatchDisableStandards DisassociateFromAdministratorAccount"}},
	"access-analyzer": {{ecs.LogTampering, "DeleteAnalyzer"}},
	"route53resolver": {{ecs.LogTampering, "DeleteResolverQueryLogConfig DisassociateResolverQueryLogConfig"}},
	"wafv2":           {{ecs.LogTampering, "DeleteLoggingConfiguration"}, {ecs.PolicyChange, "DeleteWebACL DeleteRuleGroup UpdateWebACL DisassociateWebACL"}},
	"sagemaker":       {{ecs.TokenIssue, "CreatePresignedNotebookInstanceUrl CreatePresignedDomainUrl"}},
	"bedrock": {
		{ecs.CodeRun, "InvokeModel InvokeModelWithResponseStream InvokeModelWithBidirectionalStream Converse ConverseStream InvokeAgent InvokeInlineAgent InvokeFlow"},
		{ecs.IdentityCreate, "CreateAgent"},
		{ecs.LogTampering, "DeleteModelInvocationLoggingConfiguration"},
		{ecs.PolicyChange, "DeleteGuardrail UpdateGuardrail"},
	},
	"bedrock-agentcore": {
		{ecs.IdentityCreate, "CreateWorkloadIdentity CreateAgentRuntime"},
		{ecs.IdentityChange, "UpdateWorkloadIdentity UpdateAgentRuntime"},
		{ecs.IdentityDelete, "DeleteWorkloadIdentity DeleteAgentRuntime"},
		{ecs.TokenIssue, "GetWorkloadAccessToken GetWorkloadAccessTokenForJWT GetWorkloadAccessTokenForUserId GetResourceOauth2Token"},
		{ecs.SecretRead, "GetResourceApiKey"},
		{ecs.CodeRun, "InvokeAgentRuntime InvokeGateway InvokeMcp InvokeCodeInterpreter"},
		{ecs.AppChange, "CreateGateway UpdateGateway CreateGatewayTarget UpdateGatewayTarget"},
		{ecs.CredentialCreate, "CreateOauth2CredentialProvider CreateApiKeyCredentialProvider"},
	},
}

var directory = []actions{
	{ecs.IdentityCreate, "CreateUser"},
	{ecs.IdentityDelete, "DeleteUser"},
	{ecs.IdentityChange, "UpdateUser UpdateUserName CreateGroup UpdateGroup DeleteGroup"},
	{ecs.IdentityDisable, "DisableUser"},
	{ecs.IdentityEnable, "EnableUser"},
	{ecs.PrivilegeGrant, "CreateGroupMembership AddMemberToGroup"},
	{ecs.PrivilegeRevoke, "DeleteGroupMembership RemoveMemberFromGroup"},
	{ecs.MFAEnroll, "StartVirtualMfaDeviceRegistration CompleteVirtualMfaDeviceRegistration StartWebAuthnDeviceRegistration CompleteWebAuthnDeviceRegistration CompleteWebauthnDeviceRegistration"},
	{ecs.MFARemove, "DeleteMfaDeviceForUser"},
	{ecs.CredentialChange, "UpdatePassword"},
	{ecs.TrustChange, "CreateExternalIdPConfigurationForDirectory EnableExternalIdPConfigurationForDirectory UpdateExternalIdPConfigurationForDirectory " +
		"DisableExternalIdPConfigurationForDirectory DeleteExternalIdPConfigurationForDirectory ImportExternalIdPCertificate DeleteExternalIdPCertificate"},
	{ecs.CredentialCreate, "CreateBearerToken"},
	{ecs.CredentialEnd, "DeleteBearerToken"},
	{ecs.SessionRevoke, "DeleteUserSession DeleteSession"},
}

var iam = []actions{
	{ecs.IdentityCreate, "CreateUser CreateRole CreateServiceLinkedRole"},
	{ecs.IdentityDelete, "DeleteUser DeleteRole DeleteServiceLinkedRole"},
	{ecs.IdentityChange, "UpdateUser UpdateRole UpdateRoleDescription CreateGroup UpdateGroup DeleteGroup"},
	{ecs.CredentialCreate, "CreateAccessKey CreateLoginProfile CreateServiceSpecificCredential UploadSigningCertificate UploadSSHPublicKey UploadServerCertificate"},
	{ecs.CredentialRotate, "ResetServiceSpecificCredential"},
	{ecs.CredentialChange, "UpdateLoginProfile ChangePassword"},
	{ecs.CredentialEnd, "DeleteAccessKey DeleteLoginProfile DeleteServiceSpecificCredential DeleteSigningCertificate DeleteSSHPublicKey DeleteServerCertificate"},
	{ecs.MFAEnroll, "CreateVirtualMFADevice EnableMFADevice ResyncMFADevice"},
	{ecs.MFARemove, "DeactivateMFADevice DeleteVirtualMFADevice"},
	// Taking a boundary away gives what it held back.
	{ecs.PrivilegeGrant, "AttachUserPolicy AttachRolePolicy AttachGroupPolicy PutUserPolicy PutRolePolicy PutGroupPolicy CreatePolicyVersion " +
		"SetDefaultPolicyVersion AddUserToGroup AddRoleToInstanceProfile DeleteUserPermissionsBoundary DeleteRolePermissionsBoundary"},
	{ecs.PrivilegeRevoke, "DetachUserPolicy DetachRolePolicy DetachGroupPolicy DeleteUserPolicy DeleteRolePolicy DeleteGroupPolicy " +
		"RemoveUserFromGroup RemoveRoleFromInstanceProfile"},
	{ecs.PolicyChange, "CreatePolicy DeletePolicy DeletePolicyVersion PutUserPermissionsBoundary PutRolePermissionsBoundary UpdateAccountPasswordPolicy " +
		"DeleteAccountPasswordPolicy SetSecurityTokenServicePreferences EnableOrganizationsRootCredentialsManagement EnableOrganizationsRootSessions " +
		"DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions"},
	{ecs.TrustChange, "UpdateAssumeRolePolicy CreateSAMLProvider UpdateSAMLProvider DeleteSAMLProvider CreateOpenIDConnectProvider " +
		"DeleteOpenIDConnectProvider AddClientIDToOpenIDConnectProvider RemoveClientIDFromOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint"},
}
