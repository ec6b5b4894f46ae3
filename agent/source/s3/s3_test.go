package s3

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/idwatch/idwatch/agent/source/s3/mototest"
	"github.com/idwatch/idwatch/agent/source/sourcetest"
	"github.com/idwatch/idwatch/agent/waittest"
	"github.com/idwatch/idwatch/parsers"
)

func TestAnnounced(t *testing.T) {
	event := `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"trail"},"object":{"key":"a+b%2Fc%C3%A9"}}},` +
		`{"eventSource":"aws:s3","eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"trail"},"object":{"key":"gone"}}}]}`
	wrap := func(inner string) string {
		return fmt.Sprintf(`{"Type":"Notification","MessageId":"1","Message":%q}`, inner)
	}
	for name, c := range map[string]struct {
		body string
		want []object
		err  error
	}{
		"S3":               {event, []object{{"trail", "a b/cé"}}, nil},
		"S3 within SNS":    {wrap(event), []object{{"trail", "a b/cé"}}, nil},
		"EventBridge":      {`{"detail-type":"Object Created","detail":{"bucket":{"name":"trail"},"object":{"key":"a+b"}}}`, []object{{"trail", "a+b"}}, nil},
		"other detail":     {`{"detail-type":"Object Deleted","detail":{"bucket":{"name":"trail"},"object":{"key":"a"}}}`, nil, nil},
		"CloudTrail":       {wrap(`{"s3Bucket":"trail","s3ObjectKey":["a","b"]}`), []object{{"trail", "a"}, {"trail", "b"}}, nil},
		"test":             {`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"trail"}`, nil, nil},
		"no JSON":          {"hello", nil, errNotice},
		"something else":   {`{"a":1}`, nil, errNotice},
		"wrapped for ever": {wrap(wrap(wrap(wrap("{}")))), nil, errNotice},
		"bad bucket":       {`{"s3Bucket":"../x","s3ObjectKey":["a"]}`, nil, errNotice},
		"bad key":          {`{"Records":[{"s3":{"bucket":{"name":"trail"},"object":{"key":"%zz"}}}]}`, nil, errNotice},
		"no key":           {`{"s3Bucket":"trail","s3ObjectKey":[7]}`, nil, errNotice},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := announced(c.body)
			if !slices.Equal(got, c.want) || err != c.err {
				t.Errorf("got %v, %v, want %v, %v", got, err, c.want, c.err)
			}
		})
	}
}

func FuzzAnnounced(f *testing.F) {
	f.Add(`{"Type":"Notification","Message":"{\"s3Bucket\":\"trail\",\"s3ObjectKey\":[\"a\"]}"}`)
	f.Add(`{"Records":[{"s3":{"bucket":{"name":"trail"},"object":{"key":"a"}}}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		found, err := announced(body)
		for _, o := range found {
			if err != nil || !isBucket(o.bucket) || o.key == "" {
				t.Errorf("got %+v, %v", o, err)
			}
		}
	})
}

func TestCredentials(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials")
	write := func(text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		_ = os.Chmod(path, mode)
	}
	write("[default]\naws_access_key_id = A\naws_secret_access_key=geheim\n[profile other]\naws_access_key_id=B\naws_secret_access_key=x=y\naws_session_token=t\n", 0o600)
	for profile, want := range map[string]string{"": "A geheim ", "other": "B x=y t"} {
		c, err := openCredentials(path, profile)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := c.Retrieve(t.Context())
		if got := keys.AccessKeyID + " " + keys.SecretAccessKey + " " + keys.SessionToken; got != want || err != nil || !keys.CanExpire {
			t.Errorf("%q: got %q, %v, want %q", profile, got, err, want)
		}
	}
	if _, err := openCredentials(path, "none"); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
	write("[default]\n", 0o644)
	if _, err := openCredentials(path, ""); err == nil || !strings.Contains(err.Error(), "can be read by others") {
		t.Errorf("got %v", err)
	}
}

// cloud is a bucket and a queue.
type cloud struct {
	t     *testing.T
	moto  *mototest.Server
	queue string
	taker *sourcetest.Taker
}

func newCloud(t *testing.T, moto *mototest.Server, name string) *cloud {
	t.Helper()
	c := &cloud{t: t, moto: moto, taker: &sourcetest.Taker{}}
	if _, err := moto.S3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("trail-" + name), CreateBucketConfiguration: mototest.Here()}); err != nil {
		t.Fatal(err)
	}
	queue, err := moto.SQS.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name)})
	if err != nil {
		t.Fatal(err)
	}
	c.queue = aws.ToString(queue.QueueUrl)
	return c
}

func (c *cloud) run(change func(s *Settings)) *Reader {
	c.t.Helper()
	credentials := filepath.Join(c.t.TempDir(), "credentials")
	if err := os.WriteFile(credentials, []byte("[default]\naws_access_key_id=test\naws_secret_access_key=test\n"), 0o600); err != nil {
		c.t.Fatal(err)
	}
	s := Settings{
		QueueURL: c.queue, Region: "eu-central-1", Endpoint: "http://" + c.moto.Address, CredentialsFile: credentials, Visibility: time.Second, MaxReceives: 2,
		Parallel: 1, Taker: c.taker, Split: parsers.Split, Log: slog.New(slog.NewTextHandler(c.t.Output(), nil)),
	}
	if change != nil {
		change(&s)
	}
	r, err := Open(c.t.Context(), s)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(c.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.Run(ctx)
	}()
	c.t.Cleanup(func() { stop(); <-ended })
	return r
}

func (c *cloud) put(bucket, key, content string) {
	c.t.Helper()
	if _, err := c.moto.S3.PutObject(c.t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String(key), Body: strings.NewReader(content)}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cloud) tell(body string) {
	c.t.Helper()
	if _, err := c.moto.SQS.SendMessage(c.t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(c.queue), MessageBody: aws.String(body)}); err != nil {
		c.t.Fatal(err)
	}
}

// left is how many messages the queue still has, in work or not.
func (c *cloud) left() string {
	c.t.Helper()
	answer, err := c.moto.SQS.GetQueueAttributes(c.t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: aws.String(c.queue), AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.Attributes["ApproximateNumberOfMessages"] + "+" + answer.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

// got is what came, in any order.
func (c *cloud) got() string {
	return strings.Join(slices.Sorted(slices.Values(c.taker.Records())), "|")
}

func (c *cloud) until(what string, holds func() bool) {
	c.t.Helper()
	waittest.Until(c.t, what, holds, c.got, c.left)
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

func announce(bucket, key string) string {
	return fmt.Sprintf(`{"s3Bucket":%q,"s3ObjectKey":[%q]}`, bucket, key)
}

func TestIntegrationMoto(t *testing.T) {
	moto := mototest.Start(t)
	t.Run("deletes when safe", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, moto, "safe")
		c.put("trail-safe", "a", zipped(`{"Records":[{"eventID":"1"},{"eventID":"2"}]}`))
		c.tell(announce("trail-safe", "a"))
		c.tell(`{"Service":"Amazon S3","Event":"s3:TestEvent"}`)
		c.taker.Hold(true)
		r := c.run(nil)
		c.until("the records", func() bool { return c.got() == `{"eventID":"1"}|{"eventID":"2"}` && c.left() == "0+1" })
		late := time.Now().Add(2500 * time.Millisecond) // two and a half times as long as a message belongs to who received it
		c.until("a while", func() bool { return time.Now().After(late) })
		if got := c.got(); got != `{"eventID":"1"}|{"eventID":"2"}` || c.left() != "0+1" {
			t.Errorf("a message in work was received again: got %q, queue has %s", got, c.left())
		}
		if st := r.Stats(); st.Waiting != 1 || time.Since(st.Since) < 2*time.Second || time.Since(st.Since) > time.Minute {
			t.Errorf("got %+v, want one message that waits since it was sent, %v ago", st, time.Since(st.Since))
		}
		c.taker.Hold(false)
		c.until("the message to be deleted", func() bool { return c.left() == "0+0" })
		c.until("nothing to be in work", func() bool { st := r.Stats(); return st.Waiting == 0 && st.Since.IsZero() })
	})
	t.Run("poison", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, moto, "poison")
		c.put("trail-poison", "damaged", zipped(strings.Repeat(`{"eventID":"1"}`, 1000))[:50])
		c.put("trail-poison", "good", `{"Records":[{"eventID":"2"}]}`)
		c.tell(announce("trail-poison", "missing"))
		c.tell(announce("trail-poison", "damaged"))
		c.tell(announce("trail-elsewhere", "x"))
		c.tell("hello")
		c.tell(announce("trail-poison", "good"))
		c.run(func(s *Settings) { s.Buckets = []string{"trail-poison"} })
		c.until("an empty queue", func() bool { return c.left() == "0+0" })
		for _, want := range []string{
			`S3 object not read after 2 receives: GetObject: NoSuchKey; announced by: {"s3Bucket":"trail-poison","s3ObjectKey":["missing"]}`,
			`S3 object not read after 2 receives: object cannot be read to its end; announced by: `,
			`S3 object not read after 2 receives: message announces an object of a bucket that is not allowed; announced by: `,
			`S3 object not read after 2 receives: message is no announcement of objects; announced by: hello`,
			`{"eventID":"2"}`,
		} {
			if !strings.Contains(c.got(), want) {
				t.Errorf("got %q, want in it %q", c.got(), want)
			}
		}
	})
}

// Rights that are missing are waited for: somebody gives them.
func TestPermanent(t *testing.T) {
	for code, want := range map[string]bool{"AccessDenied": false, "SlowDown": false, "NoSuchKey": true, "InvalidObjectState": true} {
		if got := isPermanent(fmt.Errorf("get object: %w", &smithy.GenericAPIError{Code: code})); got != want {
			t.Errorf("%s: got %v, want %v", code, got, want)
		}
	}
}
