package okta

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/idwatch/idwatch/agent/trust"
)

const (
	logsPath      = "/api/v1/logs"
	dialTimeout   = 10 * time.Second
	headerTimeout = time.Minute
	stallTimeout  = time.Minute // for the next bytes of a page
	maxPage       = 256 << 20
	maxHeader     = 64 << 10
	maxAnswer     = 64 << 10
)

var (
	errNoNext   = errors.New("answer has no link to the next page")
	errRedirect = errors.New("answer is a redirect, which is not followed")
	errLarge    = errors.New("page is too large")
)

// newClient makes a client that follows no redirect: the credentials are for one server.
func newClient(caFile string, log *slog.Logger) (*http.Client, error) {
	authority, err := trust.Open(caFile, log)
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Transport: authority.Transport(func(c *tls.Config) *http.Transport {
			return &http.Transport{
				Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext, TLSClientConfig: c,
				TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: headerTimeout, MaxResponseHeaderBytes: maxHeader, ForceAttemptHTTP2: true,
			}
		}),
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
	}, nil
}

// page is an answer with records, which are read from it.
type page struct {
	body io.ReadCloser
	stop context.CancelFunc
	read int64
	next string        // query of the next page
	wait time.Duration // how long Okta wants no more requests
}

// Read implements io.Reader.
func (p *page) Read(b []byte) (int, error) {
	stalled := time.AfterFunc(stallTimeout, p.stop)
	n, err := p.body.Read(b)
	stalled.Stop()
	if p.read += int64(n); p.read > maxPage {
		return n, errLarge
	}
	return n, err
}

func (p *page) close() {
	p.stop()
	_ = p.body.Close()
}

// refusal is an answer that is no page. Its text has nothing of the answer's body but Okta's error code.
type refusal struct {
	status int
	code   string
	wait   time.Duration // until the next request; 0 when Okta does not say
}

// Error implements error.
func (r *refusal) Error() string {
	text := "okta answers " + strconv.Itoa(r.status)
	if r.code != "" {
		text += " " + r.code
	}
	switch r.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		text += ": the credentials are not valid, or may not read the log"
	case http.StatusTooManyRequests:
		text += ": too many requests"
	}
	return text
}

// isCursor reports whether Okta does not know the link any more.
func (r *refusal) isCursor() bool {
	return r.status == http.StatusBadRequest || r.status == http.StatusNotFound || r.status == http.StatusGone
}

// fetch asks for a page.
func (p *Poller) fetch(ctx context.Context, query string) (_ *page, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer func() {
		if err != nil {
			stop()
		}
	}()
	res, err := p.ask(ctx, query)
	if err == nil && res.StatusCode == http.StatusUnauthorized && p.auth.renew() {
		_ = res.Body.Close()
		res, err = p.ask(ctx, query)
	}
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, refused(res)
	}
	out := &page{body: res.Body, stop: stop, next: nextOf(res.Header)}
	if res.Header.Get("X-Rate-Limit-Remaining") == "0" {
		out.wait = untilReset(res.Header)
	}
	return out, nil
}

func (p *Poller) ask(ctx context.Context, query string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+logsPath+"?"+query, nil)
	if err != nil {
		return nil, errors.New("url is not an address")
	}
	authorization, err := p.auth.header(ctx)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", authorization)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "idwatch")
	res, err := p.client.Do(req)
	return res, plain(err)
}

// plain leaves out the address that Go puts before an error: the query has the link's secrets of the organisation.
func plain(err error) error {
	var address *url.Error
	if errors.As(err, &address) {
		return address.Err
	}
	return err
}

// refused reads what an answer says that is no page.
func refused(res *http.Response) error {
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	r := &refusal{status: res.StatusCode, code: codeOf(body)}
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		r.wait = untilReset(res.Header)
	case res.Header.Get("Retry-After") != "":
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		r.wait = clamp(time.Duration(seconds) * time.Second)
	case res.StatusCode == http.StatusUnauthorized, res.StatusCode == http.StatusForbidden:
		r.wait = longPause
	}
	return r
}

// nextOf returns the query of the link that the answer calls next. The rest of the address is ours: credentials go to no other server.
func nextOf(h http.Header) string {
	for _, line := range h.Values("Link") {
		for _, link := range strings.Split(line, ",") {
			address, parameters, ok := strings.Cut(strings.TrimSpace(link), ">")
			if !ok || !strings.Contains(parameters, `rel="next"`) {
				continue
			}
			if u, err := url.Parse(strings.TrimPrefix(address, "<")); err == nil && u.Query().Has("after") {
				return u.RawQuery
			}
		}
	}
	return ""
}

// untilReset is how long Okta's limit lasts, by Okta's own clock where it shows it.
// https://developer.okta.com/docs/reference/rl-best-practices/
func untilReset(h http.Header) time.Duration {
	reset, err := strconv.ParseInt(h.Get("X-Rate-Limit-Reset"), 10, 64)
	if err != nil {
		return longPause
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return clamp(time.Unix(reset, 0).Sub(now)) + time.Second // the clocks show seconds
}

// clamp keeps a wrong clock or header from stopping the input.
func clamp(d time.Duration) time.Duration { return min(max(d, time.Second), 10*time.Minute) }
