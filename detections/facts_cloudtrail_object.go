package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// named says which member of a request names a thing of which kind.
type named struct {
	kind string
	path []string
}

// things are the members that name what a call is about, by service; the first that is there counts.
var things = map[string][]named{
	"iam": {
		{"user", []string{"userName"}}, {"role", []string{"roleName"}}, {"group", []string{"groupName"}},
		{"instance-profile", []string{"instanceProfileName"}}, {"policy", []string{"policyArn"}}, {"policy", []string{"policyName"}},
		{"saml-provider", []string{"sAMLProviderArn"}}, {"oidc-provider", []string{"openIDConnectProviderArn"}},
		{"oidc-provider", []string{"url"}}, {"mfa", []string{"serialNumber"}}, {"mfa", []string{"virtualMFADeviceName"}},
	},
	"sts": {{"role", []string{"roleArn"}}, {"federated-user", []string{"name"}}},
	"s3":  {{"bucket", []string{"bucketName"}}},
	"secretsmanager": {
		{"secret", []string{"secretId"}}, {"secret", []string{"name"}},
	},
	"ssm": {
		{"instance", []string{"instanceId"}}, {"instance", []string{"target"}}, {"instance", []string{"instanceIds"}},
		{"parameter", []string{"name"}}, {"parameter", []string{"names"}}, {"parameter", []string{"path"}},
		{"document", []string{"documentName"}},
	},
	"ec2-instance-connect": {{"instance", []string{"instanceId"}}},
	"kms":                  {{"key", []string{"keyId"}}},
	"cloudtrail":           {{"trail", []string{"name"}}, {"trail", []string{"trailName"}}, {"event-data-store", []string{"eventDataStore"}}},
	"lambda": {
		{"function", []string{"functionName"}}, {"function", []string{"fullyQualifiedArn", "relativeId", "functionName"}}, {"layer", []string{"layerName"}},
	},
	"ec2": {
		{"instance", []string{"instanceId"}}, {"snapshot", []string{"snapshotId"}}, {"image", []string{"imageId"}},
		{"volume", []string{"volumeId"}}, {"flow-log", []string{"DeleteFlowLogsRequest", "FlowLogId", "content"}},
		{"key-pair", []string{"keyName"}}, {"instance", []string{"instancesSet", "items", "instanceId"}}, {"security-group", []string{"groupId"}},
	},
	"dynamodb": {{"table", []string{"tableName"}}, {"table", []string{"tableArn"}}},
	"rds": {
		{"db-snapshot", []string{"dBSnapshotIdentifier"}}, {"db-snapshot", []string{"dBClusterSnapshotIdentifier"}},
		{"db", []string{"dBInstanceIdentifier"}}, {"db", []string{"dBClusterIdentifier"}},
	},
	"logs":            {{"log-group", []string{"logGroupName"}}},
	"route53resolver": {{"query-log", []string{"resolverQueryLogConfigId"}}},
	"guardduty":       {{"detector", []string{"detectorId"}}},
	"config":          {{"recorder", []string{"configurationRecorderName"}}},
	"rolesanywhere":   {{"trust-anchor", []string{"trustAnchorId"}}, {"profile", []string{"profileId"}}, {"anchor", []string{"name"}}},
	"bedrock":         {{"agent", []string{"agentId"}}, {"guardrail", []string{"guardrailIdentifier"}}, {"model", []string{"modelId"}}},
	"eks":             {{"cluster", []string{"name"}}, {"cluster", []string{"clusterName"}}},
}

// bornNames are where an answer names a thing that AWS gave its name, by operation.
var bornNames = map[string]named{
	"CreateSnapshot": {"snapshot", []string{"snapshotId"}}, "CopySnapshot": {"snapshot", []string{"snapshotId"}},
	"CreateImage": {"image", []string{"imageId"}}, "RegisterImage": {"image", []string{"imageId"}}, "CopyImage": {"image", []string{"imageId"}},
	"CreateVolume": {"volume", []string{"volumeId"}}, "CreateFlowLogs": {"flow-log", []string{"CreateFlowLogsResponse", "flowLogIdSet", "item"}},
	"RunInstances": {"instance", []string{"instancesSet", "items", "instanceId"}}, "CreateKey": {"key", []string{"keyMetadata", "keyId"}},
	"CreateDetector": {"detector", []string{"detectorId"}}, "CreateResolverQueryLogConfig": {"query-log", []string{"resolverQueryLogConfig", "id"}},
	"CreateTrustAnchor": {"trust-anchor", []string{"trustAnchor", "trustAnchorId"}}, "CreateAgent": {"agent", []string{"agent", "agentId"}},
}

// makers are the calls that make what their request names. What a caller made, or whose content it set, it knows.
var makers = setOf("CreateUser CreateRole CreateGroup CreateInstanceProfile CreatePolicy CreateBucket CreateSecret PutSecretValue PutParameter " +
	"CreateTrail CreateEventDataStore CreateFunction PublishLayerVersion CreateSnapshot CopySnapshot CreateImage RegisterImage CopyImage " +
	"CreateVolume CreateFlowLogs RunInstances CreateKeyPair ImportKeyPair CreateSecurityGroup CreateTable CreateDBSnapshot " +
	"CreateDBClusterSnapshot CreateDBInstance CreateDBCluster CreateLogGroup CreateResolverQueryLogConfig CreateDetector CreateTrustAnchor " +
	"CreateProfile CreateAgent CreateGuardrail CreateCluster CreateKey")

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// objectFacts names the thing that the call is about, and whether the call made it.
func objectFacts(ev *ecs.Event, a *Act, service string, request, response record.Value) {
	a.Born = !a.Failed && makers[withoutVersion(service, ev.Action)]
	if ev.Action == "RunInstances" {
		a.Number = int(max(numberIn(request.Path("instancesSet", "items").First().Get("maxCount")), 1))
	}
	if at, ok := bornNames[ev.Action]; ok && a.Born {
		if name := textAt(response, at.path); name != "" {
			a.Object, a.Target = objectName(ev.Tenant, at.kind, name)
			return
		}
	}
	for _, at := range things[service] {
		name := textAt(request, at.path)
		if name == "" {
			continue
		}
		a.Object, a.Target = objectName(ev.Tenant, at.kind, name)
		a.Number = max(a.Number, numberOf(request))
		break
	}
	switch {
	case a.Object == "" && (a.Activity == ecs.Discovery || a.Activity == ecs.SecretList):
		a.Number = filtered(request)
	case service == "s3":
		if key := request.Get("key").Str(); key != "" {
			a.Target = a.Target + "/" + key
		}
	case service == "secretsmanager":
		versionFacts(ev, a, request, response)
	}
	a.Born = a.Born && a.Object != ""
}

// filtered is 1 when a list is asked for by names or filters, and 0 when everything is asked for.
func filtered(request record.Value) (n int) {
	request.Each(func(v record.Value) bool {
		if !v.Hollow() && !isPaging[v.Key()] && (v.Kind() == record.String || v.IsContainer()) {
			n = 1
		}
		return n == 0
	})
	return n
}

// isPaging are members of requests that choose nothing.
var isPaging = setOf("nextToken NextToken marker Marker Host host startToken location max-keys list-type maxItems")

// versionFacts: who reads back the very version of a secret that it wrote learns nothing.
func versionFacts(ev *ecs.Event, a *Act, request, response record.Value) {
	version := ""
	switch ev.Action {
	case "PutSecretValue":
		version = ecs.FirstOf(response.Get("versionId").Str(), request.Get("clientRequestToken").Str())
	case "GetSecretValue":
		version = request.Get("versionId").Str()
	case "BatchGetSecretValue":
		a.Number = request.Get("secretIdList").Len()
		a.Target = strings.Clone(request.Get("secretIdList").First().Str())
	}
	if version != "" {
		a.Object, _ = objectName(ev.Tenant, "secret-version", version)
	} else if ev.Action == "PutSecretValue" {
		a.Born = false
	}
}

// numberOf counts what a list in the request names.
func numberOf(request record.Value) int {
	for _, name := range []string{"instanceIds", "names"} {
		if list := request.Get(name); list.Kind() == record.Array {
			return list.Len()
		}
	}
	return 0
}

func numberIn(v record.Value) int64 {
	n, _ := v.Int()
	return n
}

// textAt follows names to a text; of a list on the way, or at its end, it takes the first element.
func textAt(v record.Value, path []string) string {
	for _, name := range path {
		if v.Kind() == record.Array {
			v = v.First()
		}
		v = v.Get(name)
	}
	if v.Kind() == record.Array {
		v = v.First()
	}
	if v.Hollow() {
		return ""
	}
	return v.Scalar()
}

// objectName makes the unique name of a thing, and the part of it that people know. An ARN brings its own account.
func objectName(account, kind, name string) (object, short string) {
	rest, isARN := strings.CutPrefix(name, "arn:")
	if isARN {
		if parts := strings.SplitN(rest, ":", 5); len(parts) == 5 {
			account, name = ecs.FirstOf(parts[3], account), parts[4]
		}
		if before, after, ok := strings.Cut(name, "/"); ok && before == kind {
			name = after
		} else if before, after, ok := strings.Cut(name, ":"); ok && (before == kind || before == "log-group") {
			name = after
		}
	}
	switch {
	case kind == "secret" && isARN:
		name = withoutSuffix(name)
	case isFlat[kind]:
		name = lastPart(name)
	}
	object = account + "/" + kind + "/" + name
	return object, object[len(object)-len(name):]
}

// isFlat are kinds whose names are unique without their path.
var isFlat = setOf("role user policy instance-profile function")

// withoutSuffix cuts off the dash and six characters that Secrets Manager adds to a name in its ARN.
func withoutSuffix(name string) string {
	if i := len(name) - 7; i > 0 && name[i] == '-' {
		return name[:i]
	}
	return name
}

// resourceOf is the class of what data, secrets, code or roles were touched. Things that a deployment makes and removes
// under ever new names have none.
func resourceOf(a *Act, words *words) string {
	if a.Object == "" {
		return ""
	}
	_, rest, _ := strings.Cut(a.Object, "/")
	kind, name, _ := strings.Cut(rest, "/")
	switch a.Activity {
	case ecs.SecretRead, ecs.SecretDelete, ecs.SecretWrite:
		return words.join("secret", ' ', prefixOf(a.Target))
	case ecs.DataRead, ecs.DataWrite, ecs.DataDelete, ecs.RoleAssume, ecs.CodeRun:
		if isClass[kind] {
			return words.join(kind, ' ', name)
		}
	}
	return ""
}

// isClass are kinds of things that stay.
var isClass = setOf("bucket table key function role model agent")

// prefixOf is the folder of a name, or its first word.
func prefixOf(name string) string {
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		return name[:i]
	}
	if i := strings.IndexAny(name, "-_."); i > 0 {
		return name[:i]
	}
	return name
}
