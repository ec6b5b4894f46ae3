package elastic

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// send runs one Send against a fake in a bubble of its own time.
func send(t *testing.T, docs []ecs.Doc, answer func(*asked) (*http.Response, error), check func(s *Sender, f *fake, refused []ecs.Refused, log string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: answer}
		s, log := newTestSender(t, f, Settings{})
		refused, err := s.Send(t.Context(), docs)
		if err != nil {
			t.Fatalf("Send: %v", err)
		}
		check(s, f, refused, log.String())
	})
}

func TestSendRequest(t *testing.T) {
	docs := testDocs(2)
	send(t, docs, created, func(s *Sender, f *fake, refused []ecs.Refused, _ string) {
		a := f.asked[0]
		want := `{"create":{"_index":"logs-okta.system-default","_id":"d0"}}` + "\n" + string(docs[0].Body) + "\n" +
			`{"create":{"_index":"logs-okta.system-default","_id":"d1"}}` + "\n" + string(docs[1].Body) + "\n"
		if a.body != want {
			t.Errorf("got body %q, want %q", a.body, want)
		}
		if got := a.req.URL.Query().Get("pipeline"); got != "_none" {
			t.Errorf("got pipeline %q, want _none", got)
		}
		if a.req.Method != "POST" || a.req.URL.Path != "/_bulk" || a.req.Header.Get("Content-Type") != "application/x-ndjson" {
			t.Errorf("got %s %s %v", a.req.Method, a.req.URL, a.req.Header)
		}
		if got := s.Stats(); got.Delivered != 2 || got.Requests != 1 || len(refused) != 0 {
			t.Errorf("got %+v, refused %v", got, refused)
		}
	})
}

func TestSendSortsItems(t *testing.T) {
	items := []string{
		itemCreated,
		itemFailed(409, "version_conflict_engine_exception"),
		itemFailed(400, "document_parsing_exception"),
		itemFailed(429, "es_rejected_execution_exception"),
		itemFailed(503, "unavailable_shards_exception"),
		itemFailed(403, "cluster_block_exception"),
		itemFailed(400, "index_closed_exception"),
		itemFailed(404, "index_not_found_exception"),
		`{"create":{"status":201,"failure_store":"used"}}`,
		`{"create":{"status":200,"failure_store":"not_applicable_or_unknown"}}`,
	}
	answer := func(a *asked) (*http.Response, error) {
		if a.n == 0 {
			return itemsOf(items...), nil
		}
		return created(a)
	}
	send(t, testDocs(len(items)), answer, func(s *Sender, f *fake, refused []ecs.Refused, log string) {
		want := []ecs.Refused{{Index: 2, Status: 400, Type: "document_parsing_exception"}, {Index: 8, Status: 201, Type: "failure_store"}}
		if !reflect.DeepEqual(refused, want) {
			t.Errorf("got refused %v, want %v", refused, want)
		}
		if got, want := f.asked[1].ids, []string{"d3", "d4", "d5", "d6", "d7"}; !slices.Equal(got, want) {
			t.Errorf("sent again %v, want %v", got, want)
		}
		st := s.Stats()
		if st.Delivered != 8 || st.Duplicates != 1 || st.Refused != 2 || st.Retried != 5 {
			t.Errorf("got %+v", st)
		}
		if strings.Contains(log, "geheim") {
			t.Errorf("the log quotes the server's reason: %s", log)
		}
		if n := strings.Count(log, "documents not taken for now"); n != 1 {
			t.Errorf("got %d lines about documents put off, want 1: %s", n, log)
		}
	})
}

// An answer about fewer or more documents than were sent tells about none.
func TestSendCountsItems(t *testing.T) {
	for name, body := range map[string]string{
		"fewer":      `{"errors":false,"items":[` + itemCreated + `]}`,
		"more":       `{"errors":false,"items":[` + strings.Repeat(itemCreated+",", 2) + itemCreated + `]}`,
		"cut":        `{"errors":false,"items":[` + itemCreated + `,{"create":{"sta`,
		"empty":      ``,
		"not JSON":   `<html>`,
		"no items":   `{"errors":false}`,
		"no status":  `{"errors":false,"items":[` + itemCreated + `,{"create":{}}]}`,
		"lying":      `{"errors":false,"items":[` + itemCreated + `,{"create":{"status":503}}]}`,
		"odd item":   `{"errors":true,"items":[` + itemCreated + `,7]}`,
		"other form": `{"errors":true,"items":{"a":` + itemCreated + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			answer := func(a *asked) (*http.Response, error) {
				if a.n == 0 {
					return respond(200, body), nil
				}
				return created(a)
			}
			send(t, testDocs(2), answer, func(s *Sender, f *fake, refused []ecs.Refused, _ string) {
				if !slices.Contains(f.asked[1].ids, "d1") || len(refused) > 0 || s.Stats().Delivered != 2 {
					t.Errorf("sent again %v, refused %v, %+v", f.asked[1].ids, refused, s.Stats())
				}
			})
		})
	}
}

func TestSendIsolatesPoison(t *testing.T) {
	answer := func(a *asked) (*http.Response, error) {
		if slices.Contains(a.ids, "d13") {
			return respond(400, `{"error":{"type":"illegal_argument_exception","reason":"geheim"},"status":400}`), nil
		}
		return created(a)
	}
	send(t, testDocs(100), answer, func(s *Sender, f *fake, refused []ecs.Refused, log string) {
		want := []ecs.Refused{{Index: 13, Status: 400, Type: "illegal_argument_exception"}}
		if !reflect.DeepEqual(refused, want) || s.Stats().Delivered != 99 {
			t.Errorf("got %v and %+v, want %v", refused, s.Stats(), want)
		}
		if n := f.count(); n > 16 {
			t.Errorf("took %d requests", n)
		}
		if strings.Contains(log, "geheim") {
			t.Errorf("the log quotes the server's reason: %s", log)
		}
	})
}

func TestSendHalvesWhatIsTooLarge(t *testing.T) {
	docs := testDocs(64)
	for i := range docs {
		docs[i].Body = fmt.Appendf(nil, `{"a":%q}`, strings.Repeat("x", 32<<10))
	}
	docs[5].Body = fmt.Appendf(nil, `{"a":%q}`, strings.Repeat("x", 900<<10))
	answer := func(a *asked) (*http.Response, error) {
		if len(a.body) > 600<<10 {
			return respond(413, "too large", "X-Elastic-Product", ""), nil
		}
		return created(a)
	}
	send(t, docs, answer, func(s *Sender, f *fake, refused []ecs.Refused, _ string) {
		want := []ecs.Refused{{Index: 5, Status: 413, Type: "request_too_large"}}
		if !reflect.DeepEqual(refused, want) || s.Stats().Delivered != 63 {
			t.Errorf("got %v and %+v, want %v", refused, s.Stats(), want)
		}
		before := f.count()
		if _, err := s.Send(context.Background(), docs[6:]); err != nil {
			t.Fatal(err)
		}
		for _, a := range f.asked[before:] {
			if len(a.body) > 600<<10 {
				t.Errorf("a request of %d bytes although larger ones were refused before", len(a.body))
			}
		}
	})
}

func TestSendHalvesWhenTheConnectionBreaks(t *testing.T) {
	docs := testDocs(64)
	for i := range docs {
		docs[i].Body = fmt.Appendf(nil, `{"a":%q}`, strings.Repeat("x", 32<<10))
	}
	answer := func(a *asked) (*http.Response, error) {
		if len(a.body) > 600<<10 {
			return nil, io.ErrUnexpectedEOF
		}
		return created(a)
	}
	send(t, docs, answer, func(s *Sender, f *fake, refused []ecs.Refused, log string) {
		if s.Stats().Delivered != 64 || len(refused) != 0 {
			t.Errorf("got %v and %+v", refused, s.Stats())
		}
		if !strings.Contains(log, "connection broken") {
			t.Errorf("got log %s", log)
		}
	})
}

// A refused key stops delivery and loses nothing; it is said once, not at each try.
func TestSendWaitsForTheKey(t *testing.T) {
	const tries = 50
	answer := func(a *asked) (*http.Response, error) {
		switch {
		case a.n < tries:
			return respond(401, `{"error":{"type":"security_exception"}}`, "X-Elastic-Product", ""), nil
		case a.n == tries:
			return respond(403, `{"error":{"type":"security_exception"}}`), nil
		}
		return created(a)
	}
	begin := time.Time{}
	synctest.Test(t, func(t *testing.T) {
		begin = time.Now()
		f := &fake{answer: answer}
		s, log := newTestSender(t, f, Settings{})
		if _, err := s.Send(t.Context(), testDocs(3)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < tries*10*time.Second {
			t.Errorf("%d tries in %v: too fast for a refused key", tries, took)
		}
		if s.Stats().Delivered != 3 || !slices.Equal(f.asked[tries+1].ids, []string{"d0", "d1", "d2"}) {
			t.Errorf("got %+v", s.Stats())
		}
		text := log.String()
		if strings.Count(text, "level=ERROR") != 2 || !strings.Contains(text, "refuses") || !strings.Contains(text, "takes documents again") {
			t.Errorf("got log %s", text)
		}
	})
}

func TestSendHonoursRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		f := &fake{answer: func(a *asked) (*http.Response, error) {
			if a.n == 0 {
				return respond(429, ``, "Retry-After", "77"), nil
			}
			return created(a)
		}}
		s, _ := newTestSender(t, f, Settings{})
		if _, err := s.Send(t.Context(), testDocs(3)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 77*time.Second || took > 80*time.Second {
			t.Errorf("waited %v, want 77 s", took)
		}
	})
}

// One breaker for all: callers that wait do not each try the dead cluster, and its return is not a rush.
func TestSendBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		inside, most := 0, 0
		back := time.Now().Add(10 * time.Minute)
		f := &fake{}
		f.answer = func(a *asked) (*http.Response, error) {
			mu.Lock()
			inside++
			most = max(most, inside)
			mu.Unlock()
			time.Sleep(100 * time.Millisecond) // in the bubble: the time that an answer takes
			mu.Lock()
			inside--
			mu.Unlock()
			if time.Now().Before(back) {
				return respond(503, ``), nil
			}
			return created(a)
		}
		s, log := newTestSender(t, f, Settings{InFlight: 4})
		var senders sync.WaitGroup
		for range 20 {
			senders.Go(func() {
				if _, err := s.Send(t.Context(), testDocs(3)); err != nil {
					t.Error(err)
				}
			})
		}
		senders.Wait()
		if failed := s.Stats().Failed; failed > 140 {
			t.Errorf("%d tries in 10 minutes", failed)
		}
		if most > 4 || s.Stats().Delivered != 60 {
			t.Errorf("%d requests at a time, %+v", most, s.Stats())
		}
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
			t.Errorf("got %d errors in the log, want 1: %s", n, log)
		}
	})
}

// The deadline is for one attempt. What may have arrived is sent again under the same ids.
func TestSendDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(a *asked) (*http.Response, error) {
			if a.n < 5 {
				<-a.req.Context().Done()
				return nil, a.req.Context().Err()
			}
			return created(a)
		}}
		s, log := newTestSender(t, f, Settings{Timeout: 20 * time.Second})
		begin := time.Now()
		if _, err := s.Send(t.Context(), testDocs(3)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 100*time.Second || s.Stats().Delivered != 3 {
			t.Errorf("took %v, %+v", took, s.Stats())
		}
		if !slices.Equal(f.asked[0].ids, f.asked[5].ids) || !strings.Contains(log.String(), "no answer within 20s") {
			t.Errorf("got %v, log %s", f.asked[5].ids, log)
		}
	})
}

func TestSendEndsWithContextOrClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(*asked) (*http.Response, error) { return respond(503, ``), nil }}
		s, _ := newTestSender(t, f, Settings{})
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if _, err := s.Send(ctx, testDocs(1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		time.AfterFunc(time.Minute, func() { s.Close(t.Context()) })
		if _, err := s.Send(t.Context(), testDocs(1)); !errors.Is(err, errClosed) {
			t.Errorf("got %v, want %v", err, errClosed)
		}
	})
}

func TestSendRefusesWhatWouldSpoilARequest(t *testing.T) {
	good := testDocs(1)[0]
	docs := []ecs.Doc{good}
	for _, change := range []func(*ecs.Doc){
		func(d *ecs.Doc) { d.ID = "" },
		func(d *ecs.Doc) { d.ID = strings.Repeat("a", 513) },
		func(d *ecs.Doc) { d.ID = "a\"b" },
		func(d *ecs.Doc) { d.Stream = "logs-okta.system" },
		func(d *ecs.Doc) { d.Stream = "logs-okta.system-" },
		func(d *ecs.Doc) { d.Stream = "logs-okta.system-A" },
		func(d *ecs.Doc) { d.Stream = "logs-okta.system-a-b" },
		func(d *ecs.Doc) { d.Stream = "logs-other-default" },
		func(d *ecs.Doc) { d.Stream = ".security" },
		func(d *ecs.Doc) { d.Body = nil },
		func(d *ecs.Doc) { d.Body = []byte("[1]") },
		func(d *ecs.Doc) { d.Body = []byte("{\n}") },
	} {
		doc := good
		change(&doc)
		docs = append(docs, doc)
	}
	send(t, docs, created, func(s *Sender, f *fake, refused []ecs.Refused, _ string) {
		if len(refused) != len(docs)-1 || !slices.Equal(f.asked[0].ids, []string{"d0"}) {
			t.Errorf("got %d refused of %d: %v", len(refused), len(docs), refused)
		}
	})
}

// A server can answer before it has read the request. The memory of the body is then not written to again.
func TestSendLeavesBodiesThatAreStillRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept []io.ReadCloser
		f := &unread{keep: func(body io.ReadCloser) { kept = append(kept, body) }}
		s, err := open(Settings{URLs: []string{"http://es.test"}, Compression: "none"}, f)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			doc := testDocs(1)
			doc[0].ID = fmt.Sprintf("round%d", i)
			if _, err := s.Send(t.Context(), doc); err != nil {
				t.Fatal(err)
			}
		}
		for i, body := range kept {
			text, _ := io.ReadAll(body)
			if !strings.Contains(string(text), fmt.Sprintf("round%d", i)) {
				t.Errorf("body %d was overwritten: %s", i, text)
			}
		}
	})
}

type unread struct{ keep func(io.ReadCloser) }

func (u *unread) RoundTrip(req *http.Request) (*http.Response, error) {
	u.keep(req.Body)
	return itemsOf(itemCreated), nil
}
