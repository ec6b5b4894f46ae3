package inputtest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/idwatch/idwatch/agent/source/s3/mototest"
)

// TestS3: every object that was announced is there once, though the agent is killed and the connections are cut again and again.
func TestS3(t *testing.T) {
	moto := mototest.Start(t)
	between := newProxy(t, moto.Address)
	queue := announceObjects(t, moto, newRig(t, "- {type: stdin}\n").records)
	r := newRig(t, "- {type: s3, queue_url: '"+strings.Replace(queue, moto.Address, between.address, 1)+"', endpoint: 'http://"+between.address+
		"', region: eu-central-1, credentials_file: DIR/credentials, visibility: 5s, source: auto}\n")
	r.write("credentials", "[default]\naws_access_key_id=test\naws_secret_access_key=test\n")
	r.start()
	r.crash(func(int) {
		between.down()
		between.up()
	})
	r.exactlyOnce()
	r.until("an empty queue", func() bool {
		answer, err := moto.SQS.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: aws.String(queue), AttributeNames: []types.QueueAttributeName{"All"}})
		return err == nil && answer.Attributes["ApproximateNumberOfMessages"] == "0" && answer.Attributes["ApproximateNumberOfMessagesNotVisible"] == "0"
	})
}

// announceObjects writes all records to compressed objects and announces each.
func announceObjects(t *testing.T, moto *mototest.Server, records int) (queue string) {
	t.Helper()
	if _, err := moto.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("trail"), CreateBucketConfiguration: mototest.Here()}); err != nil {
		t.Fatal(err)
	}
	created, err := moto.SQS.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("trail")})
	if err != nil {
		t.Fatal(err)
	}
	queue = aws.ToString(created.QueueUrl)
	const each = 50
	for i := 0; i < records; i += each {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		fmt.Fprint(z, `{"Records":[`)
		for j := i; j < min(i+each, records); j++ {
			if j > i {
				fmt.Fprint(z, ",")
			}
			fmt.Fprint(z, record(j))
		}
		fmt.Fprint(z, "]}")
		_ = z.Close()
		key := fmt.Sprintf("AWSLogs/%d.json.gz", i)
		if _, err := moto.S3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("trail"), Key: aws.String(key), Body: bytes.NewReader(b.Bytes())}); err != nil {
			t.Fatal(err)
		}
		notice := fmt.Sprintf(`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"trail"},"object":{"key":%q}}}]}`, key)
		if _, err := moto.SQS.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(queue), MessageBody: aws.String(notice)}); err != nil {
			t.Fatal(err)
		}
	}
	return queue
}
