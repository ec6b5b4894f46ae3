package service

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/parsers"
)

// TestRecordsAreFoundAgain: what went out stands in the local store, from which the same document is made, and it is still there after a restart.
func TestRecordsAreFoundAgain(t *testing.T) {
	h := newHouse(t)
	c := h.config()
	texts := []string{oktaFrom("192.0.2.1", 1), firstLine(t, "vault/activities"), firstLine(t, "cloudtrail/agent-session")}
	s := h.open(c)
	for _, text := range texts {
		h.put(s, text)
	}
	h.close(s)
	r, err := store.Read(StoreDir(c))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	again := remaker{options: parsers.Options{Namespace: c.Namespace()}, parsers: map[string]*parsers.Parser{}}
	found, err := r.Find(t.Context(), store.Search{Make: again.remake})
	if err != nil || len(found.Records) != len(texts) {
		t.Fatalf("got %d records, %v, want %d", len(found.Records), err, len(texts))
	}
	sent := h.documents()
	for _, record := range found.Records {
		docs := sent[record.Doc.Stream]
		if len(docs) != 1 || !bytes.Equal(bytes.TrimSpace([]byte(docs[0].Raw)), record.Doc.Body) {
			t.Errorf("%s: got  %s\nwant %v", record.Doc.Stream, record.Doc.Body, docs)
		}
	}
}

// TestWithoutAStoreDeliveryGoesOn: a store that cannot be opened is said and missed, no more.
func TestWithoutAStoreDeliveryGoesOn(t *testing.T) {
	h := newHouse(t)
	c := h.config()
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(StoreDir(c), nil, 0o600); err != nil { // a file stands where the directory should
		t.Fatal(err)
	}
	var log bytes.Buffer
	s, err := Open(c, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	h.put(s, oktaFrom("192.0.2.1", 1))
	h.close(s)
	if !bytes.Contains(log.Bytes(), []byte("local store not opened")) || len(h.documents()) != 1 {
		t.Errorf("got %v and log %s, want the document delivered and the lack said", h.documents(), log.String())
	}
}

func TestNoStoreWhereItIsOff(t *testing.T) {
	h := newHouse(t)
	c := h.config("store: {enabled: false}")
	s := h.open(c)
	h.put(s, oktaFrom("192.0.2.1", 1))
	h.close(s)
	if _, err := os.Stat(filepath.Join(c.DataDir, "store")); !os.IsNotExist(err) {
		t.Errorf("got %v, want no store", err)
	}
}
