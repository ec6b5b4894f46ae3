package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// Signs that other detections ask for.
const (
	awsAdminGiven = "aws_admin_policy_attached"
	awsAllAllowed = "aws_policy_allows_all"
	awsTrustOpen  = "aws_role_trust_opened"
)

// awsRightsSigns are about rights that grow.
var awsRightsSigns = []*Sign{
	{
		Rule: Rule{
			ID: awsAdminGiven, Name: "AWS administrator rights given", Severity: 73, Points: 55,
			Description: "A policy that allows everything is attached to a user, role, group or permission set, or a user joins the administrators.",
			Covers:      []string{"PR12"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "policyArn AdministratorAccess or IAMFullAccess; a group of administrators", Lookalikes: "A new administrator; infrastructure as code that makes administrators' roles.",
			Tuning: "Declare deployment windows for the identity that manages roles.",
		},
		Dataset: cloudtrail, When: givesAdmin, Weigh: weighEach,
		Actions: strings.Fields("AttachUserPolicy AttachRolePolicy AttachGroupPolicy AddUserToGroup AttachManagedPolicyToPermissionSet"),
	},
	{
		Rule: Rule{
			ID: awsAllAllowed, Name: "AWS policy rewritten to allow everything", Severity: 73, Points: 60,
			Description: "An inline policy or a new default version of a policy allows all actions, or all on identities. Those who hold it become administrators without any attachment.",
			Covers:      []string{"PR13"}, Techniques: []string{"T1098.003", "T1484"}, NHI: []string{"NHI5:2025"},
			Evidence: "policyDocument with Action * or iam:* on Resource *", Lookalikes: "Infrastructure as code that writes an administrators' policy.",
			Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, When: writesAdminPolicy, Weigh: weighEach,
		Actions: strings.Fields("PutUserPolicy PutRolePolicy PutGroupPolicy CreatePolicyVersion PutInlinePolicyToPermissionSet"),
	},
	{
		Rule: Rule{
			ID: "aws_boundary_removed", Name: "AWS permissions boundary taken away", Severity: 47, Points: 55,
			Description: "The boundary that held a user's or role's rights is deleted: all it was kept from is allowed at once.",
			Covers:      []string{"PR13"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "DeleteUserPermissionsBoundary, DeleteRolePermissionsBoundary", Lookalikes: "A role handed over to another team.", Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, Weigh: weighOwn,
		Actions: strings.Fields("DeleteUserPermissionsBoundary DeleteRolePermissionsBoundary DeletePermissionsBoundaryFromPermissionSet"),
	},
	{
		Rule: Rule{
			ID: "aws_policy_version_switched", Name: "AWS policy switched to another version", Severity: 47, Points: 40,
			Description: "An older or prepared version of a policy becomes the default. Attackers put back a version with more rights.",
			Covers:      []string{"PR13"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "SetDefaultPolicyVersion", Lookalikes: "A rolled-back change.", Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, Actions: []string{"SetDefaultPolicyVersion"}, Weigh: weigh,
	},
	{
		Rule: Rule{
			ID: awsTrustOpen, Name: "AWS role trusts a foreign account", Severity: 73, Points: 60,
			Description: "The trust policy of a role lets another account, or everybody, take the role: a door that stays when all keys are changed.",
			Covers:      []string{"PR14"}, Techniques: []string{"T1098.001", "T1484.002"}, NHI: []string{"NHI3:2025", "NHI5:2025"},
			Evidence: "assumeRolePolicyDocument or policyDocument with a Principal of another account", Lookalikes: "A vendor's role, with an external id; another account of the house.",
			Tuning: "Name the accounts of the house and of vendors in the context file (aws:account/<number>).",
		},
		Dataset: cloudtrail, Actions: []string{"UpdateAssumeRolePolicy", "CreateRole"}, When: trustsStranger, Weigh: weighStranger,
	},
	{
		Rule: Rule{
			ID: "aws_vendor_role_made", Name: "AWS role made for a foreign account, with a condition", Severity: 21, Points: 35,
			Description: "A new role trusts another account under a condition, as vendors ask for. It is a third party's door.",
			Covers:      []string{"PR14"}, Techniques: []string{"T1098.001"}, NHI: []string{"NHI3:2025"},
			Evidence: "CreateRole with a Principal of another account and a Condition", Lookalikes: "A vendor that was bought.",
			Tuning: "Name the vendor's account in the context file.",
		},
		Dataset: cloudtrail, Actions: []string{"CreateRole"}, When: trustsVendor, Weigh: weighStranger,
	},
	{
		Rule: Rule{
			ID: "aws_cluster_admin_given", Name: "AWS identity made cluster administrator", Severity: 73, Points: 60,
			Description: "An IAM identity becomes administrator of an EKS cluster, with all secrets and workloads in it.",
			Covers:      []string{"PR16"}, Techniques: []string{"T1098.003"}, NHI: []string{"NHI5:2025"},
			Evidence: "AssociateAccessPolicy AmazonEKSClusterAdminPolicy; CreateAccessEntry with system:masters", Lookalikes: "Setting up a cluster.",
			Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, Actions: []string{"AssociateAccessPolicy", "CreateAccessEntry", "UpdateAccessEntry"}, When: givesCluster, Weigh: weighOwn,
	},
}

// adminPolicies are AWS's own policies whose holder can do anything, or can give itself the right to.
var adminPolicies = setOf("AdministratorAccess IAMFullAccess AWSOrganizationsFullAccess AWSSSOMasterAccountAdministrator")

func givesAdmin(ev *ecs.Event) bool {
	request := requestOf(ev)
	if ev.Action == "AddUserToGroup" {
		return isAdminName(request.Get("groupName").Str())
	}
	arn := ecs.FirstOf(request.Get("policyArn").Str(), request.Get("managedPolicyArn").Str())
	return adminPolicies[lastPart(arn)] && strings.Contains(arn, ":iam::aws:")
}

var adminWords = []string{"admin", "poweruser", "breakglass"}

// isAdminName reports whether a name says that it is about administrators. Names are hints: they never lower a score.
func isAdminName(name string) bool {
	return holdsAny(name, adminWords)
}

func writesAdminPolicy(ev *ecs.Event) bool {
	request := requestOf(ev)
	if ev.Action == "CreatePolicyVersion" && request.Get("setAsDefault").Scalar() != "true" {
		return false
	}
	document := request.Get("policyDocument")
	if !document.Exists() {
		document = request.Get("inlinePolicy")
	}
	return policyOf(document).isAdmin()
}

// trustsStranger: a vendor's new role that demands an external id is another, milder sign.
func trustsStranger(ev *ecs.Event) bool {
	g := granteeOf(ev)
	return g.name != "" && !(ev.Action == "CreateRole" && g.bound)
}

func trustsVendor(ev *ecs.Event) bool {
	g := granteeOf(ev)
	return g.name != "" && g.bound
}

func givesCluster(ev *ecs.Event) bool {
	request := requestOf(ev)
	if strings.Contains(request.Get("policyArn").Str(), "ClusterAdminPolicy") {
		return true
	}
	return anyText(request.Get("kubernetesGroups"), func(g string) bool { return g == "system:masters" })
}
