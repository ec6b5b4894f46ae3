package detections

// cloudtrailDetections are the detections with memory over CloudTrail alone.
var cloudtrailDetections = []*Detection{
	awsFailedLogins, awsLoginTwoPlaces, awsKeyTwoNetworks, awsConsoleFromKey, awsDeviceCodeElsewhere, awsRoleNew,
	awsNewAdmin, awsRolePassed, awsCredentialForOther, awsFreshKeyUsed, awsSecretSweep, awsFirstSecret, awsPasswordSweep,
	awsDiscovery, awsMassDelete, awsTableTaken, awsBucketProbed, awsRemoteShell, awsUserDataSwap,
	awsInstanceCredentials, awsCIElsewhere, awsClusterAccount, awsKeyNewNetwork, awsNewPlace, awsNewCall, awsUnusualMachines,
	awsMachineAtConsole, awsManualChange, awsModelAccess,
}
