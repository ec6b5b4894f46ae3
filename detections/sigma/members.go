package sigma

// What vendors' records can hold: members by their path; below those that end with ".*" anything is possible. The lists tell which
// fields of a rule stand nowhere; nothing is matched by them.

// https://developer.okta.com/docs/reference/api/system-log/
var oktaMembers = []string{
	"uuid", "published", "eventType", "legacyEventType", "version", "severity", "displayMessage",
	"actor.*", "client.*", "device.*", "outcome.result", "outcome.reason", "target.*", "transaction.*", "debugContext.debugData.*",
	"authenticationContext.*", "securityContext.*", "request.ipChain.*",
}

// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
var cloudtrailMembers = []string{
	"eventTime", "eventVersion", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage",
	"requestParameters.*", "responseElements.*", "additionalEventData.*", "requestID", "eventID", "eventType", "apiVersion",
	"managementEvent", "readOnly", "resources.*", "recipientAccountId", "serviceEventDetails.*", "sharedEventID", "vpcEndpointId",
	"vpcEndpointAccountId", "eventCategory", "addendum.*", "sessionCredentialFromConsole", "eventContext.*", "edgeDeviceDetails.*",
	"tlsDetails.*", "insightDetails.*", "userIdentity.type", "userIdentity.userName", "userIdentity.principalId", "userIdentity.arn",
	"userIdentity.accountId", "userIdentity.accessKeyId", "userIdentity.sessionContext.*", "userIdentity.invokedBy",
	"userIdentity.identityProvider", "userIdentity.credentialId", "userIdentity.onBehalfOf.*", "userIdentity.inScopeOf.*",
}

// Of a diagnostic record: what stands around properties.
// https://learn.microsoft.com/en-us/azure/azure-monitor/reference/supported-logs/microsoft-aadiam-diagnosticsettings-logs
var (
	signInMembers = []string{
		"time", "resourceId", "operationName", "operationVersion", "category", "tenantId", "resultType", "resultSignature",
		"resultDescription", "durationMs", "callerIpAddress", "correlationId", "identity", "Level", "location", "properties.*",
	}
	auditMembers = []string{
		"time", "resourceId", "operationName", "operationVersion", "category", "tenantId", "resultType", "resultSignature",
		"resultDescription", "durationMs", "callerIpAddress", "correlationId", "identity", "Level", "properties.id", "properties.category",
		"properties.correlationId", "properties.result", "properties.resultReason", "properties.activityDisplayName",
		"properties.activityDateTime", "properties.loggedByService", "properties.operationType", "properties.userAgent",
		"properties.initiatedBy.*", "properties.targetResources.*", "properties.additionalDetails.*",
	}
	riskMembers = []string{
		"time", "resourceId", "operationName", "operationVersion", "category", "tenantId", "resultType", "resultSignature",
		"resultDescription", "durationMs", "callerIpAddress", "correlationId", "identity", "Level", "location", "properties.*",
	}
	activityMembers = []string{
		"time", "resourceId", "operationName", "operationVersion", "category", "tenantId", "resultType", "resultSignature",
		"resultDescription", "durationMs", "callerIpAddress", "correlationId", "identity.*", "Level", "location", "properties.*", "caller",
		"status", "RoleLocation", "ReleaseVersion",
	}
	graphMembers = []string{
		"time", "resourceId", "operationName", "operationVersion", "category", "tenantId", "resultType", "resultSignature",
		"durationMs", "callerIpAddress", "correlationId", "Level", "location", "properties.*",
	}
)

// https://developer.hashicorp.com/vault/docs/audit/schema
var vaultMembers = []string{"time", "type", "auth.*", "request.*", "response.*", "error", "forwarded_from"}
