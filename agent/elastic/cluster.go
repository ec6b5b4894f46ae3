package elastic

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/tidwall/gjson"
)

// cluster asks a cluster single questions.
type cluster struct {
	settings *Settings
	client   *elastictransport.Client
}

// Check asks the cluster once whether it is Elasticsearch and takes the credentials. Its error is one line that says what to do.
func (s *Sender) Check(ctx context.Context) error {
	_, err := (&cluster{&s.settings, s.client}).check(ctx)
	return err
}

// check returns the version too, "" when the cluster does not tell: a key may not have the right to ask, and reduced
// distributions have no answer to GET /.
func (c *cluster) check(ctx context.Context) (version string, err error) {
	status, header, text, err := c.call(ctx, http.MethodGet, "/", nil)
	switch {
	case err != nil:
		return "", err
	case status == http.StatusOK:
		return gjson.GetBytes(text, "version.number").String(), nil
	case isElasticsearch(header) || status == http.StatusUnauthorized:
		return "", c.authenticate(ctx)
	case status == http.StatusTooManyRequests || status >= 500:
		return "", c.settings.explainStatus(status, header, "")
	}
	return "", c.settings.explain(errOther)
}

// authenticate asks whether the credentials are right, whatever they allow. A cluster without security has no answer.
func (c *cluster) authenticate(ctx context.Context) error {
	status, header, _, err := c.call(ctx, http.MethodGet, "/_security/_authenticate", nil)
	if err == nil && status == http.StatusUnauthorized {
		err = c.settings.explainStatus(status, header, "")
	}
	return err
}

// call makes one request with a JSON body, or without one.
func (c *cluster) call(ctx context.Context, method, path string, body []byte) (int, http.Header, []byte, error) {
	ctx, stop := context.WithTimeout(ctx, c.settings.Timeout)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := c.client.Perform(req)
	if err != nil {
		return 0, nil, nil, c.settings.explain(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return 0, nil, nil, c.settings.explain(err)
	}
	return res.StatusCode, res.Header, text, nil
}
