package estest

import (
	"strings"
	"testing"
)

func TestIntegrationStart(t *testing.T) {
	s := Start(t)
	if again := Start(t); again != s {
		t.Errorf("got another server the second time")
	}
	status, body := s.Call(t, "GET", "/_cluster/health", "")
	if status != 200 || !strings.Contains(body, `"number_of_nodes":1`) {
		t.Errorf("got %d %s", status, body)
	}
}
