package inputtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const secretToken = "0123456789abcdef0123456789abcdef"

// TestHTTP: what was answered 200 is there once, however often the agent was killed.
func TestHTTP(t *testing.T) {
	address := freeAddress(t)
	r := newRig(t, "- {type: http, listen: '"+address+"', token_file: DIR/token, source: okta}\n")
	r.write("token", secretToken)
	r.start()
	sent := make(chan error)
	go func() { sent <- r.post(t.Context(), "http://"+address+"/") }()
	r.crash(nil)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	r.exactlyOnce()
}

// post sends all records as event hooks, as lines and as compressed lines in turn, each until it is answered 200.
func (r *rig) post(ctx context.Context, url string) error {
	forms := []func(lines []string) []byte{
		func(lines []string) []byte { return []byte(strings.Join(lines, "\n")) },
		func(lines []string) []byte {
			return []byte(`{"eventType":"com.okta.event_hook","data":{"events":[` + strings.Join(lines, ",") + `]}}`)
		},
		func(lines []string) []byte {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = io.WriteString(z, strings.Join(lines, "\n"))
			_ = z.Close()
			return b.Bytes()
		},
	}
	for i := 0; i < r.records; i += 10 {
		var lines []string
		for j := i; j < min(i+10, r.records); j++ {
			lines = append(lines, record(j))
		}
		if err := postUntil200(ctx, url, forms[i/10%len(forms)](lines)); err != nil {
			return err
		}
	}
	return nil
}

func postUntil200(ctx context.Context, url string, body []byte) error {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+secretToken)
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond): // the agent is being started
		}
	}
}
