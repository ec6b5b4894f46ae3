package hook

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	// roomTimeout is how long a request waits for room before it is told to come again. Okta waits 3 seconds for an answer.
	roomTimeout = 2 * time.Second
	// retryAfter is when a sender that is told to come again may do so, in seconds.
	retryAfter = "5"
	// maxChallenge is far more than Okta sends.
	maxChallenge = 1024
)

// refuse answers with a reason and closes the connection, whose body is not read to its end.
func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Connection", "close")
	answer(w, status, map[string]any{"error": reason})
}

// later tells a sender to come again. 503 and not 429, because Okta repeats after the one and not after the other.
func later(w http.ResponseWriter, reason string) {
	w.Header().Set("Retry-After", retryAfter)
	refuse(w, http.StatusServiceUnavailable, reason)
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who has gone gets no answer
}

// verify shows Okta that the hook is wanted. The challenge is no secret and comes before Okta has been told any.
// https://developer.okta.com/docs/concepts/event-hooks/
func verify(w http.ResponseWriter, challenge string) {
	if len(challenge) > maxChallenge {
		refuse(w, http.StatusBadRequest, "challenge is too long")
		return
	}
	answer(w, http.StatusOK, map[string]any{"verification": challenge})
}

// take hands the records of a body over and answers when they are safe.
func (s *Server) take(w http.ResponseWriter, r *http.Request) {
	ctx, stop := context.WithTimeout(r.Context(), s.Timeout)
	defer stop()
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.Timeout)) // a body has no time-out of its own
	body := &bodyReader{r: http.MaxBytesReader(w, r.Body, s.MaxBody)}
	delivery := source.NewDelivery(s.put)
	err := s.Split(body, func(record []byte, _ int64) error { return delivery.Add(ctx, record) })
	var safe <-chan struct{}
	if err == nil {
		safe, err = delivery.End(ctx)
	}
	s.records.Add(int64(delivery.Records()))
	s.bytes.Add(body.n)
	if err != nil {
		s.fail(w, body, err)
		return
	}
	select {
	case <-safe:
		answer(w, http.StatusOK, map[string]any{"records": delivery.Records()})
	case <-ctx.Done():
		later(w, "records are not safe yet")
	}
}

// put waits for room no longer than senders wait.
func (s *Server) put(ctx context.Context, records [][]byte, safe func()) error {
	ctx, stop := context.WithTimeout(ctx, roomTimeout)
	defer stop()
	return s.Taker.Put(ctx, records, safe)
}

// fail answers to a body that was not taken as a whole.
func (s *Server) fail(w http.ResponseWriter, body *bodyReader, err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(body.err, &tooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "body is too large")
	case s.TooMuch != nil && errors.Is(err, s.TooMuch):
		refuse(w, http.StatusRequestEntityTooLarge, "body inflates to too much")
	case errors.Is(err, ecs.ErrFull), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		later(w, "no room for more records")
		return
	case body.err != nil:
		refuse(w, http.StatusBadRequest, "body ends too early")
	default:
		s.Log.Warn("request not readable to its end", "err", err, "bytes", body.n)
		refuse(w, http.StatusBadRequest, "body cannot be read to its end")
	}
	s.errors.Add(1)
}

// bodyReader tells what is wrong with the connection from what is wrong with the content.
type bodyReader struct {
	r   io.Reader
	n   int64
	err error // why the reading ended, unless at the end
}

// Read implements io.Reader.
func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}
