package main

// The company: Kestrel Freight, about forty people in Berlin and Boston. All of it is made up.
const (
	domain       = "kestrel.example"
	tenant       = "6f1b0f0e-2a5c-4d0a-9b58-3f6f7f0c1a27"
	awsAccount   = "123456789012"
	mainRegion   = "eu-central-1"
	spareRegion  = "eu-west-1"
	globalRegion = "us-east-1"
	githubOrg    = "kestrel-freight"
)

// app is an application that people reach through Okta.
type app struct {
	id, name, label, mode string
}

var (
	appAWS       = app{"0oa1awsprod7Kq2Zt5d7", "amazon_aws", "AWS Account Federation", "SAML_2_0"}
	appOffice    = app{"0oa1office3Wm8Rb2Pd7", "office365", "Microsoft Office 365", "WS_FEDERATION"}
	appVault     = app{"0oa1vaultoi9Xc4Jn6d7", "oidc_client", "Vault", "OPENID_CONNECT"}
	appSlack     = app{"0oa1slackch4Vd1Hy8d7", "slack", "Slack", "SAML_2_0"}
	appGitHub    = app{"0oa1githube6Tz3Mk0d7", "githubcloud", "GitHub Enterprise Cloud", "SAML_2_0"}
	appJira      = app{"0oa1jiraclo2Ny7Ls3d7", "jira_onprem", "Jira", "SAML_2_0"}
	appPayroll   = app{"0oa1payroll8Fg5Qw1d7", "adp_workforce", "Payroll", "SAML_2_0"}
	appCRM       = app{"0oa1crmsale5Bj9Uv4d7", "salesforce", "Salesforce", "SAML_2_0"}
	appTickets   = app{"0oa1tickets1Ox6Ei7d7", "zendesk", "Zendesk", "SAML_2_0"}
	appLedger    = app{"0oa1ledgerf7Pa2Sd9d7", "netsuite", "NetSuite", "SAML_2_0"}
	appConsole   = app{"0oa1adminco3Rk8Gf5d7", "saasure", "Okta Admin Console", "OPENID_CONNECT"}
	signOnPolicy = "00p1signon4Hw7Yt2Nd7"
)

// everyday is what a department opens of a morning, most used first.
var everyday = map[string][]app{
	"platform":    {appSlack, appGitHub, appAWS, appJira, appVault},
	"engineering": {appSlack, appGitHub, appJira, appAWS, appVault},
	"data":        {appSlack, appAWS, appJira, appGitHub},
	"security":    {appSlack, appJira, appGitHub, appConsole},
	"finance":     {appOffice, appLedger, appSlack, appPayroll},
	"sales":       {appCRM, appSlack, appOffice},
	"support":     {appTickets, appSlack, appCRM},
	"people":      {appOffice, appPayroll, appSlack},
	"leadership":  {appOffice, appSlack, appCRM, appLedger},
}

// awsRole is the role a department gets in AWS; a department that is not listed has none.
var awsRole = map[string]string{
	"platform":    "PlatformAdmin",
	"engineering": "Engineer",
	"data":        "DataAnalyst",
	"security":    "SecurityAudit",
}

// vaultPolicy is the same for Vault.
var vaultPolicy = map[string]string{
	"platform":    "platform",
	"engineering": "engineer",
	"security":    "auditor",
}
