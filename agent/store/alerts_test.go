package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

func TestLastRevisionStands(t *testing.T) {
	s := open(t, settings(t.TempDir()))
	s.TakeLetters([]ecs.Doc{alert("A", 1, 80, ""), alert("A", 0, 60, ""), alert("B", 0, 55, "")})
	s.Flush()
	s.TakeLetters([]ecs.Doc{alert("A", 0, 60, ""), alert("B", 1, 55, `,"withdrawn":true`), alert("C", 0, 50, `,"folded_into":"A"`)})
	s.Flush()
	a, err := s.Alert(t.Context(), "A")
	if err != nil || a.Revision != 1 || a.Score != 80 || a.Who != "mara" || !a.At.Equal(day0) {
		t.Errorf("got %+v, %v, want revision 1 with score 80", a, err)
	}
	for standing, want := range map[Standing]string{"": "A B C", StandsOpen: "A", StandsPast: "B C", StandsAcknowledged: ""} {
		if got := ids(t, s, AlertQuery{Standing: standing}); got != want {
			t.Errorf("standing %q: got %q, want %q", standing, got, want)
		}
	}
	if got := ids(t, s, AlertQuery{Signals: true}); got != "" {
		t.Errorf("signals: got %q, want none", got)
	}
}

func ids(t *testing.T, s *Store, q AlertQuery) string {
	t.Helper()
	found, err := s.Alerts(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, a := range found {
		list = append(list, a.ID)
	}
	return strings.Join(list, " ")
}

func TestASignalMayBecomeAnAlert(t *testing.T) {
	s := open(t, settings(t.TempDir()))
	signal := alert("A", 0, 40, "")
	signal.Stream = "logs-idwatch.signal-default"
	s.TakeLetters([]ecs.Doc{signal})
	s.Flush()
	s.TakeLetters([]ecs.Doc{alert("A", 1, 60, "")})
	s.Flush()
	if got := ids(t, s, AlertQuery{Signals: true}) + "|" + ids(t, s, AlertQuery{}); got != "|A" {
		t.Errorf("signals|alerts: got %q, want %q", got, "|A")
	}
}

func TestNotesOutliveRevisionsAndRestarts(t *testing.T) {
	dir := t.TempDir()
	s := open(t, settings(dir))
	s.TakeLetters([]ecs.Doc{alert("A", 0, 60, "")})
	s.Flush()
	for _, n := range []Note{{Kind: NoteText, Text: " who is this? "}, {Kind: NoteAck, Text: "mine"}} {
		n.Alert, n.At, n.Author = "A", day0.Add(time.Hour), "ana"
		if _, err := s.Annotate(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	s.TakeLetters([]ecs.Doc{alert("A", 1, 70, "")})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, settings(dir))
	notes, err := s.Notes(t.Context(), "A")
	if err != nil || len(notes) != 2 || notes[0].Text != "who is this?" || notes[1].Kind != NoteAck || notes[1].Author != "ana" {
		t.Errorf("got %+v, %v, want both notes in order", notes, err)
	}
	if a, err := s.Alert(t.Context(), "A"); err != nil || !a.Acknowledged || a.Revision != 1 {
		t.Errorf("got %+v, %v, want revision 1 acknowledged", a, err)
	}
	if _, err := s.Annotate(t.Context(), Note{Alert: "A", Kind: NoteReopen}); err != nil {
		t.Error(err)
	}
	if got := ids(t, s, AlertQuery{Standing: StandsOpen}); got != "A" {
		t.Errorf("after reopening: got %q, want A", got)
	}
}

func TestNotesAreRefused(t *testing.T) {
	s := open(t, settings(t.TempDir()))
	s.TakeLetters([]ecs.Doc{alert("A", 0, 60, "")})
	s.Flush()
	for name, c := range map[string]struct {
		note Note
		want error
	}{
		"empty":         {Note{Alert: "A", Kind: NoteText, Text: "  "}, ErrNote},
		"long":          {Note{Alert: "A", Kind: NoteText, Text: strings.Repeat("x", noteMost+1)}, ErrNote},
		"not UTF-8":     {Note{Alert: "A", Kind: NoteText, Text: "\xff"}, ErrNote},
		"unknown kind":  {Note{Alert: "A", Kind: "delete", Text: "x"}, ErrNote},
		"unknown alert": {Note{Alert: "B", Kind: NoteText, Text: "x"}, ErrNotFound},
	} {
		if _, err := s.Annotate(t.Context(), c.note); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestAlertByTheBeginningOfItsID(t *testing.T) {
	s := open(t, settings(t.TempDir()))
	s.TakeLetters([]ecs.Doc{alert("AB1", 0, 60, ""), alert("AB2", 0, 60, ""), alert("AB", 0, 60, "")})
	s.Flush()
	for id, want := range map[string]error{"AB1": nil, "AB": nil, "A": ErrAmbiguous, "C": ErrNotFound} {
		if _, err := s.Alert(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", id, err, want)
		}
	}
}

func TestOldAlertsGoWithTheirNotes(t *testing.T) {
	bounded := settings(t.TempDir())
	bounded.Alerts = 2
	s := open(t, bounded)
	s.TakeLetters([]ecs.Doc{alert("A", 0, 60, "")})
	s.Flush()
	if _, err := s.Annotate(t.Context(), Note{Alert: "A", Kind: NoteText, Text: "x"}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"B", "C"} {
		doc := alert(id, 0, 60, "")
		doc.Body = []byte(strings.Replace(string(doc.Body), "2026-09-01", "2026-09-02", 1))
		s.TakeLetters([]ecs.Doc{doc})
	}
	if err := s.Close(); err != nil { // it prunes
		t.Fatal(err)
	}
	s = open(t, bounded)
	s.Flush()
	if got := ids(t, s, AlertQuery{}); got != "B C" {
		t.Errorf("got %q, want the two youngest", got)
	}
	if notes, err := s.Notes(t.Context(), "A"); err != nil || len(notes) != 0 {
		t.Errorf("notes: got %v, %v, want none", notes, err)
	}
}

func TestReadingBesideTheWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with space?and#sign")
	s := open(t, settings(dir))
	s.TakeLetters([]ecs.Doc{alert("A", 0, 60, "")})
	s.Flush()
	r, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if a, err := r.Alert(t.Context(), "A"); err != nil || a.Score != 60 {
		t.Errorf("got %+v, %v, want the alert", a, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	alone, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	if _, err := alone.Alert(t.Context(), "A"); err != nil {
		t.Errorf("without the writer: %v", err)
	}
	if _, err := Read(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no store: got %v, want that it is not there", err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, settings(dir))
	s.TakeLetters([]ecs.Doc{alert("A", 0, 60, "")})
	take(s, 0, `{}`)
	s.Flush()
	files, _ := filepath.Glob(dir + "/*.*")
	more, _ := filepath.Glob(dir + "/window/*")
	if len(files) < 2 || len(more) != 1 {
		t.Fatalf("got %q and %q, want a database with its journal, and one file of records", files, more)
	}
	for _, f := range append(files, more...) {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, %v, want 0600", f, info.Mode(), err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory: got %v, %v, want 0700", info.Mode(), err)
	}
}
