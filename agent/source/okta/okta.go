// Package okta is the input that polls Okta's System Log API.
//
// It asks for records in the order in which Okta stored them and follows the links that Okta gives from page to page, also over
// restarts: a position made of times would lose records of the same millisecond and those that Okta stores late.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/
package okta

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/idwatch/idwatch/agent/source"
)

// Settings says what to ask, how to show who asks, and where records go.
type Settings struct {
	URL      string // of the organisation: https://acme.okta.com
	CAFile   string
	Auth     Auth
	Since    time.Duration // how far back the first request ever goes
	Interval time.Duration // between requests when there is nothing more
	Limit    int           // records a page
	Position string        // file that keeps how far it has read
	Taker    source.Taker
	Split    source.Split
	Log      *slog.Logger
}

// Poller is the input.
type Poller struct {
	Settings
	client *http.Client
	auth   *authorizer
	put    source.Put
	at     position

	records, bytes, errors atomic.Int64
	since                  atomic.Int64 // see source.Stats, in nanoseconds; 0 before anything is known
}

// overlap is how far a new start goes back behind the newest record, for those that were stored late.
const overlap = time.Hour

const (
	firstPause = time.Second
	longPause  = time.Minute
)

// Open reads the position and the credentials.
func Open(s Settings) (*Poller, error) {
	s.URL = strings.TrimRight(s.URL, "/")
	client, err := newClient(s.CAFile, s.Log)
	if err != nil {
		return nil, err
	}
	auth, err := newAuthorizer(s.URL, s.Auth, client)
	if err != nil {
		return nil, err
	}
	p := &Poller{Settings: s, client: client, auth: auth, put: source.Patient(s.Taker, s.Log)}
	if p.at, err = loadPosition(s.Position, s.Log); err != nil {
		return nil, fmt.Errorf("position: %w", err)
	}
	p.reached(p.at.Newest)
	return p, nil
}

// Stats returns the input's counters. It may be called at any time.
func (p *Poller) Stats() source.Stats {
	s := source.Stats{Records: p.records.Load(), Bytes: p.bytes.Load(), Errors: p.errors.Load()}
	if since := p.since.Load(); since != 0 {
		s.Since = time.Unix(0, since)
	}
	return s
}

// reached notes that the log is read up to a time.
func (p *Poller) reached(at string) {
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		p.since.Store(t.UnixNano())
	}
}

// Run polls until ctx ends.
func (p *Poller) Run(ctx context.Context) error {
	failures, told := 0, ""
	for ctx.Err() == nil {
		pause, err := p.step(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			failures++
			p.errors.Add(1)
			if text := err.Error(); text != told { // once for each kind of trouble
				p.Log.Error("okta: no records", "err", err, "again_in", pause)
				told = text
			}
		case failures > 0:
			p.Log.Info("okta: records again", "failures", failures)
			failures, told = 0, ""
		}
		if err != nil && pause == 0 {
			pause = min(firstPause<<min(failures-1, 6), longPause)
		}
		source.Wait(ctx, pause)
	}
	return nil
}

// step asks for one page, hands its records over and, when they are safe, moves the position. It returns how long to wait until the next:
// not at all when there is more, and as long as Okta wants when its limit is reached.
func (p *Poller) step(ctx context.Context) (time.Duration, error) {
	asked := time.Now()
	page, err := p.fetch(ctx, p.query())
	if err != nil {
		return p.recover(err)
	}
	defer page.close()
	delivery := source.NewDelivery(p.put)
	newest := p.at.Newest
	err = p.Split(page, func(record []byte, _ int64) error {
		newest = later(newest, record)
		return delivery.Add(ctx, record)
	})
	if err != nil {
		return 0, fmt.Errorf("read page: %w", err)
	}
	safe, err := delivery.End(ctx)
	if err != nil {
		return 0, err
	}
	select {
	case <-safe:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	p.records.Add(int64(delivery.Records()))
	p.bytes.Add(page.read)
	if page.next == "" {
		return 0, errNoNext
	}
	if err := p.move(position{Next: page.next, Newest: newest}); err != nil {
		return 0, err
	}
	if delivery.Records() >= p.Limit { // there is more: how much, nobody knows
		p.reached(newest)
		return page.wait, nil
	}
	p.since.Store(asked.UnixNano())
	return max(p.Interval, page.wait), nil
}

// recover decides what follows an answer that is no page.
func (p *Poller) recover(err error) (time.Duration, error) {
	var refusal *refusal
	if !errors.As(err, &refusal) {
		return 0, err
	}
	if refusal.isCursor() && p.at.Next != "" {
		p.at.Next = "" // asks by time once: what is read twice has the ids it had
		p.errors.Add(1)
		p.Log.Error("okta: link to the next page is no longer valid, reading again from before the newest record", "status", refusal.status, "newest", p.at.Newest)
		return firstPause, nil
	}
	return refusal.wait, err
}

// query is what the next request asks.
func (p *Poller) query() string {
	if p.at.Next != "" {
		return p.at.Next
	}
	since := time.Now().Add(-p.Since)
	if newest, err := time.Parse(time.RFC3339, p.at.Newest); err == nil {
		since = newest.Add(-overlap)
	}
	return url.Values{
		"since": {since.UTC().Format("2006-01-02T15:04:05.000Z")}, "sortOrder": {"ASCENDING"}, "limit": {strconv.Itoa(p.Limit)},
	}.Encode()
}

// move makes a position the one that a restart goes on from.
func (p *Poller) move(to position) error {
	if to == p.at {
		return nil
	}
	if err := to.save(p.Position); err != nil {
		return fmt.Errorf("save position: %w", err)
	}
	p.at = to
	return nil
}
