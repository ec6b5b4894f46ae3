package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"
	"time"
)

// ErrNotRunning says that no process answers in a data directory.
var ErrNotRunning = errors.New("no running process answers in the data directory")

const dialTimeout = 3 * time.Second

// Client asks the process that has a data directory.
type Client struct{ http *http.Client }

// Dial returns a client for a data directory. It connects when it is used.
func Dial(dir string) *Client {
	return &Client{&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			address, done, err := addressIn(dir)
			if err != nil {
				return nil, err
			}
			defer done()
			return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", address)
		},
		DisableKeepAlives: true,
	}}}
}

// Call makes a request with in as JSON body, none when it is nil, and reads the answer into out unless that is nil. Without a
// process its error is ErrNotRunning; what the process refuses is a Refusal.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	answer, err := c.Stream(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer answer.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer).Decode(out); err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	return nil
}

// Stream makes a request and returns the body of its answer, which the caller closes.
func (c *Client) Stream(ctx context.Context, method, path string, in any) (io.ReadCloser, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://idwatch"+path, body)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(r)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, ErrNotRunning
	case errors.Is(err, fs.ErrPermission):
		return nil, errors.New("the data directory's socket belongs to another user")
	case err != nil:
		return nil, fmt.Errorf("ask the running process: %w", err)
	case answer.StatusCode == http.StatusOK:
		return answer.Body, nil
	}
	defer answer.Body.Close()
	var f fault
	if json.NewDecoder(answer.Body).Decode(&f) != nil || f.Error == "" {
		f.Error = "the running process is of another version: it answers " + answer.Status
	}
	return nil, Refusal{answer.StatusCode, f.Error}
}
