package detections

import (
	"testing"
)

// TestSignsAreWeighed: what the memory of an identity says goes into the score of a sign.
func TestSignsAreWeighed(t *testing.T) {
	records := []trailRecord{awsCall("2026-09-20T10:00:00Z", "cloudtrail", "StopLogging", trailRecord{"name": "main"})}
	alone := loud(replayTrail(t, DefaultContext(), false, records))
	settled := loud(replayTrail(t, DefaultContext(), false, quietWeek(records), records))
	made := awsCall("2026-09-20T09:00:00Z", "cloudtrail", "CreateTrail", trailRecord{"name": "main"})
	own := loud(replayTrail(t, DefaultContext(), false, []trailRecord{made}, records))
	if len(alone) != 1 || alone[0].Score != 80 {
		t.Errorf("without memory: got %v, want one alert of 80 points", alone)
	}
	if len(settled) != 1 || settled[0].Score != 90 {
		t.Errorf("new to the identity: got %v, want one alert of 90 points", settled)
	}
	if len(own) != 0 {
		t.Errorf("its own trail, made within the hour: got %v, want none", own[0].Parts)
	}
}

// awsCall is a call of an IAM user with a key, in the shape of CloudTrail.
func awsCall(at, service, name string, request trailRecord) trailRecord {
	return trailRecord{
		"eventVersion": "1.11", "eventTime": at, "eventSource": service + ".amazonaws.com", "eventName": name, "awsRegion": "eu-central-1",
		"sourceIPAddress": "203.0.113.10", "userAgent": "aws-cli/2.31", "requestParameters": request, "responseElements": nil,
		"eventID": "5e1f0000-0000-4000-8000-" + at[8:10] + at[11:13] + at[14:16] + at[17:19] + "0000", "eventType": "AwsApiCall", "managementEvent": true,
		"recipientAccountId": "210987654321", "eventCategory": "Management",
		"userIdentity": map[string]any{
			"type": "IAMUser", "principalId": "AIDAEXAMPLEDEPLOYER01", "arn": "arn:aws:iam::210987654321:user/deployer",
			"accountId": "210987654321", "accessKeyId": "AKIAEXAMPLE0DEPLOYER", "userName": "deployer",
		},
	}
}
