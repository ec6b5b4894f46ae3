package detections

// journeys are the detections over several acts of one identity, whatever the source.
var journeys = []*Detection{
	killChain, gainThenData, travelAcrossSources, travelThenRefresh, dormantOddHours, riskySignInThenCloud,
	afterOffboarding, throwAway, wideningScope, oddLifetime, elevationBroken, unusedRight,
	newToMachine, newToThirdParty, sharedMachine, agentTempo,
	credentialHandedOn, credentialAfterEnd, secondCredential,
	consoleWithoutSSO, secretsInTwoClouds, manySources, riskAddsUp,
	theftThenSignIn, proxyThenAlert, leakNotQuarantined, sourceSilent, sourceLate,
}
