package escalate

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// alert is the document of an alert.
func alert(id string, revision int, ladder string, more string) ecs.Doc {
	return ecs.Doc{Stream: "logs-idwatch.alert-default", ID: fmt.Sprintf("%s-%d", id, revision), Body: fmt.Appendf(nil,
		`{"@timestamp":"2026-09-01T08:00:00Z","event":{"id":%q,"kind":"alert","reason":"root <b>made</b> a key","severity":73,"risk_score":80,"original":"secret"},`+
			`"rule":{"id":"r","name":"Rule"},"idwatch":{"revision":%d,"identity":{"id":"alice","owner":"boss","escalation":%s}%s}}`, id, revision, ladder, more)}
}

// desk notes who was told of what, and fails whom it is told to.
type desk struct {
	mu    sync.Mutex
	start time.Time
	away  map[string]bool
	told  []string // "1h0m0s oncall a"
}

func (d *desk) send(_ context.Context, t *Target, m *Message) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away[t.Name] {
		return errors.New("away")
	}
	d.told = append(d.told, fmt.Sprintf("%s %s %s %d/%d", time.Since(d.start), t.Name, m.Alert, m.Step, m.Steps))
	return nil
}

func (d *desk) isAway(name string, away bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.away[name] = away
}

// climbing runs a ladder until the returned function ends it.
func climbing(t *testing.T, file string, d *desk) (*Ladder, func()) {
	t.Helper()
	target := func(name string) Target { return Target{Name: name, URL: "https://h.example/", Wait: 15 * time.Minute} }
	l, err := Open(Settings{File: file, Targets: []Target{target("oncall"), target("chief"), target("soc")}, Default: []string{"soc"}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	l.send = d.send
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	return l, func() { stop(); <-ended }
}

func checkTold(t *testing.T, d *desk, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !reflect.DeepEqual(d.told, want) {
		t.Errorf("told: got %q, want %q", d.told, want)
	}
}

// inBubble runs a test in its own time.
func inBubble(t *testing.T, do func(t *testing.T, file string, d *desk)) {
	synctest.Test(t, func(t *testing.T) {
		do(t, filepath.Join(t.TempDir(), "ladder.json"), &desk{start: time.Now(), away: map[string]bool{}})
	})
}

func TestLadder(t *testing.T) {
	inBubble(t, func(t *testing.T, file string, d *desk) {
		l, end := climbing(t, file, d)
		defer end()
		l.TakeLetters([]ecs.Doc{alert("a", 0, `["oncall","unknown","chief"]`, ""), alert("b", 0, `[]`, ""), {Stream: "logs-idwatch.signal-default", Body: alert("s", 0, `["soc"]`, "").Body}})
		time.Sleep(time.Hour)
		checkTold(t, d, "0s oncall a 1/2", "0s soc b 1/1", "15m0s chief a 2/2")
		l.TakeLetters([]ecs.Doc{alert("a", 1, `["oncall"]`, "")}) // everybody was told: a revision is no news
		time.Sleep(time.Hour)
		checkTold(t, d, "0s oncall a 1/2", "0s soc b 1/1", "15m0s chief a 2/2")
		if l.Waiting() != 0 {
			t.Errorf("got %d on the ladder, want none", l.Waiting())
		}
	})
}

func TestWhatEndsAnAlert(t *testing.T) {
	inBubble(t, func(t *testing.T, file string, d *desk) {
		l, end := climbing(t, file, d)
		defer end()
		l.TakeLetters([]ecs.Doc{alert("a", 0, `["oncall","chief"]`, ""), alert("b", 0, `["oncall","chief"]`, ""), alert("c", 0, `["oncall","chief"]`, "")})
		time.Sleep(time.Minute)
		l.End("a") // acknowledged
		l.TakeLetters([]ecs.Doc{alert("b", 1, `[]`, `,"withdrawn":true`), alert("c", 1, `[]`, `,"folded_into":"x"`)})
		l.TakeLetters([]ecs.Doc{alert("a", 1, `["oncall"]`, "")})
		time.Sleep(time.Hour)
		checkTold(t, d, "0s oncall a 1/2", "0s oncall b 1/2", "0s oncall c 1/2")
	})
}

// What became an alert only by a revision goes up the ladder, too.
func TestSignalThatBecomesAnAlert(t *testing.T) {
	inBubble(t, func(t *testing.T, file string, d *desk) {
		l, end := climbing(t, file, d)
		defer end()
		l.TakeLetters([]ecs.Doc{alert("a", 2, `["oncall"]`, "")})
		time.Sleep(time.Minute)
		checkTold(t, d, "0s oncall a 1/1")
	})
}

// A receiver that is away is tried again, and holds nobody up for longer than he has for answering.
func TestReceiversThatAreAway(t *testing.T) {
	inBubble(t, func(t *testing.T, file string, d *desk) {
		d.isAway("oncall", true)
		l, end := climbing(t, file, d)
		defer end()
		l.TakeLetters([]ecs.Doc{alert("a", 0, `["oncall","chief"]`, "")})
		time.Sleep(40 * time.Second)
		if target, since := l.Failing(); target != "oncall" || !since.Equal(d.start) {
			t.Errorf("failing: got %q since %v, want oncall since the start", target, since)
		}
		d.isAway("oncall", false)
		time.Sleep(time.Minute)
		checkTold(t, d, "45s oncall a 1/2")
		if target, _ := l.Failing(); target != "" {
			t.Errorf("failing: got %q, want none", target)
		}
		d.isAway("oncall", true)
		l.End("a")
		l.TakeLetters([]ecs.Doc{alert("b", 0, `["oncall","chief"]`, "")})
		time.Sleep(time.Hour)
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.told) != 2 || !strings.HasSuffix(d.told[1], "chief b 2/2") {
			t.Errorf("told: got %q, want the next one instead", d.told)
		}
	})
}

// A restart forgets nothing and tells nobody twice.
func TestRestart(t *testing.T) {
	inBubble(t, func(t *testing.T, file string, d *desk) {
		l, end := climbing(t, file, d)
		l.TakeLetters([]ecs.Doc{alert("a", 0, `["oncall","chief"]`, "")})
		time.Sleep(time.Minute)
		end()
		time.Sleep(time.Hour) // nothing runs
		l, end = climbing(t, file, d)
		l.TakeLetters([]ecs.Doc{alert("a", 0, `["oncall","chief"]`, "")}) // read again from the spool
		time.Sleep(time.Hour)
		end()
		checkTold(t, d, "0s oncall a 1/2", "1h1m0s chief a 2/2")
		l, end = climbing(t, file, d)
		l.TakeLetters([]ecs.Doc{alert("a", 0, `["oncall","chief"]`, "")})
		time.Sleep(time.Hour)
		end()
		checkTold(t, d, "0s oncall a 1/2", "1h1m0s chief a 2/2")
	})
}

func TestFloodAndDamage(t *testing.T) {
	inBubble(t, func(t *testing.T, file string, d *desk) {
		if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		d.isAway("oncall", true)
		l, end := climbing(t, file, d)
		for i := range mostOpen + 100 {
			l.TakeLetters([]ecs.Doc{alert(fmt.Sprint("a", i), 0, `["oncall"]`, "")})
		}
		if l.Waiting() != mostOpen {
			t.Errorf("got %d on the ladder, want %d", l.Waiting(), mostOpen)
		}
		end()
		if _, err := os.Stat(file + ".damaged"); err != nil {
			t.Errorf("damaged file: %v", err)
		}
		l.TakeLetters([]ecs.Doc{{Stream: "logs-idwatch.alert-default", Body: []byte("no JSON")}})
	})
}

// What goes over the wire: the summary, signed, in either shape, to nobody else.
func TestPost(t *testing.T) {
	var got *http.Request
	var body []byte
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer server.Close()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	generic := Target{Name: "g", URL: server.URL + "/hook", Kind: Generic, SecretFile: file("secret", "0123456789abcdef\n")}
	slack := Target{Name: "s", URLFile: file("url", server.URL+"/services/T0/B0/secret\n"), Kind: Slack}
	for _, target := range []*Target{&generic, &slack} {
		if err := target.open(slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
	}
	m, _, _, _ := read(alert("a", 0, `[]`, "").Body)
	if err := post(t.Context(), &generic, &m); err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte("0123456789abcdef"))
	mac.Write(body)
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); got.Header.Get(SignatureHeader) != want {
		t.Errorf("signature: got %q, want %q", got.Header.Get(SignatureHeader), want)
	}
	var sent Message
	if err := json.Unmarshal(body, &sent); err != nil || sent.Alert != "a" || sent.Score != 80 || sent.Owner != "boss" || strings.Contains(string(body), "secret") {
		t.Errorf("body: got %s, %v", body, err)
	}
	if err := post(t.Context(), &slack, &m); err != nil {
		t.Fatal(err)
	}
	var text struct{ Text string }
	if err := json.Unmarshal(body, &text); err != nil || !strings.Contains(text.Text, "root &lt;b&gt;made&lt;/b&gt; a key") || got.URL.Path != "/services/T0/B0/secret" {
		t.Errorf("slack: got %s to %s, %v", body, got.URL.Path, err)
	}
	status = http.StatusTemporaryRedirect
	if err := post(t.Context(), &slack, &m); err == nil || strings.Contains(err.Error(), "secret") || got.URL.Path != "/services/T0/B0/secret" {
		t.Errorf("redirect: got %v, want an error without the address, and nobody else asked", err)
	}
	server.Close()
	if err := post(t.Context(), &slack, &m); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("nobody there: got %v, want an error without the address", err)
	}
}

func TestRefusedTargets(t *testing.T) {
	open := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(open, []byte("https://h.example/hunter2"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		target Target
		want   string
	}{
		{"no address", Target{URL: "hook"}, "is no address"},
		{"others read along", Target{URL: "http://h.example/"}, "has to be https"},
		{"file for everybody", Target{URLFile: open}, "can be read by others"},
		{"secret that can be guessed", Target{URL: "https://h.example/", SecretFile: short(t)}, "16 characters"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.target.open(slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func short(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A receiver whose certificate the house signed itself is told when ca_file names the authority.
func TestReceiverOfTheHouse(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	m, _, _, _ := read(alert("a", 0, `[]`, "").Body)
	for file, want := range map[string]string{ca: "", "": "unknown authority"} {
		target := Target{Name: "g", URL: server.URL, Kind: Generic, CAFile: file}
		if err := target.open(slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		if err := post(t.Context(), &target, &m); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("ca_file %q: got %v, want %q", file, err, want)
		}
	}
}
