package main

import (
	"encoding/base64"
	"strings"
	"time"
)

var samlProvider = arn("iam", "saml-provider/Okta")

// awsSession goes to AWS through Okta: the assertion, the role session and, for the web console, the login.
func (v *visit) awsSession(roleName string, console bool) *caller {
	v.sso(appAWS)
	v.wait(1, 4)
	r := v.w.role(roleName)
	id := r.session(v.d, v.who.login, v.at)
	id.SessionContext.SourceIdentity = v.who.login
	c := &caller{w: v.w, d: v.d, identity: id, at: v.at, addr: v.addr.String(), agent: cliAgent, region: mainRegion, console: console}
	if console {
		c.agent = v.dev.agent
	}
	c.assumeWithSAML(v, r)
	if console {
		c.wait(1, 3).consoleLogin(v)
		c.agent = "AWS Internal"
	}
	return c
}

// assumeWithSAML is the call that nobody has signed yet: the identity is the assertion's.
func (c *caller) assumeWithSAML(v *visit, r role) {
	session := c.identity
	qualifier := base64.StdEncoding.EncodeToString([]byte("kestrel-okta-" + awsAccount)[:20])
	c.identity = awsIdentity{Type: "SAMLUser", PrincipalID: qualifier + ":" + v.who.login, UserName: v.who.login, IdentityProvider: qualifier}
	response := r.granted(v.d, session, c.at.Add(time.Hour))
	response["subjectType"], response["subject"], response["issuer"] = "unspecified", v.who.login, "http://www.okta.com/exk1awssaml2Rt6Yw9d7"
	response["nameQualifier"], response["audience"], response["sourceIdentity"] = qualifier, "https://signin.aws.amazonaws.com/saml", v.who.login
	console := c.console
	c.console = false
	c.do(call{source: "sts", name: "AssumeRoleWithSAML", response: response, resources: append(r.resources(), awsResource{awsAccount, "AWS::IAM::SAMLProvider", samlProvider}),
		params: map[string]any{"sAMLAssertionID": "id" + v.d.letters("0123456789", 27), "roleSessionName": v.who.login,
			"durationSeconds": 3600, "roleArn": r.arn(), "principalArn": samlProvider, "sourceIdentity": v.who.login}})
	c.identity, c.console = session, console
}

func (c *caller) consoleLogin(v *visit) {
	login := *c
	login.console = false
	login.identity.AccessKeyID = ""
	login.do(call{source: "signin", name: "ConsoleLogin", kind: "AwsConsoleSignIn", response: map[string]any{"ConsoleLogin": "Success"},
		extra: map[string]any{"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "No", "SamlProviderArn": samlProvider}})
	c.at = login.at
}

// browse is looking around in the console or on the command line, as people of that department do.
func (c *caller) browse(team string, n int) {
	for range n {
		c.wait(5, 240).do(pick(c.d, lookups[team]))
	}
}

func look(source, name string, params map[string]any) call {
	return call{source: source, name: name, params: params}
}

var (
	describeInstances = look("ec2", "DescribeInstances", map[string]any{"maxResults": 100, "instancesSet": map[string]any{}, "filterSet": map[string]any{}})
	describeServices  = look("ecs", "DescribeServices", map[string]any{"cluster": "kestrel", "services": []string{"booking", "tracking", "billing"}})
	describeLogs      = look("logs", "DescribeLogGroups", map[string]any{"limit": 50})
	filterLogs        = look("logs", "FilterLogEvents", map[string]any{"logGroupName": "/kestrel/booking", "limit": 100})
	listBuckets       = call{source: "s3", name: "ListBuckets", params: map[string]any{"Host": "s3." + mainRegion + ".amazonaws.com"},
		extra: map[string]any{"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "bytesTransferredIn": 0, "AuthenticationMethod": "AuthHeader", "bytesTransferredOut": 2214}}
	describeAlarms = look("monitoring", "DescribeAlarms", map[string]any{"maxRecords": 100})
	describeDB     = look("rds", "DescribeDBClusters", map[string]any{"includeShared": true})
	describeNodes  = look("eks", "DescribeCluster", map[string]any{"name": "kestrel"})
	getAccount     = look("iam", "GetAccountSummary", nil)
	listRoles      = look("iam", "ListRoles", map[string]any{"maxItems": 100})
	startQuery     = look("athena", "StartQueryExecution", map[string]any{"queryString": "HIDDEN_DUE_TO_SECURITY_REASONS", "workGroup": "analytics"})
	queryResults   = look("athena", "GetQueryResults", map[string]any{"maxResults": 1000})
	listTables     = look("glue", "GetTables", map[string]any{"databaseName": "shipments"})
	listFindings   = look("guardduty", "ListFindings", map[string]any{"detectorId": "5ec1f2a7d90b4c3e8f6a1b7d2c9e0f43"})
	lookupEvents   = look("cloudtrail", "LookupEvents", map[string]any{"maxResults": 50})
)

var lookups = map[string][]call{
	"platform":    {describeInstances, describeServices, describeLogs, filterLogs, describeAlarms, describeDB, describeNodes, listBuckets, getAccount, listRoles},
	"engineering": {describeServices, filterLogs, describeLogs, describeAlarms, describeInstances, listBuckets},
	"data":        {startQuery, queryResults, queryResults, listTables, listBuckets},
	"security":    {listFindings, lookupEvents, getAccount, listRoles, describeInstances},
}

func getSecret(name string) call {
	return look("secretsmanager", "GetSecretValue", map[string]any{"secretId": arn("secretsmanager", "secret:"+name)})
}

// secretNames are kept in Secrets Manager; the abuse reads all of them.
var secretNames = strings.Fields(`kestrel/booking/db-Kq2Zt5 kestrel/tracking/db-Wm8Rb2 kestrel/billing/db-Xc4Jn6 kestrel/billing/psp-Vd1Hy8
	kestrel/customs/api-Tz3Mk0 kestrel/carriers/edi-Ny7Ls3 kestrel/smtp/relay-Fg5Qw1 kestrel/oauth/signing-Bj9Uv4`)
