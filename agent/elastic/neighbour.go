package elastic

import (
	"fmt"
	"net/http"
)

// NewNeighbour makes a client for a server that stands beside a cluster and takes the same credentials, as Kibana does. The settings'
// one URL is that server's. The client adds the credentials and trusts the authority of the settings.
func NewNeighbour(s Settings) (*http.Client, error) {
	if err := s.complete(); err != nil {
		return nil, err
	}
	w, err := newWire(&s)
	if err != nil {
		return nil, err
	}
	w.neighbour = true
	s.warn()
	return &http.Client{Transport: w, Timeout: s.Timeout, CheckRedirect: noRedirect}, nil
}

// noRedirect keeps credentials from being sent elsewhere.
func noRedirect(*http.Request, []*http.Request) error {
	return fmt.Errorf("the server redirects: name its own address")
}
