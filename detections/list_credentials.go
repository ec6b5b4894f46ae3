package detections

// credentials are the detections over secrets, keys and the machines that use them.
var credentials = []*Detection{
	oktaSecretsShown, entraDeviceSecrets,
	entraPrincipalElsewhere, entraBorrowedClient, entraClusterKeys, entraIssuerUsed,
}
