package entra

// signInRoot are the members of a sign-in record's envelope. Those not listed keep their converted names.
var signInRoot = snakeTable(
	row{from: "time", as: taken, slot: timeSlot},
	row{from: "createdDateTime", as: taken, slot: createdSlot},
	row{from: "category", as: keyword, slot: categorySlot},
	row{from: "CategoryValue", as: taken},
	row{from: "operationName", as: keyword, slot: operationSlot},
	row{from: "operationVersion", as: keyword},
	row{from: "resultType", as: keyword},
	row{from: "resultSignature", as: keyword},
	row{from: "resultDescription", as: keyword},
	row{from: "identity", as: keyword},
	row{from: "callerIpAddress", as: address, slot: callerSlot},
	row{from: "resourceId", as: taken, slot: resourceSlot},
	row{from: "tenantId", as: taken, slot: tenantSlot},
	row{from: "correlationId", as: taken, slot: correlationSlot},
	row{from: "level", as: taken, slot: levelSlot},
	row{from: "durationMs", as: taken, slot: durationSlot},
	row{from: "location", as: taken, slot: countrySlot},
	row{from: "properties", as: taken, slot: propertiesSlot},
)

// signInProperties are the members of a sign-in itself, in the order in which Microsoft writes them. Those without a kind
// have no declared type and are listed because a listed key costs less. Microsoft Graph exports these without an envelope.
// https://learn.microsoft.com/en-us/graph/api/resources/signin
var signInProperties = snakeTable(
	row{from: "id", as: keyword, slot: idSlot},
	row{from: "createdDateTime", to: "created_at", as: date, slot: happenedSlot},
	row{from: "userDisplayName", as: keyword, slot: fullNameSlot},
	row{from: "userPrincipalName", as: keyword, slot: loginSlot},
	row{from: "userId", as: keyword, slot: userSlot},
	row{from: "appId", as: keyword, slot: appSlot},
	row{from: "appDisplayName", as: keyword, slot: appNameSlot},
	row{from: "ipAddress", as: taken, slot: ipSlot},
	row{from: "status", sub: statusMembers},
	row{from: "clientAppUsed", as: keyword},
	row{from: "userAgent", as: taken, slot: agentSlot},
	row{from: "deviceDetail", sub: deviceMembers},
	row{from: "location", as: taken, slot: placeSlot},
	row{from: "mfaDetail"},
	row{from: "correlationId", as: keyword},
	row{from: "conditionalAccessStatus", as: keyword},
	row{from: "appliedConditionalAccessPolicies", as: flattened},
	row{from: "authenticationContextClassReferences"},
	row{from: "originalRequestId", as: keyword, slot: requestSlot},
	row{from: "isInteractive", as: boolean, slot: interactiveSlot},
	row{from: "tokenIssuerName", as: keyword},
	row{from: "tokenIssuerType", as: keyword},
	row{from: "authenticationProcessingDetails", as: taken, slot: processingSlot},
	row{from: "networkLocationDetails", as: flattened},
	row{from: "clientCredentialType", as: keyword, slot: credentialSlot},
	row{from: "processingTimeInMilliseconds", to: "processing_time_ms", as: float},
	row{from: "riskDetail", as: keyword},
	row{from: "riskLevelAggregated", as: keyword},
	row{from: "riskLevelDuringSignIn", to: "risk_level_during_signin", as: keyword},
	row{from: "riskState", as: keyword},
	row{from: "riskEventTypes", as: keyword},
	row{from: "riskEventTypes_v2", as: keyword},
	row{from: "resourceDisplayName", as: keyword},
	row{from: "resourceId", as: keyword, slot: targetSlot},
	row{from: "resourceTenantId", as: keyword, slot: resourceTenantSlot},
	row{from: "homeTenantId", as: keyword, slot: homeSlot},
	row{from: "homeTenantName"},
	row{from: "tenantId"},
	row{from: "authenticationDetails", as: flattened},
	row{from: "authenticationRequirementPolicies", as: flattened},
	row{from: "sessionLifetimePolicies"},
	row{from: "authenticationRequirement", as: keyword},
	row{from: "alternateSignInName"},
	row{from: "signInIdentifier"},
	row{from: "servicePrincipalId", as: keyword, slot: principalSlot},
	row{from: "servicePrincipalName", as: keyword, slot: principalNameSlot},
	row{from: "servicePrincipalCredentialKeyId", as: keyword, slot: keySlot},
	row{from: "servicePrincipalCredentialThumbprint"},
	row{from: "userType", as: keyword, slot: userTypeSlot},
	row{from: "flaggedForReview", as: boolean},
	row{from: "isTenantRestricted", as: boolean},
	row{from: "autonomousSystemNumber", as: long},
	row{from: "crossTenantAccessType", as: keyword, slot: crossSlot},
	row{from: "privateLinkDetails"},
	row{from: "ssoExtensionVersion", as: keyword},
	row{from: "uniqueTokenIdentifier", as: keyword, slot: tokenSlot},
	row{from: "incomingTokenType", as: keyword, slot: incomingSlot},
	row{from: "authenticationProtocol", as: keyword, slot: protocolSlot},
	row{from: "appServicePrincipalId"},
	row{from: "sourceAppClientId"},
	row{from: "managedServiceIdentity", sub: managedMembers},
	row{from: "agent", sub: agentMembers},
	row{from: "federatedCredentialId", as: keyword, slot: federatedSlot},
	row{from: "appOwnerTenantId", as: keyword, slot: appOwnerSlot},
	row{from: "redirectUrl"},
	row{from: "globalSecureAccessIpAddress"},
	row{from: "ipAddressFromResourceProvider"},
	row{from: "sessionId", as: keyword, slot: sessionSlot},
	row{from: "ipaddress", as: taken, slot: ipOldSlot},
)

var statusMembers = snakeTable(
	row{from: "errorCode", as: long, slot: outcomeSlot},
	row{from: "failureReason", as: taken, slot: reasonSlot},
	row{from: "additionalDetails", as: taken, slot: detailsSlot},
)

var deviceMembers = snakeTable(
	row{from: "deviceId", as: keyword, slot: deviceSlot},
	row{from: "displayName", as: keyword},
	row{from: "browser", as: keyword},
	row{from: "operatingSystem", as: keyword},
	row{from: "trustType", as: keyword},
	row{from: "isCompliant", as: boolean},
	row{from: "isManaged", as: boolean},
)

// agentMembers tell of AI agents: which kind the application is, and which the subject.
var agentMembers = snakeTable(
	row{from: "agentType", as: keyword, slot: agentTypeSlot},
	row{from: "agentSubjectType", as: keyword, slot: agentSubjectSlot},
	row{from: "agentSubjectParentId", as: keyword},
)

// managedMembers tell what stands behind a managed identity.
var managedMembers = snakeTable(
	row{from: "msiType", as: keyword},
	row{from: "associatedResourceId", as: keyword},
	row{from: "federatedTokenId", as: keyword, slot: subjectSlot},
	row{from: "federatedTokenIssuer", as: keyword, slot: issuerSlot},
)
