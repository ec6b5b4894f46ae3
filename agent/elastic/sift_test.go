package elastic

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// After a lost answer documents that the cluster has are not sent again: after a rollover it would not know their ids.
func TestLostAnswerIsLookedUp(t *testing.T) {
	docs := testDocs(4)
	lost := func(a *asked) (*http.Response, error) {
		if a.n == 0 {
			return nil, errors.New("connection reset")
		}
		return created(a)
	}
	for name, c := range map[string]struct {
		has  map[string]bool
		want []string
	}{
		"some are there": {map[string]bool{"d0": true, "d2": true}, []string{"d1", "d3"}},
		"all are there":  {map[string]bool{"d0": true, "d1": true, "d2": true, "d3": true}, nil},
		"no stream yet":  {nil, []string{"d0", "d1", "d2", "d3"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: lost, has: c.has}
				s, _ := newTestSender(t, f, Settings{})
				refused, err := s.Send(t.Context(), docs)
				if err != nil || len(refused) > 0 {
					t.Fatal(refused, err)
				}
				var again []string
				for _, a := range f.asked[1:] {
					again = append(again, a.ids...)
				}
				if !slices.Equal(again, c.want) {
					t.Errorf("sent again: got %v, want %v", again, c.want)
				}
				if got := s.Stats().Delivered; got != 4 {
					t.Errorf("got %d delivered, want 4", got)
				}
			})
		})
	}
}

// What a process before this one may have sent is looked for before it is sent.
func TestSendAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: created, has: map[string]bool{"d1": true}}
		s, _ := newTestSender(t, f, Settings{})
		if _, err := s.SendAgain(t.Context(), testDocs(3)); err != nil {
			t.Fatal(err)
		}
		if f.count() != 1 || !slices.Equal(f.asked[0].ids, []string{"d0", "d2"}) {
			t.Errorf("got %d requests, the first with %v, want d0 and d2", f.count(), f.asked[0].ids)
		}
		if len(f.sifts) != 2 || !strings.HasSuffix(f.sifts[0], "/_refresh") {
			t.Errorf("got %v, want a refresh before the search", f.sifts)
		}
	})
}

// A look-up tells that documents are not there only if all of the stream was looked at.
func TestLookUpsThatTellNothing(t *testing.T) {
	for name, c := range map[string]struct {
		answer func() *http.Response // to the first look-ups
		first  int                   // which of refresh and search gets it
		again  []string
	}{
		"a proxy forbids":     {func() *http.Response { return respond(403, "", "X-Elastic-Product", "") }, 0, []string{"d1"}},
		"a proxy knows none":  {func() *http.Response { return respond(404, "not here", "X-Elastic-Product", "") }, 0, []string{"d1"}},
		"shards still start":  {func() *http.Response { return respond(200, `{"_shards":{"total":3,"successful":2,"failed":0}}`) }, 1, []string{"d1"}},
		"the key may not":     {func() *http.Response { return respond(403, `{"error":{"type":"security_exception"}}`) }, 0, []string{"d0", "d1"}},
		"a shard is lost":     {func() *http.Response { return respond(200, `{"_shards":{"total":3,"successful":2,"failed":1}}`) }, -1, []string{"d0", "d1"}},
		"there is no stream":  {func() *http.Response { return respond(404, `{"error":{"type":"index_not_found_exception"}}`) }, 0, []string{"d0", "d1"}},
		"the cluster is away": {func() *http.Response { return respond(503, `{}`) }, 1, []string{"d1"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{answer: created, has: map[string]bool{"d0": true}}
				f.look = func(n int) *http.Response {
					if n == c.first || c.first < 0 && n%2 == 1 {
						return c.answer()
					}
					return nil
				}
				s, log := newTestSender(t, f, Settings{})
				began := time.Now()
				if _, err := s.SendAgain(t.Context(), testDocs(2)); err != nil {
					t.Fatal(err)
				}
				if got := f.asked[0].ids; f.count() != 1 || !slices.Equal(got, c.again) {
					t.Errorf("sent again: got %v, want %v", got, c.again)
				}
				if waited := time.Since(began); c.first < 0 && (waited < gapsFor || waited > 2*gapsFor || !strings.Contains(log.String(), "missing shards")) {
					t.Errorf("waited %v for a shard that is lost: %s", waited, log)
				}
			})
		})
	}
}

// A server that failed while it was at a document may have it.
func TestFailedItemsAreLookedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{has: map[string]bool{"d1": true}, answer: func(a *asked) (*http.Response, error) {
			if a.n == 0 {
				return itemsOf(itemCreated, itemFailed(503, "node_closed_exception"), itemFailed(429, "es_rejected_execution_exception")), nil
			}
			return created(a)
		}}
		s, _ := newTestSender(t, f, Settings{})
		if _, err := s.Send(t.Context(), testDocs(3)); err != nil {
			t.Fatal(err)
		}
		if got := f.asked[1].ids; f.count() != 2 || !slices.Equal(got, []string{"d2"}) {
			t.Errorf("sent again: got %v, want d2", got)
		}
		if got := s.Stats().Delivered; got != 3 {
			t.Errorf("got %d delivered, want 3", got)
		}
	})
}

// A refusal that is an answer leaves no doubt.
func TestAnswersLeaveNoDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{has: map[string]bool{}, answer: func(a *asked) (*http.Response, error) {
			if a.n < 3 {
				return respond([]int{429, 503, 401}[a.n], `{}`), nil
			}
			return created(a)
		}}
		s, _ := newTestSender(t, f, Settings{})
		if _, err := s.Send(t.Context(), testDocs(2)); err != nil {
			t.Fatal(err)
		}
		if len(f.sifts) > 0 {
			t.Errorf("got %v, want no look-ups", f.sifts)
		}
	})
}

// After an outage alerts go before all events that wait, one at a time at first.
func TestAlertsGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		var mu sync.Mutex
		f := &fake{answer: func(a *asked) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if down {
				return respond(503, `{}`), nil
			}
			return created(a)
		}}
		s, _ := newTestSender(t, f, Settings{})
		var sending sync.WaitGroup
		for range 6 {
			sending.Go(func() { _, _ = s.Send(t.Context(), testDocs(1)) })
		}
		<-time.After(time.Minute)
		alert := []ecs.Doc{{Stream: "logs-idwatch.alert-default", ID: "alert", Body: []byte(`{}`)}}
		sending.Go(func() { _, _ = s.Send(t.Context(), alert) })
		synctest.Wait()
		mu.Lock()
		down = false
		before := f.count()
		mu.Unlock()
		sending.Wait()
		if first := f.asked[before].ids; !slices.Equal(first, []string{"alert"}) {
			t.Errorf("first after the outage: got %v, want the alert", first)
		}
	})
}
