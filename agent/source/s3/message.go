package s3

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/idwatch/idwatch/agent/source"
)

// take works on one message: all its objects have to become safe before it is deleted. A message that fails comes again.
func (r *Reader) take(ctx context.Context, m *types.Message) {
	defer r.inWork.begin(m)()
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go r.keep(work, m, stop)
	receives, _ := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	err := r.deliver(work, m)
	if err != nil && isPermanent(err) && receives >= r.MaxReceives {
		r.fault(ctx, "object becomes a dead letter", err, "receives", receives)
		err = r.bury(work, m, err, receives)
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		if cause := context.Cause(work); cause != nil {
			err = cause
		}
		r.fault(ctx, "message not worked off, which comes again", err, "receives", receives)
	default:
		r.trouble.over("message not worked off, which comes again")
		if err := r.forget(ctx, m); err != nil {
			r.fault(ctx, "message not deleted, which comes again", err)
		}
	}
}

// deliver hands over the records of all objects of a message and returns when they are safe.
func (r *Reader) deliver(ctx context.Context, m *types.Message) error {
	objects, err := announced(aws.ToString(m.Body))
	if err != nil {
		return err
	}
	delivery := source.NewDelivery(r.put)
	for _, o := range objects {
		if err := r.read(ctx, o, delivery); err != nil {
			return err
		}
	}
	return r.await(ctx, delivery)
}

func (r *Reader) await(ctx context.Context, d *source.Delivery) error {
	safe, err := d.End(ctx)
	if err != nil {
		return err
	}
	select {
	case <-safe:
		r.records.Add(int64(d.Records()))
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// bury hands over a line of text, which no parser takes for a record, in the place of what cannot be read.
func (r *Reader) bury(ctx context.Context, m *types.Message, why error, receives int) error {
	text := "S3 object not read after " + strconv.Itoa(receives) + " receives: " + reason(why) + "; announced by: " + aws.ToString(m.Body)
	delivery := source.NewDelivery(r.put)
	if err := delivery.Add(ctx, []byte(text)); err != nil {
		return err
	}
	return r.await(ctx, delivery)
}

// keep makes sure that nobody else receives a message that is in work, however long its records take to become safe. When that can no
// longer be had, which is so after 12 hours at the latest, the work is given up: the message comes again.
func (r *Reader) keep(ctx context.Context, m *types.Message, giveUp context.CancelCauseFunc) {
	for until := time.Now().Add(r.Visibility); source.Wait(ctx, r.Visibility/3); {
		_, err := r.queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl: aws.String(r.QueueURL), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: int32(r.Visibility.Seconds()),
		})
		switch {
		case err == nil:
			until = time.Now().Add(r.Visibility)
		case ctx.Err() == nil && time.Now().After(until.Add(-r.Visibility/3)):
			giveUp(errors.Join(errLost, err))
			return
		}
	}
}

var errLost = errors.New("message belongs to us no longer")

// forget deletes a message. Its records are safe already, so that the end of the agent must not keep it from being deleted.
func (r *Reader) forget(ctx context.Context, m *types.Message) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := r.queue.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(r.QueueURL), ReceiptHandle: m.ReceiptHandle})
	return err
}
