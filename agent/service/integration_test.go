package service

import (
	"context"
	"crypto/rand"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/elastic"
	"github.com/idwatch/idwatch/agent/elastic/estest"
	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// recorder notes what goes to an output and what that refuses.
type recorder struct {
	to pipeline.Output

	mu      sync.Mutex
	sent    map[string]map[string]bool // ids by data stream: a document that is there already is delivered, too
	refused []string
}

// Send implements pipeline.Output.
func (r *recorder) Send(ctx context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
	refused, err := r.to.Send(ctx, docs)
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[int]bool{}
	for _, one := range refused {
		out[one.Index] = true
		r.refused = append(r.refused, docs[one.Index].Stream+": "+one.Type+": "+string(docs[one.Index].Body))
	}
	for i := range docs {
		if err != nil || out[i] {
			continue
		}
		ids := r.sent[docs[i].Stream]
		if ids == nil {
			ids = map[string]bool{}
			r.sent[strings.Clone(docs[i].Stream)] = ids
		}
		ids[strings.Clone(docs[i].ID)] = true
	}
	return refused, err
}

// batch is files of one source, and how many dead letters they are known to give.
type batch struct {
	source string
	files  []string
	dead   int
}

// realBatches are the records of the real world, where they lie beside the repository. It says which are not there.
func realBatches(t *testing.T) (all []batch) {
	t.Helper()
	for _, set := range []struct{ folder, source, suffix string }{
		{"stratus", "cloudtrail", ".json"}, {"invictus", "cloudtrail", ".json"}, {"vault", "vault", ".log"},
	} {
		b := batch{source: set.source}
		root := filepath.Join("../../../shared/real", set.folder)
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, set.suffix) {
				b.files = append(b.files, path)
			}
			return err
		})
		if err != nil || len(b.files) == 0 {
			t.Logf("skipped: no records of %s below shared/real beside the repository", set.folder)
			continue
		}
		all = append(all, b)
	}
	return all
}

// ourBatches are the cases of testdata. Those made to be odd stand apart: the same unknown member is of one type in one of them and of
// another in the next.
func ourBatches(t *testing.T) map[string][]batch {
	t.Helper()
	groups := map[string][]batch{}
	files, err := filepath.Glob("../../testdata/*/*.log")
	if err != nil || len(files) < 50 {
		t.Fatalf("got %d cases, %v", len(files), err)
	}
	for _, path := range files {
		golden, err := os.ReadFile(strings.TrimSuffix(path, ".log") + ".golden.json")
		if err != nil {
			t.Fatal(err)
		}
		group := ""
		for _, word := range []string{"odd", "wrong"} {
			if strings.Contains(filepath.Base(path), word) {
				group = "." + word
			}
		}
		groups[group] = append(groups[group], batch{
			source: filepath.Base(filepath.Dir(path)), files: []string{path}, dead: strings.Count(string(golden), "logs-idwatch.deadletter-"),
		})
	}
	return groups
}

// setUp has a server take the product's documents.
func setUp(t *testing.T, server *estest.Server) elastic.Settings {
	t.Helper()
	settings := elastic.Settings{URLs: []string{server.URL}, CAFile: server.CAFile, Username: server.Username, PasswordFile: server.PasswordFile}
	if err := elastic.Setup(t.Context(), settings, elastic.SetupOptions{}, io.Discard); err != nil {
		t.Fatal(err)
	}
	return settings
}

// openSender opens a sender to a server that has been set up.
func openSender(t *testing.T, server *estest.Server) *elastic.Sender {
	t.Helper()
	sender, err := elastic.Open(setUp(t, server))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sender.Close(context.Background()) })
	return sender
}

// TestIntegrationRealRecords: a real server takes the documents of all records there are, alerts on them included, and has each once.
func TestIntegrationRealRecords(t *testing.T) {
	server := estest.Start(t)
	sender := openSender(t, server)
	namespace := strings.ToLower(rand.Text())
	groups := ourBatches(t)
	groups[".real"] = realBatches(t)
	for group, batches := range groups {
		t.Run("group"+group, func(t *testing.T) {
			out := &recorder{to: sender, sent: map[string]map[string]bool{}}
			sendAll(t, out, namespace+group, batches)
			for _, r := range out.refused {
				t.Errorf("refused: %s", r)
			}
			for stream, ids := range out.sent {
				server.Call(t, "POST", "/"+stream+"/_refresh", "")
				_, answer := server.Call(t, "GET", "/"+stream+"/_count", "")
				if got := gjson.Get(answer, "count").Int(); got != int64(len(ids)) {
					t.Errorf("%s: the server has %d documents, sent were %d: %s", stream, got, len(ids), answer)
				}
				t.Logf("%s: %d documents", stream, len(ids))
			}
		})
	}
}

// sendAll runs the files of all batches through a pipeline that detects.
func sendAll(t *testing.T, out pipeline.Output, namespace string, batches []batch) {
	t.Helper()
	runAll(t, pipeline.Settings{
		Parse: parsers.Options{Namespace: namespace}, Output: out,
		Detect: &pipeline.Detection{Context: detections.DefaultContext(), Lateness: 15 * time.Minute},
	}, batches)
}

// runAll runs the files of all batches through a pipeline, and checks that each record has come out.
func runAll(t *testing.T, settings pipeline.Settings, batches []batch) {
	t.Helper()
	settings.Dir = t.TempDir()
	settings.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	p, err := pipeline.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	dead := 0
	for _, b := range batches {
		dead += b.dead
		for _, path := range b.files {
			putFile(t, p, b.source, path)
		}
	}
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := p.Stats()
	if s.In.Load() != s.Delivered.Load()+s.Duplicate.Load()+s.Dead.Load() || s.Dead.Load() != int64(dead) {
		t.Errorf("of %d records %d were delivered, %d were duplicates; %d dead letters, want %d", s.In.Load(), s.Delivered.Load(), s.Duplicate.Load(), s.Dead.Load(), dead)
	}
}

// putFile takes a file apart as the agent does and hands its records over.
func putFile(t *testing.T, p *pipeline.Pipeline, source, path string) {
	t.Helper()
	feed, err := p.From(source)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var texts [][]byte
	if err := parsers.Split(file, func(text []byte, _ int64) error {
		texts = append(texts, append([]byte(nil), text...))
		return nil
	}); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	if err := feed.Put(t.Context(), texts, nil); err != nil {
		t.Fatal(err)
	}
}
