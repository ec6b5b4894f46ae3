package s3

import (
	"net/url"
	"strings"

	"github.com/tidwall/gjson"
)

// object is what a message announces.
type object struct{ bucket, key string }

// permanent is an error that the next try would meet again.
type permanent string

// Error implements error.
func (p permanent) Error() string { return string(p) }

const (
	errNotice = permanent("message is no announcement of objects")
	errBucket = permanent("message announces an object of a bucket that is not allowed")
	errBroken = permanent("object cannot be read to its end")
)

const (
	maxObjects = 1000 // in one message of 256 KiB there is room for fewer
	maxWraps   = 3    // a notification in another one
)

// announced reads the forms in which a queue hears of objects: S3's own events, EventBridge's, CloudTrail's, and each of them within SNS.
// A message that S3 sends to try the queue, or that tells of something else than a new object, announces none.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
func announced(body string) ([]object, error) {
	for range maxWraps {
		if !gjson.Valid(body) {
			return nil, errNotice
		}
		root := gjson.Parse(body)
		switch {
		case root.Get("Type").Str == "Notification" && root.Get("Message").Type == gjson.String:
			body = root.Get("Message").Str
			continue
		case root.Get("Records").IsArray():
			return eventRecords(root.Get("Records").Array())
		case root.Get("detail-type").Exists() && root.Get("detail.bucket.name").Exists():
			return bridged(root)
		case root.Get("s3Bucket").Type == gjson.String:
			return trailFiles(root)
		case root.Get("Event").Str == "s3:TestEvent":
			return nil, nil
		}
		return nil, errNotice
	}
	return nil, errNotice
}

// eventRecords reads S3's own events, whose keys are written as in an address.
func eventRecords(records []gjson.Result) (found []object, err error) {
	for _, record := range records {
		name := strings.TrimPrefix(record.Get("eventName").Str, "s3:")
		if record.Get("eventSource").Str == "aws:s3" && !strings.HasPrefix(name, "ObjectCreated:") {
			continue
		}
		key, err := url.QueryUnescape(record.Get("s3.object.key").Str)
		if err != nil {
			return nil, errNotice
		}
		found = append(found, object{record.Get("s3.bucket.name").Str, key})
	}
	return checked(found)
}

// bridged reads an event of EventBridge, whose keys are written as they are.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
func bridged(root gjson.Result) ([]object, error) {
	if root.Get("detail-type").Str != "Object Created" {
		return nil, nil
	}
	return checked([]object{{root.Get("detail.bucket.name").Str, root.Get("detail.object.key").Str}})
}

// trailFiles reads what CloudTrail itself sends to a topic.
func trailFiles(root gjson.Result) (found []object, err error) {
	for _, key := range root.Get("s3ObjectKey").Array() {
		found = append(found, object{root.Get("s3Bucket").Str, key.Str})
	}
	return checked(found)
}

func checked(found []object) ([]object, error) {
	if len(found) > maxObjects {
		return nil, errNotice
	}
	for _, o := range found {
		if !isBucket(o.bucket) || o.key == "" || len(o.key) > 1024 {
			return nil, errNotice
		}
	}
	return found, nil
}

// isBucket reports whether a name can be a bucket's.
func isBucket(name string) bool {
	for _, c := range []byte(name) {
		if c != '-' && c != '.' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(name) >= 3 && len(name) <= 63
}
