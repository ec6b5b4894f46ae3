package detections

import (
	"strings"

	"github.com/idwatch/idwatch/parsers/ecs"
	"github.com/idwatch/idwatch/parsers/record"
)

// awsLogSigns are about who blinds the house.
var awsLogSigns = []*Sign{
	{
		Rule: Rule{
			ID: "aws_trail_stopped", Name: "CloudTrail stopped or deleted", Severity: 99, Points: 80,
			Description: "A trail or its store is stopped or deleted: what comes next is not recorded. The try counts as well.",
			Covers:      []string{"DE8"}, Techniques: []string{"T1562.008"},
			Evidence: "StopLogging, DeleteTrail, DeleteEventDataStore, StopEventDataStoreIngestion", Lookalikes: "A test environment that is taken down within a day by the identity that made it.",
			Tuning: "Declare a maintenance window.",
		},
		Dataset: cloudtrail, Failures: true, Weigh: weighOwn,
		Actions: strings.Fields("StopLogging DeleteTrail DeleteEventDataStore StopEventDataStoreIngestion"),
	},
	{
		Rule: Rule{
			ID: "aws_trail_weakened", Name: "CloudTrail made to leave things out", Severity: 73, Points: 65,
			Description: "A trail no longer records management events, other regions or global services, or its files are deleted after days.",
			Covers:      []string{"DE8"}, Techniques: []string{"T1562.008"},
			Evidence: "PutEventSelectors, UpdateTrail, PutBucketLifecycle on a bucket of logs", Lookalikes: "Saving costs: data events are left out, management events stay.",
			Tuning: "Declare a maintenance window.",
		},
		Dataset: cloudtrail, When: weakensTrail, Weigh: weighOwn,
		Actions: strings.Fields("PutEventSelectors UpdateTrail UpdateEventDataStore PutBucketLifecycle PutBucketLifecycleConfiguration"),
	},
	{
		Rule: Rule{
			ID: "aws_account_leaves_organization", Name: "AWS account leaves its organization", Severity: 99, Points: 80,
			Description: "An account leaves the organization or is taken out of it: its guard rails and the organization's trail no longer hold.",
			Covers:      []string{"DE8"}, Techniques: []string{"T1666", "T1562.008"},
			Evidence: "LeaveOrganization, RemoveAccountFromOrganization", Lookalikes: "An account that is sold or closed.", Tuning: "Declare a maintenance window.",
		},
		Dataset: cloudtrail, Failures: true, Actions: []string{"LeaveOrganization", "RemoveAccountFromOrganization"}, Weigh: weigh,
	},
	{
		Rule: Rule{
			ID: "aws_detector_off", Name: "AWS detector or recorder switched off", Severity: 73, Points: 65,
			Description: "GuardDuty, Security Hub, Config, Macie, Inspector or Access Analyzer is switched off or made to look away.",
			Covers:      []string{"DE9"}, Techniques: []string{"T1562.001"},
			Evidence: "DeleteDetector, DisableSecurityHub, StopConfigurationRecorder and the like", Lookalikes: "A move to a delegated administrator account.",
			Tuning: "Declare a maintenance window.",
		},
		Dataset: cloudtrail, Failures: true, When: blindsDetector, Weigh: weighOwn,
		Actions: strings.Fields("DeleteDetector UpdateDetector StopMonitoringMembers DisassociateMembers DeleteMembers DisassociateFromMasterAccount " +
			"DisassociateFromAdministratorAccount DeletePublishingDestination CreateIPSet UpdateIPSet CreateFilter DisableSecurityHub BatchDisableStandards " +
			"StopConfigurationRecorder DeleteConfigurationRecorder DeleteDeliveryChannel DisableMacie DeleteAnalyzer Disable DisableDelegatedAdminAccount"),
	},
	{
		Rule: Rule{
			ID: "aws_network_log_removed", Name: "AWS network or access log switched off", Severity: 73, Points: 60,
			Description: "Flow logs, DNS query logs, web firewall logs, access logs of a bucket or the log of model calls are switched off.",
			Covers:      []string{"DE10"}, Techniques: []string{"T1562.008"},
			Evidence: "DeleteFlowLogs, DeleteResolverQueryLogConfig, DeleteLoggingConfiguration, PutBucketLogging without a target", Lookalikes: "A network that is taken down within a day by the identity that made it.",
			Tuning: "Declare deployment and maintenance windows.",
		},
		Dataset: cloudtrail, When: removesLog, Weigh: weighOwn,
		Actions: strings.Fields("DeleteFlowLogs DeleteResolverQueryLogConfig DisassociateResolverQueryLogConfig DeleteLoggingConfiguration " +
			"PutBucketLogging DeleteModelInvocationLoggingConfiguration UpdateClusterConfig"),
	},
	{
		Rule: Rule{
			ID: "aws_log_group_deleted", Name: "CloudWatch log group deleted", Severity: 21, Points: 30,
			Description: "A log group or stream is deleted. Groups whose name speaks of audit, trails, flows or queries count more.",
			Covers:      []string{"DE10"}, Techniques: []string{"T1562.008", "T1070"},
			Evidence: "DeleteLogGroup, DeleteLogStream", Lookalikes: "A service that is taken down with all its logs.", Tuning: "Declare deployment windows.",
		},
		Dataset: cloudtrail, Actions: []string{"DeleteLogGroup", "DeleteLogStream", "DeleteSubscriptionFilter"}, Weigh: weighLogGroup,
	},
}

// weakensTrail tells changes that leave something out from those that add.
func weakensTrail(ev *ecs.Event) bool {
	request := requestOf(ev)
	switch ev.Action {
	case "UpdateTrail":
		return request.Get("isMultiRegionTrail").Scalar() == "false" || request.Get("includeGlobalServiceEvents").Scalar() == "false" ||
			request.Get("enableLogFileValidation").Scalar() == "false"
	case "PutEventSelectors":
		return leavesOut(request)
	case "UpdateEventDataStore":
		days, ok := request.Get("retentionPeriod").Int()
		return ok && days <= 7
	}
	return expiresSoon(request)
}

// leavesOut: selectors that record management events only in part, or not at all.
func leavesOut(request record.Value) (found bool) {
	list(request.Get("eventSelectors"), func(s record.Value) bool {
		found = s.Get("includeManagementEvents").Scalar() == "false" || s.Get("readWriteType").Str() == "ReadOnly" ||
			!s.Get("excludeManagementEventSources").Vacant()
		return !found
	})
	if advanced := request.Get("advancedEventSelectors"); advanced.Len() > 0 {
		found = !strings.Contains(string(advanced.Raw()), `"Management"`)
	}
	return found
}

// expiresSoon: a bucket of logs whose files are deleted within a week.
func expiresSoon(request record.Value) (found bool) {
	if !isLogName(request.Get("bucketName").Str()) {
		return false
	}
	list(request.Path("LifecycleConfiguration", "Rule"), func(rule record.Value) bool {
		days, ok := rule.Path("Expiration", "Days").Int()
		found = ok && days <= 7 && rule.Get("Status").Str() != "Disabled"
		return !found
	})
	return found
}

var (
	logWords   = []string{"trail", "audit", "log", "flow", "query", "waf", "security"}
	auditWords = []string{"trail", "audit", "flow", "dns", "query", "waf", "guardduty", "/eks/"}
)

// isLogName reports whether a bucket or log group is, by its name or AWS's own, one of audit logs.
func isLogName(name string) bool {
	return holdsAny(name, logWords)
}

// blindsDetector: some calls switch on as well as off, and some names exist in several services.
func blindsDetector(ev *ecs.Event) bool {
	request := requestOf(ev)
	switch ev.Action {
	case "UpdateDetector":
		return request.Get("enable").Scalar() == "false"
	case "CreateFilter":
		return ev.Cloud.ServiceName == "guardduty" && request.Get("action").Str() == "ARCHIVE"
	case "CreateIPSet", "UpdateIPSet", "DisassociateMembers", "DeleteMembers":
		return ev.Cloud.ServiceName == "guardduty"
	case "Disable":
		return ev.Cloud.ServiceName == "inspector2"
	}
	return true
}

func removesLog(ev *ecs.Event) bool {
	request := requestOf(ev)
	switch ev.Action {
	case "PutBucketLogging":
		return request.Path("BucketLoggingStatus", "LoggingEnabled").Vacant()
	case "UpdateClusterConfig":
		return strings.Contains(string(request.Get("logging").Raw()), `"enabled":false`)
	}
	return true
}

func weighLogGroup(c *Case) *Finding {
	f := weighOwn(c)
	if holdsAny(c.Act.Target, auditWords) {
		f.Parts = append(f.Parts, Part{"audit_log", 25, "by its name it is a log that detections rely on"})
	}
	return f
}
