package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// documents are those that the agent has written to a stream.
func (l *living) documents(stream string) (docs []gjson.Result) {
	l.t.Helper()
	text, err := os.ReadFile(l.dir + "/data/out/" + stream + ".ndjson")
	if err != nil && !os.IsNotExist(err) {
		l.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		docs = append(docs, gjson.Parse(line))
	}
	return docs
}

// audited waits for an act in the audit stream.
func (l *living) audited(action string) (doc gjson.Result) {
	l.t.Helper()
	l.until(action+" to be audited", func() bool {
		for _, d := range l.documents("logs-idwatch.audit-default") {
			if d.Get("event.action").Str == action {
				doc = d
			}
		}
		return doc.Exists()
	})
	return doc
}

func TestReloadIsAudited(t *testing.T) {
	folder := t.TempDir()
	context, rules := filepath.Join(folder, "context.yaml"), filepath.Join(folder, "rules")
	if err := os.Mkdir(rules, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, context, []byte("identities: [{id: alice, kind: human}, {id: bob, kind: human}]\n"))
	l := live(t, "context: "+context, "rules: "+rules)
	if got := l.audited("context-reload").Get("user.name").Str; got != "start" {
		t.Errorf("at the start: got user %q", got)
	}
	l.must("reload") // nothing has changed
	write(t, context, []byte("identities: [{id: alice, kind: human, owner: boss@acme.example}, {id: carol, kind: human}]\nalert_threshold: 60\n"))
	write(t, filepath.Join(rules, "one.yml"), []byte("title: One\nid: 7d6d30b8-5b91-4b90-a891-46cccaf29598\nlogsource: {product: okta, service: okta}\ndetection: {a: {eventType: x}, condition: a}\n"))
	_, _, stderr := l.ask("reload")
	if !strings.Contains(stderr, "1 identities added, 1 identities removed, 1 identities changed, 1 rules added, 1 settings changed") {
		t.Errorf("reload: got %q", stderr)
	}
	l.audited("rules-reload")
	doc := l.documents("logs-idwatch.audit-default")[1]
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"event.action": "context-reload", "event.kind": "event", "event.category.0": "configuration", "event.outcome": "success", "user.id": me.Uid, "user.name": me.Username,
		"idwatch.audit.identities.added.0": "carol", "idwatch.audit.identities.removed.0": "bob", "idwatch.audit.identities.changed.0": "alice",
		"idwatch.audit.settings.changed.0": "alert_threshold", "file.path": context, "data_stream.dataset": "idwatch.audit",
	} {
		if got := doc.Get(path).String(); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	if len(doc.Get("file.hash.sha256").Str) != 64 {
		t.Errorf("hash: got %q", doc.Get("file.hash.sha256"))
	}
	write(t, context, []byte("nonsense: 1\n"))
	l.ask("reload")
	if doc := l.audited("reload-failed"); doc.Get("event.outcome").Str != "failure" || !strings.Contains(doc.Get("event.reason").Str, "nonsense") {
		t.Errorf("bad context: got %s", doc)
	}
	if n := len(l.documents("logs-idwatch.audit-default")); n != 4 {
		t.Errorf("got %d acts, want 4: a reload of nothing new is none", n)
	}
}

// keyPair writes a key pair as openssl does.
func keyPair(t *testing.T) (private, public string) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	privDER, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		t.Fatal(err)
	}
	pubDER, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	private, public = filepath.Join(dir, "key.pem"), filepath.Join(dir, "pub.pem")
	write(t, private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: privDER}))
	write(t, public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pubDER}))
	return private, public
}

// receiver is a webhook that fails as often as it is told.
type receiver struct {
	mu    sync.Mutex
	fails int
	got   []gjson.Result
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fails > 0 {
		r.fails--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, _ := io.ReadAll(q.Body)
	r.got = append(r.got, gjson.ParseBytes(body))
}

func (r *receiver) first() gjson.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.got) == 0 {
		return gjson.Result{}
	}
	return r.got[0]
}

func TestSignedWindows(t *testing.T) {
	private, public := keyPair(t)
	stranger, _ := keyPair(t)
	drops := t.TempDir()
	hook := &receiver{}
	server := httptest.NewServer(hook)
	defer server.Close()
	l := live(t, "windows: {keys: "+public+", dir: "+drops+"}", "escalation: {default: [soc], targets: [{name: soc, url: '"+server.URL+"'}]}")

	id := strings.TrimSpace(l.must("window", "open", "--key-file", private, "--identity", "shop-deployer", "--for", "2h", "--ticket", "CHG-1"))
	doc := l.audited("window-open")
	if w := doc.Get("idwatch.audit.window"); w.Get("id").Str != id || w.Get("ticket").Str != "CHG-1" || w.Get("identities.0").Str != "shop-deployer" || len(w.Get("key").Str) != 16 {
		t.Errorf("audit: got %s", w)
	}
	list := func(format string) string { return l.must("window", "list", "--format", format) }
	if w := gjson.Parse(list("json")); w.Get("#").Int() != 1 || w.Get("0.id").Str != id || w.Get("0.state").Str != "open" || w.Get("0.ticket").Str != "CHG-1" {
		t.Errorf("list: got %s", w)
	}
	l.must("window", "close", "--key-file", private, id)
	l.audited("window-close")
	if text := list("table"); !strings.Contains(text, id+"  closed  deployment  ") || !strings.Contains(text, "shop-deployer") {
		t.Errorf("list: got %s", text)
	}
	if code, _, _ := l.ask("window", "list", "--format", "yaml"); code != misused {
		t.Errorf("unknown format: got %d", code)
	}
	if code, _, stderr := l.ask("window", "close", "--key-file", private, id); code != wrong || !strings.Contains(stderr, "was declared again") {
		t.Errorf("closed twice: got %d, %q", code, stderr)
	}
	if code, _, stderr := l.ask("window", "open", "--key-file", stranger, "--identity", "a", "--for", "2h"); code != wrong || !strings.Contains(stderr, "no trusted key") {
		t.Errorf("stranger: got %d, %q", code, stderr)
	}
	if code, _, stderr := l.ask("window", "open", "--key-file", private, "--identity", "a", "--for", "20h"); code != wrong || !strings.Contains(stderr, "longer than 12h") {
		t.Errorf("too long: got %d, %q", code, stderr)
	}

	signed := filepath.Join(drops, "deploy.window")
	status, _, stderr := idwatch(t, "", "window", "open", "--key-file", private, "--identity", "a", "--for", "1h", "--output", signed)
	if status != done {
		t.Fatalf("output: got %d, %s", status, stderr)
	}
	l.until("the dropped window to be taken", func() bool { _, err := os.Stat(signed + ".taken"); return err == nil })
	text, err := os.ReadFile(signed + ".taken")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(drops, "again.window"), text)
	l.until("the replay to be refused", func() bool { _, err := os.Stat(drops + "/again.window.refused"); return err == nil })

	rules := map[string]int{}
	l.until("the alerts", func() bool {
		clear(rules)
		for _, a := range l.documents("logs-idwatch.alert-default") {
			rules[a.Get("rule.id").Str]++
			if a.Get("event.kind").Str != "alert" || a.Get("idwatch.score.parts.0.points").Int() != a.Get("event.risk_score").Int() || a.Get("idwatch.evidence.0.id").Str == "" {
				t.Errorf("alert: got %s", a)
			}
		}
		return rules["idwatch_window_forged"] == 1 && rules["idwatch_window_replayed"] == 2 && rules["idwatch_window_improper"] == 1
	})
	l.until("somebody to be told", func() bool { return hook.first().Exists() })
	if m := hook.first(); m.Get("target").Str != "soc" || m.Get("step").Int() != 1 || !strings.HasPrefix(m.Get("rule_id").Str, "idwatch_window_") {
		t.Errorf("told: got %s", m)
	}
	l.audited("alert-escalate")

	l.kill() // what was taken and used is known after a crash, too
	if w := gjson.Parse(list("json")); w.Get("#").Int() != 2 || w.Get("1.state").Str != "closed" {
		t.Errorf("list of the directory: got %s", w)
	}
	l.start()
	write(t, filepath.Join(drops, "third.window"), text)
	l.until("the replay after a restart to be refused", func() bool { _, err := os.Stat(drops + "/third.window.refused"); return err == nil })
}

// rootKeyMade is a record in which the root of an account makes itself a key.
func rootKeyMade(n int, at time.Time) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"Root","principalId":"111122223301","arn":"arn:aws:iam::111122223301:root","accountId":"111122223301"},`+
		`"eventTime":%q,"eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7",`+
		`"responseElements":{"accessKey":{"accessKeyId":"AKIAEXAMPLE%d"}},"eventID":"e-%d","recipientAccountId":"111122223301"}`, at.UTC().Format(time.RFC3339), n, n)
}

// A signed window is part of the context: what is done in it weighs less, and says so.
func TestSignedWindowWeighs(t *testing.T) {
	private, public := keyPair(t)
	l := live(t, "windows: {keys: "+public+"}")
	l.must("window", "open", "--key-file", private, "--kind", "maintenance", "--identity", "arn:aws:iam::111122223301:root", "--for", "1h", "--ticket", "CHG-7")
	l.add(rootKeyMade(1, time.Now().Add(2*time.Second)), rootKeyMade(2, time.Now().Add(48*time.Hour)))
	weighed := func() (inside, outside string) {
		for _, d := range append(l.documents("logs-idwatch.alert-default"), l.documents("logs-idwatch.signal-default")...) {
			weighed := d.Get("idwatch.context").String()
			if d.Get("@timestamp").Time().After(time.Now().Add(time.Hour)) {
				outside = weighed + "none"
			} else {
				inside = weighed
			}
		}
		return inside, outside
	}
	l.until("both findings", func() bool { inside, outside := weighed(); return inside != "" && outside != "" })
	if inside, outside := weighed(); !strings.Contains(inside, "maintenance window CHG-7") || outside != "none" {
		t.Errorf("got %q inside the window and %q outside, want its ticket and none", inside, outside)
	}
}

// An alert of the detections goes up the ladder of its identity, through a receiver that fails, and over a restart.
func TestAlertsAreTold(t *testing.T) {
	hook := &receiver{fails: 1}
	server := httptest.NewServer(hook)
	defer server.Close()
	context := filepath.Join(t.TempDir(), "context.yaml")
	write(t, context, []byte("identities:\n  - {id: the-root, kind: root, names: ['arn:aws:iam::111122223301:root'], owner: o@acme.example, escalation: [nobody, oncall, chief]}\n"))
	l := live(t, "context: "+context, "escalation: {targets: [{name: oncall, url: '"+server.URL+"', wait: 1h}, {name: chief, url: '"+server.URL+"'}]}")
	l.add(rootKeyMade(1, time.Now()))
	waiting := func() gjson.Result {
		text, _ := os.ReadFile(l.dir + "/data/escalation.json")
		return gjson.GetBytes(text, "open.0")
	}
	l.until("the first attempt to fail", func() bool { return waiting().Get("attempts").Int() == 1 })
	l.kill()
	text, err := os.ReadFile(l.dir + "/data/escalation.json")
	if err != nil {
		t.Fatal(err)
	}
	due := waiting().Get("due").Raw
	write(t, l.dir+"/data/escalation.json", []byte(strings.Replace(string(text), due, `"2026-01-01T00:00:00Z"`, 1))) // no need to wait for it
	l.start()
	l.until("the one on call to be told", func() bool { return hook.first().Exists() })
	m := hook.first()
	want := map[string]string{"target": "oncall", "owner": "o@acme.example", "identity": "the-root", "step": "1", "steps": "2"}
	for key, value := range want {
		if got := m.Get(key).String(); !strings.HasSuffix(got, value) {
			t.Errorf("%s: got %q, want %q in %s", key, got, value, m)
		}
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(m.Raw), &members); err != nil || len(members) > 15 || strings.Contains(m.Raw, "AKIAEXAMPLE1") {
		t.Errorf("more than a summary was told: %s", m)
	}
	l.until("the next step to be due", func() bool { return waiting().Get("step").Int() == 1 })
}
