package torture

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// faults are what a proxy between agent and cluster does. Each goes on for a while.
var faults = []string{"none", "none", "refuse", "429", "502", "413", "cut", "twice", "slow", "403", "half"}

// proxy stands between agent and cluster, and is bad at it.
type proxy struct {
	*httptest.Server
	to    *httputil.ReverseProxy
	alone *sync.RWMutex // the cluster's
	mu    sync.Mutex
	fault string
	did   map[string]int // requests, by what was done to them
}

func newProxy(t *testing.T, to string, transport http.RoundTripper, alone *sync.RWMutex) *proxy {
	t.Helper()
	address, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{alone: alone, fault: "none", did: map[string]int{}, to: &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(address) },
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0), // the server is away now and then
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
		},
	}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *proxy) set(fault string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = fault
}

// counts are how many requests had which fault.
func (p *proxy) counts() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.did)
}

// change has another fault come from time to time until done is closed.
func (p *proxy) change(r *rand.Rand, done <-chan struct{}) {
	for {
		p.set(faults[r.IntN(len(faults))])
		select {
		case <-done:
			p.set("none")
			return
		case <-time.After(time.Duration(100+r.IntN(900)) * time.Millisecond):
		}
	}
}

// ServeHTTP implements http.Handler.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	fault := p.fault
	p.did[fault]++
	p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	again := func() *http.Request {
		c := r.Clone(r.Context())
		c.Body = io.NopCloser(bytes.NewReader(body))
		return c
	}
	switch fault {
	case "refuse":
		cut(w, nil)
	case "429", "502", "403":
		var status int
		fmt.Sscan(fault, &status)
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.WriteHeader(status)
	case "413":
		if len(body) > 20<<10 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		p.to.ServeHTTP(w, again())
	case "cut": // the cluster has it, and nobody says so
		answer := httptest.NewRecorder()
		p.to.ServeHTTP(answer, again())
		cut(w, answer.Body.Bytes()[:answer.Body.Len()/2])
	case "half": // half of the request arrives
		half := again()
		half.Body = io.NopCloser(bytes.NewReader(body[:len(body)/2]))
		half.ContentLength = int64(len(body) / 2)
		p.to.ServeHTTP(httptest.NewRecorder(), half)
		cut(w, nil)
	case "twice":
		p.alone.RLock()
		defer p.alone.RUnlock()
		p.to.ServeHTTP(httptest.NewRecorder(), again())
		p.to.ServeHTTP(w, again())
	case "slow":
		time.Sleep(300 * time.Millisecond) // this is what a slow cluster is
		p.to.ServeHTTP(w, again())
	default:
		p.to.ServeHTTP(w, again())
	}
}

// cut sends the beginning of an answer and breaks the connection.
func cut(w http.ResponseWriter, begin []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if begin != nil {
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nX-Elastic-Product: Elasticsearch\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", 2*len(begin)+1, begin)
	}
	conn.Close()
}
