package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// cluster is an Elasticsearch server. What proves who we are comes from the environment, as for the demo's configuration:
// ES_CA_FILE, and ES_API_KEY_FILE or ES_USERNAME with ES_PASSWORD_FILE.
type cluster struct {
	url    string
	client *http.Client
}

func newCluster(url string) *cluster {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if name := os.Getenv("ES_CA_FILE"); name != "" {
		pem, err := os.ReadFile(name)
		pool := x509.NewCertPool()
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			fail(errors.New("ES_CA_FILE holds no certificate that can be read"))
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return &cluster{strings.TrimSuffix(url, "/"), &http.Client{Timeout: 30 * time.Second, Transport: transport}}
}

func (c *cluster) ask(method, path, body string, into any) error {
	req, err := http.NewRequest(method, c.url+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if key := secret("ES_API_KEY_FILE"); key != "" {
		req.Header.Set("Authorization", "ApiKey "+key)
	} else if user := os.Getenv("ES_USERNAME"); user != "" {
		req.SetBasicAuth(user, secret("ES_PASSWORD_FILE"))
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: HTTP %d", method, path, resp.StatusCode)
	}
	return json.Unmarshal(b, into)
}

func secret(variable string) string {
	b, err := os.ReadFile(os.Getenv(variable))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// ours are the data streams that the demo writes to.
const ours = "logs-okta.system-default,logs-azure.signinlogs-default,logs-azure.auditlogs-default,logs-azure.identity_protection-default," +
	"logs-azure.graphactivitylogs-default,logs-aws.cloudtrail-default,logs-hashicorp_vault.audit-default,logs-idwatch.deadletter-default"

// demoDays keeps records of somebody else out of the count.
const demoDays = `{"range":{"@timestamp":{"gte":"2026-08-31","lt":"2026-09-23"}}}`

func (c *cluster) count() (map[string]int, error) {
	counts := map[string]int{}
	for _, stream := range strings.Split(ours, ",") {
		var answer struct{ Count int }
		err := c.ask("POST", "/"+stream+"/_count?ignore_unavailable=true", `{"query":`+demoDays+`}`, &answer)
		if err != nil {
			return nil, err
		}
		if answer.Count > 0 {
			counts[stream] = answer.Count
		}
	}
	return counts, nil
}

func (c *cluster) find(stream, eventID string) ([]byte, error) {
	var answer struct {
		Hits struct {
			Hits []struct {
				Source json.RawMessage `json:"_source"`
			}
		}
	}
	err := c.ask("POST", "/"+stream+"/_search", fmt.Sprintf(`{"size":1,"query":{"term":{"event.id":%q}}}`, eventID), &answer)
	if err != nil {
		return nil, err
	}
	if len(answer.Hits.Hits) == 0 {
		return nil, fmt.Errorf("no document %s in %s", eventID, stream)
	}
	return answer.Hits.Hits[0].Source, nil
}
