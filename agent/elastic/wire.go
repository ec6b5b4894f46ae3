package elastic

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"

	"github.com/idwatch/idwatch/agent/secret"
	"github.com/idwatch/idwatch/agent/trust"
)

const (
	dialTimeout = 10 * time.Second
	idleTimeout = 90 * time.Second
)

// wire is what goes over the network below the client: it adds the credentials, trusts the authority of the settings, follows
// changes of both files, and takes no answer of a server that is not Elasticsearch.
type wire struct {
	settings  *Settings
	secret    *secret.File[secret.Text] // nil without credentials
	stale     *trouble                  // a changed file that cannot be used
	transport *trust.Transport
	base      http.RoundTripper // tests put in servers without a network
	neighbour bool              // the server is not Elasticsearch, and need not be
}

func newWire(s *Settings) (*wire, error) {
	w := &wire{settings: s, stale: newTrouble(s.Log, "elasticsearch: changed file not used", "elasticsearch: changed file used")}
	var err error
	if w.secret, err = s.authorization(); err != nil {
		return nil, err
	}
	authority, err := trust.OpenNoting(s.CAFile, func(err error) { w.note(trust.Key, err) })
	if err != nil {
		return nil, err
	}
	w.transport = authority.Transport(w.newTransport)
	return w, nil
}

// client makes the part of Elastic's client that spreads requests over the nodes. It does not repeat any: Sender does.
func (w *wire) client() (*elastictransport.Client, error) {
	nodes := make([]*url.URL, len(w.settings.URLs))
	for i, address := range w.settings.URLs {
		nodes[i], _ = url.Parse(trimSlash(address)) // checked before
	}
	return elastictransport.NewClient(
		elastictransport.WithURLs(nodes...),
		elastictransport.WithTransport(w),
		elastictransport.WithDisableRetry(),
		elastictransport.WithUserAgent("idwatch"),
	)
}

func trimSlash(address string) string {
	for len(address) > 0 && address[len(address)-1] == '/' {
		address = address[:len(address)-1]
	}
	return address
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if body, ok := req.Body.(*outgoing); ok {
		body.describe(req)
	}
	if w.secret != nil {
		authorization, err := w.secret.Get()
		w.note(w.secret.Key, err)
		req.Header.Set("Authorization", authorization.Reveal())
	}
	res, err := w.under().RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 == 2 && !w.neighbour && !isElasticsearch(res.Header) {
		res.Body.Close()
		return nil, errOther
	}
	return res, nil
}

// isElasticsearch is the check that Elastic's clients make. Elasticsearch itself leaves the header out of 401.
func isElasticsearch(h http.Header) bool { return h.Get("X-Elastic-Product") == "Elasticsearch" }

// under is what requests go over.
func (w *wire) under() http.RoundTripper {
	if w.base != nil {
		return w.base
	}
	return w.transport
}

func (w *wire) newTransport(config *tls.Config) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    dialTimeout,
		MaxIdleConnsPerHost:    w.settings.InFlight,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: 64 << 10,
		WriteBufferSize:        64 << 10,
		ReadBufferSize:         16 << 10,
	}
}

// note logs that a changed file cannot be used, and that it can be again; what was read before stays in use.
func (w *wire) note(key string, err error) {
	if err != nil {
		w.stale.begin(key, err)
		return
	}
	w.stale.endOf(key)
}

func (w *wire) close() { w.transport.CloseIdleConnections() }
