package torture

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// number is a size of the tests, which the environment can raise: make torture does.
func number(t *testing.T, name string, usual int) int {
	t.Helper()
	text := os.Getenv("IDWATCH_TORTURE_" + name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("IDWATCH_TORTURE_%s: want a number", name)
	}
	return n
}

// begin is the time of record 0.
var begin = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)

// id is the number of a record in its vendor's own id.
func id(n int) string { return fmt.Sprintf("n-%09d", n) }

// people is how many there are, for most tests.
const people = 211

// record is record n of one of some people, of one source after the other. Some are worth an alert: roots make themselves keys, and users
// fail to sign in.
func record(n, people int, step time.Duration) string {
	at := begin.Add(time.Duration(n) * step)
	who := n / 4 % people
	switch n % 4 {
	case 0:
		outcome := "SUCCESS"
		if n%44 < 24 && who%17 == 0 {
			outcome = "FAILURE"
		}
		return fmt.Sprintf(`{"uuid":%q,"published":%q,"eventType":"user.session.start","outcome":{"result":%q},"actor":{"id":"00u%d","type":"User","alternateId":"user%d@acme.example"},`+
			`"client":{"ipAddress":"198.51.100.%d","userAgent":{"rawUserAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:129.0) Gecko/20100101 Firefox/129.0"}}}`,
			id(n), at.Format("2006-01-02T15:04:05.000Z"), outcome, who, who, who)
	case 1:
		return fmt.Sprintf(`{"time":%q,"type":"response","auth":{"display_name":"approle","metadata":{"role_name":"ci-%d"},"token_type":"service"},`+
			`"request":{"id":%q,"operation":"read","mount_type":"kv","path":"kv/data/team-%d/app","remote_address":"192.0.2.%d"}}`,
			at.Format(time.RFC3339Nano), who, id(n), who, who)
	case 2:
		return fmt.Sprintf(`{"time":%q,"category":"SignInLogs","operationName":"Sign-in activity","tenantId":"7f3e1c52-0000-4000-8000-000000000001","resultType":"0",`+
			`"properties":{"id":%q,"createdDateTime":%q,"userPrincipalName":"user%d@acme.example","userId":"e-%d","ipAddress":"198.51.100.%d","status":{"errorCode":0},"appDisplayName":"Portal"}}`,
			at.Format(time.RFC3339Nano), id(n), at.Format(time.RFC3339Nano), who, who, who)
	}
	name, actor := "GetObject", fmt.Sprintf(`{"type":"IAMUser","principalId":"AIDA%d","arn":"arn:aws:iam::111122223333:user/user%d","accountId":"111122223333","userName":"user%d"}`, who, who, who)
	if n%400 == 3 {
		account := 111100000000 + n
		name, actor = "CreateAccessKey", fmt.Sprintf(`{"type":"Root","principalId":"%[1]d","arn":"arn:aws:iam::%[1]d:root","accountId":"%[1]d"}`, account)
	}
	return fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":%s,"eventTime":%q,"eventSource":"iam.amazonaws.com","eventName":%q,"awsRegion":"eu-central-1",`+
		`"sourceIPAddress":"198.51.100.%d","eventID":%q,"eventType":"AwsApiCall","recipientAccountId":"111122223333"}`, actor, at.Format(time.RFC3339), name, who, id(n))
}

// records are the records from, from+1 … to-1.
func records(from, to int, step time.Duration) []string { return recordsOf(people, from, to, step) }

// recordsOf are those records where there are more or fewer people.
func recordsOf(people, from, to int, step time.Duration) (texts []string) {
	for n := from; n < to; n++ {
		texts = append(texts, record(n, people, step))
	}
	return texts
}

// streams are where the records go, without their namespace.
var streams = []string{"logs-okta.system-", "logs-hashicorp_vault.audit-", "logs-azure.signinlogs-", "logs-aws.cloudtrail-"}
