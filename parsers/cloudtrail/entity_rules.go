package cloudtrail

// source says which members of a record name entities, for one AWS service.
type source struct {
	related  string   // paths to what is related to any event of the service
	nested   []pick   // more of them, in lists
	targets  []target // what is acted on
	versions []target // the same for actions that are parts of event names, which carry an API version
}

// target says where the events of some actions name what they act on.
type target struct{ actions, paths string }

const account, resourceARN = "recipientAccountId", "resources[].ARN"

// sources are Elastic's choice of services and members. Where it does not look, neither do we: documents are to be equal.
var sources = map[string]source{
	"cloudformation": {targets: []target{
		{"CreateStackSet", "response.stackSetId"},
		{"CreateStack", "response.stackId"},
	}},
	"cloudtrail": {
		related: "request.name request.s3BucketName response.cloudWatchLogsLogGroupArn response.cloudWatchLogsRoleArn " +
			"response.kmsKeyId response.snsTopicARN response.trailARN response.name",
		targets: []target{
			{"DeleteTrail StopLogging", "request.name"},
			{"DescribeTrails", account},
		},
	},
	"config": {
		related: "request.configurationRecorderName",
		targets: []target{{"StopConfigurationRecorder StartConfigurationRecorder", "request.configurationRecorderName"}},
	},
	"ec2-instance-connect": {targets: []target{{"SendSSHPublicKey SendSerialConsoleSSHPublicKey", "request.instanceId"}}},
	"ec2":                  ec2,
	"elasticfilesystem": {targets: []target{
		{"DeleteFileSystem", "request.fileSystemId"},
		{"DeleteMountTarget", "request.mountTargetId"},
	}},
	"events": {targets: []target{{"DeleteRule", "request.name"}}},
	"guardduty": {
		related: "request.detectorId response.detectorId",
		targets: []target{
			{"CreateDetector", "response.detectorId"},
			{"DeleteDetector", "request.detectorId"},
		},
	},
	"iam": {
		related: "request.userName request.serialNumber request.accessKeyId request.policyArn request.roleName request.policyName " +
			"response.accessKey.userName response.accessKey.accessKeyId response.user.arn response.user.userId " +
			"response.user.userName response.userId response.role.arn response.serialNumber",
		targets: []target{
			{"AttachGroupPolicy", "request.groupName"},
			{"AttachRolePolicy ListAttachedRolePolicies UpdateAssumeRolePolicy", "request.roleName"},
			{"AttachUserPolicy", "request.policyArn request.userName"},
			{"CreateAccessKey", "response.accessKey.accessKeyId request.userName"},
			{"CreateUser DeactivateMFADevice", "request.userName"},
			{"DeleteVirtualMFADevice", "request.serialNumber"},
			{"GetPolicy", "request.policyArn"},
			{"CreatePolicy", "response.policy.arn"},
			{"ListRoles ListUsers", account},
		},
	},
	"kms": {
		related: "request.keyId response.keyId response.keyMetadata.arn response.keyMetadata.keyId",
		targets: []target{{"DisableKey ScheduleKeyDeletion", resourceARN}},
	},
	"lambda": {
		related:  "request.functionName response.functionArn response.functionName response.role",
		nested:   []pick{until("response.vpcConfig.securityGroupIds[]"), until("response.vpcConfig.subnetIds[]")},
		versions: []target{{"AddPermission", "request.functionName"}, {"ListFunctions", account}},
	},
	"logs": {targets: []target{
		{"DeleteLogGroup", "request.logGroupName"},
		{"DeleteLogStream", "request.logStreamName"},
	}},
	"monitoring": {targets: []target{{"DeleteAlarms", "request.alarmNames[]"}}},
	"rds": {
		related: "request.dBInstanceIdentifier request.dBInstanceArn response.dBInstanceIdentifier response.dbInstanceArn " +
			"response.dBSubnetGroup.vpcId response.dBSubnetGroup.subnets[].subnetIdentifier " +
			"response.vpcSecurityGroups[].vpcSecurityGroupId",
		targets: []target{
			{"DeleteDBCluster ModifyDBCluster StopDBCluster", "response.dBClusterArn"},
			{"DeleteDBInstance ModifyDBInstance RestoreDBInstanceFromDBSnapshot RestoreDBInstanceFromS3 StopDBInstance", "response.dBInstanceArn"},
			{"DeleteGlobalCluster", "response.globalClusterArn"},
			{"ModifyDBClusterSnapshotAttribute", "response.dBClusterSnapshotIdentifier"},
			{"ModifyDBSnapshotAttribute", "response.dBSnapshotIdentifier"},
			{"DescribeDBInstances", account},
		},
	},
	"rolesanywhere":   {targets: []target{{"CreateTrustAnchor", "response.trustAnchor.trustAnchorArn"}}},
	"route53resolver": {targets: []target{{"DeleteResolverQueryLogConfig", "response.resolverQueryLogConfig.arn"}}},
	"s3": {
		related: "request.bucketName",
		targets: []target{
			{"CopyObject PutBucketLogging PutBucketVersioning PutObject GetBucketPolicy ListObjects HeadObject GetObject DeleteObject DeleteBucket", resourceARN},
			{"PutBucketReplication", resourceARN + " request.ReplicationConfiguration.Rule.Destination.Bucket"},
			{"ListBuckets", account},
		},
	},
	"secretsmanager": {targets: []target{
		{"BatchGetSecretValue", "request.secretIdList[]"},
		{"GetSecretValue", "request.secretId"},
	}},
	"signin": {targets: []target{{"ConsoleLogin", account}}},
	"ssm": {targets: []target{
		{"GetParameter GetParameters CreateControlChannel OpenControlChannel", resourceARN},
		{"StartSession", "request.target"},
		{"CreateDocument", "request.name"},
		{"TerminateSession OpenDataChannel", "request.sessionId"},
		{"ListInstanceAssociations", account},
	}},
	"sts": {
		related: "request.roleArn sourceIdentity additional.MFAIdentifier response.assumedRoleUser.arn request.roleSessionName response.accessKeyId",
		targets: []target{
			{"AssumeRole", "request.roleArn"},
			{"GetCallerIdentity", account},
		},
	},
	"wafv2": {
		related: "request.id response.summary",
		targets: []target{{"DeleteRuleGroup DeleteWebACL", "request.id"}},
	},
	"sns": {targets: []target{
		{"CreateTopic", "response.topicArn"},
		{"Subscribe Publish", "request.topicArn"},
	}},
	"bedrock":              {targets: []target{{"Converse", "request.modelId"}}},
	"elasticloadbalancing": {targets: []target{{"DescribeLoadBalancers", account}}},
	"dynamodb":             {targets: []target{{"ListTables", account}}},
}

// mirror is what the responses of traffic mirroring have in common.
const mirror = "response.CreateTrafficMirror"

var ec2 = source{
	related: "request.groupId request.groupName request.roleName request.subnetId request.volumeId request.networkInterfaceId " +
		"request.vpcId request.snapshotId response.groupId response.reservationId response.vpc.vpcId " +
		"response.vpc.dhcpOptionsId response.snapshotId response.volumeId",
	nested: []pick{
		chain("response.securityGroupRuleSet.items[]", "groupId referencedGroupInfo.groupId securityGroupRuleId"),
		at("response.groupSet.items[].groupId"),
		at("request.groupSet.items[].groupId"),
		at("request.instancesSet.items[].instanceId"),
		chain("response.instancesSet.items[]", "subnetId vpcId instanceId imageId iamInstanceProfile.arn",
			chain("networkInterfaceSet.items[]", "networkInterfaceId vpcId subnetId",
				at("groupSet.items[].groupId"))),
		chain("request.revokedSecurityGroupRuleSet.items[]", "securityGroupRuleId groupId"),
	},
	targets: []target{
		{"AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress", "request.groupId response.securityGroupRuleSet.items[].securityGroupRuleId"},
		{"CreateTrafficMirrorFilter", mirror + "FilterResponse.trafficMirrorFilter.trafficMirrorFilterId"},
		{"CreateTrafficMirrorFilterRule", mirror + "FilterRuleResponse.trafficMirrorFilterRule.trafficMirrorFilterRuleId"},
		{"CreateTrafficMirrorSession", mirror + "SessionResponse.trafficMirrorSession.trafficMirrorSessionId"},
		{"CreateTrafficMirrorTarget", mirror + "TargetResponse.trafficMirrorTarget.trafficMirrorTargetId"},
		{"DeleteFlowLogs", "request.DeleteFlowLogsRequest.FlowLogId.content"},
		{"DeleteNetworkAcl", "request.networkAclId"},
		{"DeleteNetworkAclEntry", "request.networkAclId request.ruleNumber#"},
		{"GetPasswordData", "request.instanceId"},
		{"ModifyImageAttribute", "request.imageId"},
		{"ModifySnapshotAttribute", "request.snapshotId"},
		{"DescribeSecurityGroups DescribeNetworkInterfaces DescribeRegions DescribeVpcs DescribeNetworkAcls DescribeVolumes", account},
	},
}
