package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/idwatch/idwatch/agent/source"
)

// read adds the records of an object.
func (r *Reader) read(ctx context.Context, o object, d *source.Delivery) error {
	if len(r.Buckets) > 0 && !slices.Contains(r.Buckets, o.bucket) {
		return errBucket
	}
	answer, err := r.objects.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(o.bucket), Key: aws.String(o.key)})
	if err != nil {
		return fmt.Errorf("get object: %w", err)
	}
	defer answer.Body.Close()
	content := &reading{r: answer.Body}
	err = r.Split(content, func(record []byte, _ int64) error { return d.Add(ctx, record) })
	r.bytes.Add(content.n)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case content.err != nil:
		return fmt.Errorf("read object: %w", content.err)
	}
	return errBroken // not the network's fault but the content's
}

// reading tells what is wrong with the connection from what is wrong with the content.
type reading struct {
	r   io.Reader
	n   int64
	err error
}

// Read implements io.Reader.
func (r *reading) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.n += int64(n)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// isPermanent reports whether trying again is of no use. Rights that are missing are not meant: somebody gives them, and until then the
// queue keeps the message.
func isPermanent(err error) bool {
	var own permanent
	var api smithy.APIError
	switch {
	case errors.As(err, &own):
		return true
	case errors.As(err, &api):
		return slices.Contains([]string{"NoSuchKey", "NotFound", "NoSuchBucket", "InvalidObjectState", "InvalidBucketName", "KeyTooLongError"}, api.ErrorCode())
	}
	return false
}

// reason is an error in one line without request ids and addresses.
func reason(err error) string {
	var api smithy.APIError
	var op *smithy.OperationError
	switch {
	case errors.As(err, &api) && errors.As(err, &op):
		return op.OperationName + ": " + api.ErrorCode()
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return err.Error()
}
