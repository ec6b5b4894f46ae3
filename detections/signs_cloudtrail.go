package detections

import (
	"slices"
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// cloudtrailSigns are what single records of this source show.
var cloudtrailSigns = slices.Concat(awsIdentitySigns, awsRightsSigns, awsLogSigns, awsDataSigns, awsRansomSigns, awsCodeSigns, awsAgentSigns, []*Sign{awsDeniedSign})

// Members of records that signs look into.

func requestOf(ev *ecs.Event) record.Value  { return ev.Record.Root().Get("requestParameters") }
func responseOf(ev *ecs.Event) record.Value { return ev.Record.Root().Get("responseElements") }

// from says which service must have been called: names of calls are not unique over services.
func from(service string) func(*ecs.Event) bool {
	return func(ev *ecs.Event) bool { return ev.Cloud.ServiceName == service }
}

func hasStranger(ev *ecs.Event) bool { return granteeOf(ev).name != "" }

// awsIdentitySigns are about who comes in, and with what.
var awsIdentitySigns = []*Sign{
	{
		Rule: Rule{
			ID: "aws_root_used", Name: "AWS root user at work", Severity: 73, Points: 40,
			Description: "The root user of an account signs in or calls an API. No policy binds root, and daily work never needs it.",
			Covers:      []string{"AU26"}, Techniques: []string{"T1078.004"}, NHI: []string{"NHI10:2025"},
			Evidence: "userIdentity.type Root, not invoked by an AWS service", Lookalikes: "The few tasks that only root can do: closing an account, changing its support plan.",
			Tuning: "Declare an elevation window that names the root ARN.",
		},
		Dataset: cloudtrail, When: isRootCall, Weigh: func(c *Case) *Finding {
			if !isAlone(c, "aws_root_used") {
				return nil // the other sign says more
			}
			return &Finding{}
		},
	},
	{
		Rule: Rule{
			ID: "aws_root_credential_changed", Name: "Password, key or factor of the AWS root user changed", Severity: 99, Points: 75,
			Description: "Root's password is reset, a key is made for it, or its second factor or mail address changes. Whoever does that owns the account.",
			Covers:      []string{"AU26"}, Techniques: []string{"T1078.004", "T1098.001"}, NHI: []string{"NHI10:2025"},
			Evidence: "CreateAccessKey, PasswordUpdated, EmailUpdated, DeactivateMFADevice by root", Lookalikes: "The yearly check of root's mail address and factor.",
			Tuning: "Declare an elevation window that names the root ARN.",
		},
		Dataset: cloudtrail, When: isRootCall,
		Actions: strings.Fields("CreateAccessKey UpdateAccessKey PasswordUpdated PasswordRecoveryRequested PasswordRecoveryCompleted EmailUpdated " +
			"ChangePassword DeactivateMFADevice EnableMFADevice CreateVirtualMFADevice"),
	},
	{
		Rule: Rule{
			ID: "aws_console_login_without_mfa", Name: "AWS console sign-in without a second factor", Severity: 47, Points: 55,
			Description: "An IAM user signs in at the console with a password alone. A leaked or guessed password is enough for that.",
			Covers:      []string{"AU25"}, Techniques: []string{"T1078.004"},
			Evidence: "ConsoleLogin Success with additionalEventData.MFAUsed No and no SAML provider", Lookalikes: "A house that has not yet demanded factors of its IAM users: it is learned as their habit.",
			Tuning: "Demand a factor by policy; the habit of a user lowers the score.",
		},
		Dataset: cloudtrail, Actions: []string{"ConsoleLogin"}, When: isLoginWithoutMFA, Weigh: weigh,
	},
	{
		Rule: Rule{
			ID: "aws_mfa_deactivated", Name: "AWS second factor switched off", Severity: 73, Points: 55,
			Description: "A user's MFA device is deactivated or deleted, so that the password is enough.",
			Covers:      []string{"MF13"}, Techniques: []string{"T1556.006"},
			Evidence: "DeactivateMFADevice, DeleteVirtualMFADevice", Lookalikes: "A lost or exchanged phone: another device is enabled within minutes.",
			Tuning: "Name the help desk in the context file and declare its windows.",
		},
		Dataset: cloudtrail, Actions: []string{"DeactivateMFADevice", "DeleteMfaDeviceForUser"}, Weigh: weighOther,
	},
	{
		Rule: Rule{
			ID: "aws_mfa_registered_with_session", Name: "AWS factor registered with a temporary credential", Severity: 47, Points: 45,
			Description: "A virtual MFA device is made or enabled with the temporary credentials of a session: so a thief of the session makes it last.",
			Covers:      []string{"MF13"}, Techniques: []string{"T1556.006", "T1098.005"},
			Evidence: "CreateVirtualMFADevice or EnableMFADevice with an ASIA key and not in the console", Lookalikes: "A user's first factor, set up by a script.",
			Tuning: "None needed: alone it is a signal.",
		},
		Dataset: cloudtrail, Actions: []string{"CreateVirtualMFADevice", "EnableMFADevice"}, Weigh: weigh,
		When: func(ev *ecs.Event) bool {
			return strings.HasPrefix(ev.Link.Credential, "ASIA") && ev.Record.Root().Get("sessionCredentialFromConsole").Scalar() != "true"
		},
	},
	{
		Rule: Rule{
			ID: "aws_key_leaked", Name: "AWS found one of our keys in public", Severity: 99, Points: 90,
			Description: "AWS attaches its quarantine policy to a user whose access key it has found in a public place.",
			Covers:      []string{"CR7"}, Techniques: []string{"T1552.001"}, NHI: []string{"NHI2:2025"},
			Evidence: "AttachUserPolicy or PutUserPolicy with AWSCompromisedKeyQuarantine", Lookalikes: "None.", Tuning: "Revoke the key; no window applies.",
			BeyondWindows: true,
		},
		Dataset: cloudtrail, Actions: []string{"AttachUserPolicy", "PutUserPolicy"}, When: func(ev *ecs.Event) bool { return ev.Activity == ecs.RiskReport },
	},
	{
		Rule: Rule{
			ID: "aws_leaked_key_tested", Name: "AWS key tried out by a tool that tests leaks", Severity: 73, Points: 40,
			Description: "A key asks who it is, with the mark of a tool that tests found secrets or attacks clouds. The mark alone proves nothing: a network new to the key, or the key's first call, makes it an alert.",
			Covers:      []string{"CR15"}, Techniques: []string{"T1552", "T1087.004"}, NHI: []string{"NHI2:2025"},
			Evidence: "userAgent of a known tool, a network new to the key", Lookalikes: "The security team's own scan.", Tuning: "Declare a maintenance window for the team's identity.",
		},
		Dataset: cloudtrail, When: isAttackTool, Failures: true, Weigh: weighTool,
		Actions: strings.Fields("GetCallerIdentity ListUsers ListBuckets GetAccountSummary GetAccountAuthorizationDetails ListAttachedUserPolicies"),
	},
	{
		Rule: Rule{
			ID: "aws_federation_token", Name: "AWS federation token made from a user's key", Severity: 73, Points: 50,
			Description: "GetFederationToken makes credentials that outlive the deletion of the key they were made with, for up to 36 hours.",
			Covers:      []string{"SE12"}, Techniques: []string{"T1550.001", "T1098.001"}, NHI: []string{"NHI2:2025", "NHI7:2025"},
			Evidence: "GetFederationToken, its policy and duration", Lookalikes: "An old broker of console sign-ins: it is learned as the broker's habit.",
			Tuning: "Name the broker in the context file.",
		},
		Dataset: cloudtrail, Actions: []string{"GetFederationToken"}, Weigh: weighFederation,
	},
	{
		Rule: Rule{
			ID: "aws_session_token_without_mfa", Name: "AWS session token made from a key alone", Severity: 21, Points: 35,
			Description: "GetSessionToken without a second factor gives a thief of a key a session that lasts although the key is taken back.",
			Covers:      []string{"SE12"}, Techniques: []string{"T1550.001"}, NHI: []string{"NHI2:2025", "NHI7:2025"},
			Evidence: "GetSessionToken without serialNumber", Lookalikes: "Old scripts that want temporary keys: learned as their habit.", Tuning: "Demand a factor for GetSessionToken.",
		},
		Dataset: cloudtrail, Actions: []string{"GetSessionToken"}, Weigh: weighSessionToken,
		When: func(ev *ecs.Event) bool { return requestOf(ev).Get("serialNumber").Hollow() },
	},
	{
		Rule:    Rule{ID: awsDeviceCode, Name: "Portal token fetched with a device code"},
		Dataset: cloudtrail, Quiet: true, Actions: []string{"CreateToken"},
		When: func(ev *ecs.Event) bool {
			return strings.HasSuffix(requestOf(ev).Get("grantType").Str(), "device_code")
		},
	},
	{
		Rule: Rule{
			ID: "aws_identity_provider_changed", Name: "AWS account trusts another source of identities", Severity: 73, Points: 60,
			Description: "A trust anchor, a SAML or OIDC provider or an external directory is added or changed: whoever runs it can come in under any name.",
			Covers:      []string{"CR16"}, Techniques: []string{"T1484.002", "T1556.007"}, NHI: []string{"NHI3:2025", "NHI4:2025"},
			Evidence: "CreateTrustAnchor, CreateProfile, CreateSAMLProvider, CreateOpenIDConnectProvider and their changes", Lookalikes: "Setting up a CI system or a directory, once.",
			Tuning: "Declare a deployment window for the identity that sets it up.",
		},
		Dataset: cloudtrail, When: addsProvider, Weigh: weigh,
		Actions: strings.Fields("CreateTrustAnchor UpdateTrustAnchor EnableTrustAnchor CreateProfile UpdateProfile EnableProfile CreateSAMLProvider " +
			"UpdateSAMLProvider CreateOpenIDConnectProvider AddClientIDToOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint " +
			"CreateExternalIdPConfigurationForDirectory UpdateExternalIdPConfigurationForDirectory EnableExternalIdPConfigurationForDirectory " +
			"ImportExternalIdPCertificate AssociateDirectory CreateTrustedTokenIssuer UpdateTrustedTokenIssuer AssociateIdentityProviderConfig"),
	},
}

func isRootCall(ev *ecs.Event) bool {
	if ev.Identity.Kind != ecs.Root {
		return false
	}
	root := ev.Record.Root()
	return root.Path("userIdentity", "invokedBy").Hollow() && root.Get("eventType").Str() != "AwsServiceEvent"
}

func isLoginWithoutMFA(ev *ecs.Event) bool {
	root := ev.Record.Root()
	extra := root.Get("additionalEventData")
	return root.Path("userIdentity", "type").Str() == "IAMUser" && responseOf(ev).Get("ConsoleLogin").Str() == "Success" &&
		extra.Get("MFAUsed").Str() == "No" && extra.Get("SamlProviderArn").Hollow()
}

// attackTools are marks in user agents. They may add to a suspicion; their absence says nothing.
var attackTools = []string{"trufflehog", "pacu", "cloudfox", "scoutsuite", "prowler", "enumerate-iam", "kali", "parrot", "pentoo", "boto3-enum", "nuclei", "s3scanner"}

func isAttackTool(ev *ecs.Event) bool {
	agent := ev.UserAgent.Original
	if agent == "" || !strings.HasPrefix(ev.Link.Credential, "A") {
		return false
	}
	return holdsAny(agent, attackTools)
}

func weighTool(c *Case) *Finding {
	f := &Finding{}
	k := c.Credential(c.Act.Credential)
	switch network := c.Act.Network(); {
	case k == nil || k.Uses == 0:
		f.Parts = append(f.Parts, Part{"first_use", 10, "it is the first call of the key that was seen"})
	case network != "" && !k.Networks.Has(network) && !k.Networks.Forgot():
		f.Parts = append(f.Parts, Part{"new_network", 20, "the key was never used from this network"})
	}
	if c.Act.Operation == "sts:GetCallerIdentity" {
		f.Parts = append(f.Parts, Part{"asks_who", 5, "the key asks who it is"})
	}
	return f
}

// weighOther counts more what is done to somebody else.
func weighOther(c *Case) *Finding {
	f := weigh(c)
	if c.Act.TargetID != "" && !c.Same(c.Act.TargetID, c.ID) {
		f.Parts = append(f.Parts, Part{"somebody_else", 10, "it is somebody else's"})
	}
	return f
}

func weighFederation(c *Case) *Finding {
	f := weigh(c)
	if c.Act.Scopes == "*" || c.Act.Scopes == "AdministratorAccess" {
		f.Parts = append(f.Parts, Part{"all_rights", 15, "the token's policy allows everything"})
	}
	return f
}

func weighSessionToken(c *Case) *Finding {
	if c.Act.Actor.Kind == ecs.Root || !isAccountHolder(c.Act) {
		return nil
	}
	f := weigh(c)
	if c.Machine() && c.isNew(operations, c.Act.Operation) {
		f.Parts = append(f.Parts, Part{"machine", 5, "a machine identity wants the same credentials every day"})
	}
	return f
}

// addsProvider: profiles exist in many services.
func addsProvider(ev *ecs.Event) bool {
	return !strings.HasSuffix(ev.Action, "Profile") || ev.Cloud.ServiceName == "rolesanywhere"
}
