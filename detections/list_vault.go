package detections

// vaultDetections are the detections with memory over HashiCorp Vault alone. No public rule set reads this log.
var vaultDetections = []*Detection{
	vaultDeniedBurst, vaultNewLogin, vaultTokenElsewhere, vaultTokenAfterEnd, vaultUnwrapElsewhere,
	vaultSweep, vaultNewPath, vaultSecretIDByStranger, vaultKindMixed,
}
