package inputtest

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/source/okta/oktatest"
)

// TestOkta: everything in the log comes once, though the agent and Okta stop again and again, and Okta limits the rate.
func TestOkta(t *testing.T) {
	address := freeAddress(t)
	r := newRig(t, "- {type: okta, url: 'http://"+address+"', token_file: DIR/token, interval: 1s, limit: 50, since: 90d}\n")
	r.write("token", secretToken)
	okta := &oktatest.Server{URL: "http://" + address, Token: secretToken, Budget: -1}
	published := time.Now().Add(-time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	for i := range r.records {
		text := record(i)
		at := strings.Index(text, `"published":"`) + len(`"published":"`)
		okta.Store(text[:at] + published + text[at+len(published):]) // of one millisecond, all of them
	}
	serve := func() *http.Server {
		l, err := net.Listen("tcp4", address)
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: okta}
		go func() { _ = server.Serve(l) }()
		return server
	}
	server := serve()
	t.Cleanup(func() { _ = server.Close() })
	r.start()
	r.crash(func(n int) {
		_ = server.Close()
		server = serve()
		okta.Lock()
		okta.Failing, okta.Fail = 1, http.StatusInternalServerError
		okta.Unlock()
	})
	r.exactlyOnce()
	if pages, least := len(okta.Requests), r.records/50; pages > least+10 {
		t.Errorf("%d pages were asked for, want about %d", pages, least)
	}
	t.Log(fmt.Sprint(len(okta.Requests)) + " requests")
}
