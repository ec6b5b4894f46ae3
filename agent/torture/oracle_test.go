package torture

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	weak "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/elastic"
	"github.com/idwatch/idwatch/agent/elastic/estest"
	"github.com/idwatch/idwatch/agent/service"
)

const (
	step = 2 * time.Second // between two records, in event time
	// quiet is how long the engine needs to see that nothing more comes, and to say so.
	quiet = 16 * time.Second
	// long is how many records the test has at its full length. Then each fault has to come.
	long = 100_000
)

// TestIntegrationOracle: whatever happens to the cluster, to what is between, and to agent and plugin, every record that was acknowledged is
// there once and unchanged, the alerts are those of a run that nothing happened to, a fresh record passes, and the balance adds up.
func TestIntegrationOracle(t *testing.T) {
	newPlugin := hosts(t)
	server := estest.StartOwn(t)
	settings := elastic.Settings{URLs: []string{server.URL}, CAFile: server.CAFile, Username: server.Username, PasswordFile: server.PasswordFile}
	if err := elastic.Setup(t.Context(), settings, elastic.SetupOptions{}, io.Discard); err != nil {
		t.Fatal(err)
	}
	o := newOracle(t, server)
	go o.undisturbed(t)
	go o.havoc(t)
	t.Run("carriers", func(t *testing.T) {
		for i, c := range []struct {
			name  string
			start func(*testing.T, string) carrier
		}{{"agent", newAgent}, {"plugin", newPlugin}} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				o.carry(t, i, c.start)
			})
		}
	})
	t.Logf("outages %v", o.did)
	wantAll(t, o.did, o.names())
}

// oracle is one run of the test.
type oracle struct {
	cluster
	records, kills int
	within         time.Duration // what feeding takes where nothing holds it up
	seed           uint64
	batches        [][]string
	list           []outage
	fed            chan struct{} // a carrier has taken all, or given up
	over           chan struct{} // closed when nothing happens any more
	rested         chan struct{} // closed when calm is known
	calm           outcome
}

func newOracle(t *testing.T, server *estest.Own) *oracle {
	t.Helper()
	n := number(t, "RECORDS", 4000)
	o := &oracle{records: n, kills: number(t, "KILLS", 6), seed: uint64(number(t, "SEED", 1)), list: outages}
	o.fed, o.over, o.rested = make(chan struct{}, 2), make(chan struct{}), make(chan struct{})
	o.Own, o.did = server, map[string]int{}
	for range 2 {
		o.namespaces = append(o.namespaces, strings.ToLower(rand.Text()))
	}
	o.within = time.Duration(number(t, "SECONDS", max(45, n/120))) * time.Second
	o.batches = batchesOf(n, max(60, n/500), o.random(1))
	if n < long {
		o.list = outages[:fewOutages]
	}
	return o
}

// names are what has to happen to the server.
func (o *oracle) names() (names []string) {
	for _, one := range o.list {
		names = append(names, one.name)
	}
	return append(names, "rollover", "read-only")
}

func (o *oracle) random(which uint64) *weak.Rand { return weak.New(weak.NewPCG(o.seed, which)) }

// havoc has things happen to the server until all is fed, and each outage has been.
func (o *oracle) havoc(t *testing.T) {
	defer close(o.over)
	done := make(chan struct{})
	var all sync.WaitGroup
	pause := 3 * time.Second
	if o.records >= long {
		pause = 20 * time.Second // each rollover makes indices, and a server with many of them starts slowly
	}
	all.Go(func() { o.have(t, o.list, pause, o.random(2), done) })
	all.Go(func() { o.disturb(pause, o.random(3), done) })
	<-o.fed
	<-o.fed
	close(done)
	all.Wait()
}

// carry hands all records to carriers of a kind behind a proxy, then a fresh record, and checks what came of them.
func (o *oracle) carry(t *testing.T, which int, start func(*testing.T, string) carrier) {
	t.Helper()
	p, namespace := newProxy(t, o.URL, trusting(t, o.CAFile), &o.alone), o.namespaces[which]
	go p.change(o.random(4+uint64(which)), o.over)
	l := &lives{t: t, config: configure(t, p.URL, o.Server, namespace), start: start}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log ends with\n%s", endOf(logOf(l.config)))
		}
	})
	func() {
		defer func() { o.fed <- struct{}{} }()
		l.feed(o.batches, o.kills, o.within, o.random(6+uint64(which)))
	}()
	<-o.over
	p.set("none")
	l.put(records(o.records, o.records+1, step)) // a fresh one, to a carrier that may just have been killed
	b := l.settle(o.records + 1)
	if b.In != b.Sum() || b.Spooled+b.Lost+b.Dead != 0 || b.In < int64(o.records+1) {
		t.Errorf("the balance: got %+v, want %d records and more, all delivered or duplicates", b, o.records+1)
	}
	if l.kills != o.kills {
		t.Errorf("got %d kills, want %d", l.kills, o.kills)
	}
	did := p.counts()
	if o.records >= long {
		wantAll(t, did, faults)
	}
	t.Logf("%d records, %d kills, proxy %v, balance %+v", o.records+1, l.kills, did, b)
	<-o.rested
	compare(t, inCluster(t, o.Server, namespace), o.calm)
	t.Logf("%d records and %d alerts are those of the calm run", len(o.calm.events), len(o.calm.alerts))
	if len(o.calm.events) != o.records+1 || len(o.calm.alerts) == 0 {
		t.Errorf("the calm run: got %d records, %d alerts, want %d and some", len(o.calm.events), len(o.calm.alerts), o.records+1)
	}
}

// wantAll checks that each of the things that were to happen did.
func wantAll(t *testing.T, did map[string]int, names []string) {
	t.Helper()
	for _, name := range names {
		if did[name] == 0 {
			t.Errorf("%s never happened", name)
		}
	}
}

// batchesOf cuts the records into batches as inputs do.
func batchesOf(n, most int, r *weak.Rand) (batches [][]string) {
	for from := 0; from < n; {
		to := min(n, from+1+r.IntN(most))
		batches = append(slices.Clip(batches), records(from, to, step))
		from = to
	}
	return batches
}

// undisturbed finds out what comes out when nothing happens.
func (o *oracle) undisturbed(t *testing.T) {
	defer close(o.rested)
	dir, namespace := t.TempDir(), strings.ToLower(rand.Text())
	c, err := config.Parse("calm", fmt.Appendf(nil, "data_dir: %s/data\nconsole: {listen: 'off'}\noutputs: {file: {path: %s/out, namespace: %s}}\n", dir, dir, namespace))
	if err != nil {
		t.Error(err)
		return
	}
	s, err := service.Open(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Error(err)
		return
	}
	for _, b := range append(slices.Clip(o.batches), records(o.records, o.records+1, step)) {
		texts := make([][]byte, len(b))
		for i := range b {
			texts[i] = []byte(b[i])
		}
		if err := s.Put(t.Context(), texts, nil); err != nil {
			t.Error(err)
		}
	}
	for b := s.Balance(); b.Spooled > 0 || b.Engine < b.Next; b = s.Balance() {
		time.Sleep(10 * time.Millisecond) // nothing tells
	}
	time.Sleep(quiet)
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	o.calm = inFiles(t, filepath.Join(dir, "out"), namespace)
}

// trusting is a transport that trusts the server's authority.
func trusting(t *testing.T, caFile string) http.RoundTripper {
	t.Helper()
	pem, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
}

// configure writes a configuration that sends to a proxy.
func configure(t *testing.T, url string, server *estest.Server, namespace string) string {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf("data_dir: %s/data\nconsole: {listen: 'off'}\noutputs: {elasticsearch: {url: '%s', username: %s, password_file: %s, namespace: %s, compression: none}}\n",
		dir, url, server.Username, server.PasswordFile, namespace)
	path := filepath.Join(dir, "idwatch.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
