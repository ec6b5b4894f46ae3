package cloudtrail

import "strings"

// categorisation is event.category and event.type of some events.
type categorisation struct{ category, kind []string }

var info = []string{"info"}

// categories are Elastic's choice of event names and how it sorts them. All others are of type info and of no category.
var categories = func() map[string]categorisation {
	table := []struct{ category, kind, names string }{
		{"authentication", "info", "AssumeRole ConsoleLogin GetCallerIdentity"},
		{"iam", "user creation", "CreateUser"},
		{"iam", "user deletion", "DeleteUser"},
		{"iam", "user change", "AttachUserPolicy ChangePassword CreateAccessKey CreateVirtualMFADevice DeactivateMFADevice DeleteAccessKey " +
			"DeleteSSHPublicKey DeleteUserPermissionsBoundary DeleteUserPolicy DeleteVirtualMFADevice DetachUserPolicy EnableMFADevice " +
			"PutUserPermissionsBoundary PutUserPolicy TagUser UntagUser UpdateAccessKey UpdateLoginProfile UpdateSSHPublicKey UpdateUser"},
		{"iam", "user info", "GetUser GetUserPolicy ListAttachedUserPolicies ListGroupsForUser ListUserPolicies ListUsers ListUserTags"},
		{"iam", "group creation", "CreateGroup"},
		{"iam", "group deletion", "DeleteGroup"},
		{"iam", "group change", "AddUserToGroup AttachGroupPolicy DeleteGroupPolicy DetachGroupPolicy PutGroupPolicy RemoveUserFromGroup UpdateGroup"},
		{"iam", "group info", "GetGroup GetGroupPolicy ListAttachedGroupPolicies ListGroupPolicies ListGroups"},
		{"iam", "admin creation", "CreateKeyPair"},
		{"iam", "admin change", "SetDefaultPolicyVersion SetSecurityTokenServicePreferences UpdateAccountPasswordPolicy UpdateRole"},
		{"iam", "creation", "CreatePolicy"},
		{"iam", "change", "AttachRolePolicy"},
		{"iam", "info", "GetPolicy ListAttachedRolePolicies ListRoles"},
		{"file", "creation", "CreateBucket CreateDocument"},
		{"file", "change", "PutObject"},
		{"file", "deletion", "DeleteBucket DeleteObject"},
		{"file", "info", "GetObject HeadObject ListBuckets ListObjects"},
		{"host", "info", "DescribeInstances DescribeVolumes ListInstanceAssociations"},
		{"network", "access", "AuthorizeSecurityGroupIngress"},
		{"network", "info", "DescribeLoadBalancers DescribeNetworkAcls DescribeNetworkInterfaces DescribeSecurityGroups DescribeVpcs"},
		{"configuration", "creation", "CreateTopic"},
		{"configuration", "change", "Subscribe"},
		{"configuration", "deletion", "DeleteTrail"},
		{"configuration", "info", "DescribeTrails"},
		{"session", "start", "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel StartSession"},
		{"session", "end", "TerminateSession"},
		{"process", "start", "SendCommand"},
		{"api", "info", "Converse DescribeRegions Publish"},
		{"database", "info", "DescribeDBInstances ListTables"},
		{"package", "info", "ListFunctions"},
	}
	byName := map[string]categorisation{}
	for _, row := range table {
		c := categorisation{[]string{row.category}, strings.Fields(row.kind)}
		for _, name := range strings.Fields(row.names) {
			byName[name] = c
		}
	}
	return byName
}()

// categorise sets what kind of event this is and how it went.
func (t *trail) categorise() {
	ev := t.ev
	ev.Type = info
	if c, known := categories[ev.Action]; known {
		ev.Category, ev.Type = c.category, c.kind
	}
	ev.Outcome = "success"
	if t.failed {
		ev.Outcome = "failure"
	}
	if ev.Action == "ConsoleLogin" {
		if result := t.w.text(t.response.Get("ConsoleLogin")); result != "" {
			ev.Outcome = lower(result)
		}
	}
	ev.Activity = t.activity()
}
