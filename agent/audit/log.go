package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/durable"
	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	logName  = "audit.ndjson" // what is noted, and whether it is sent
	sentName = "sent"         // how many of its bytes are

	rotateAt = 16 << 20 // and all is sent
	maxBytes = 256 << 20
	keptLogs = 8
	maxLine  = 4 << 20
	perSend  = 256 // documents
	retry    = 15 * time.Second
)

// Settings make a Log.
type Settings struct {
	Dir       string
	Namespace string
	Send      func(ctx context.Context, docs []ecs.Doc) error // returns when they are delivered, or refused for good
	Log       *slog.Logger
}

// Log is the audit on disk. Its methods may be called at the same time.
type Log struct {
	settings Settings

	mu   sync.Mutex
	file *os.File
	size int64
	sent int64
	wake chan struct{}
}

// line is a document in the file.
type line struct {
	Stream string          `json:"stream"`
	ID     string          `json:"id"`
	Body   json.RawMessage `json:"body"`
}

// Open opens the log of a folder, which it creates if need be. A line that was not finished is cut off.
func Open(s Settings) (*Log, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open audit: %w", err)
	}
	l := &Log{settings: s, wake: make(chan struct{}, 1)}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("open audit: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(s.Dir, sentName))
	if err == nil {
		l.sent, _ = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	}
	if l.sent < 0 || l.sent > l.size {
		l.sent = 0 // sending twice is harmless: the ids are the same
	}
	l.wake <- struct{}{}
	return l, nil
}

func (l *Log) open() error {
	file, err := os.OpenFile(filepath.Join(l.settings.Dir, logName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	end, err := wholeLines(file)
	if err == nil {
		err = file.Truncate(end)
	}
	if err != nil {
		file.Close()
		return err
	}
	l.file, l.size = file, end
	return nil
}

// wholeLines is where the last whole line of a file ends.
func wholeLines(file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	end := info.Size()
	for at := end; at > 0; {
		from := max(0, at-64<<10)
		b := make([]byte, at-from)
		if _, err := file.ReadAt(b, from); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return from + int64(i) + 1, nil
		}
		at = from
	}
	return 0, nil
}

// Note keeps an act and returns its document's id. An error says that it is not on disk; it is logged too.
func (l *Log) Note(e Entry) (id string, err error) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	l.settings.Log.Info("audit", "action", e.Action, "user", e.Who.Name, "failed", e.Failed, "reason", e.Reason)
	doc := e.document(l.settings.Namespace)
	return doc.ID, l.Put(doc)
}

// Put keeps any document that belongs to what was noted, such as an alert about a forged window, and has it sent.
func (l *Log) Put(doc ecs.Doc) error {
	err := l.append(doc)
	if err != nil {
		l.settings.Log.Error("act not noted on disk", "err", err)
		return fmt.Errorf("note act: %w", err)
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return nil
}

var errFull = errors.New("the audit on disk is full: nothing of it could be sent for long")

func (l *Log) append(doc ecs.Doc) error {
	b, err := json.Marshal(line{doc.Stream, doc.ID, doc.Body})
	if err != nil {
		return err
	}
	b = append(b, '\n')
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size+int64(len(b)) > maxBytes || len(b) > maxLine {
		return errFull
	}
	if _, err = l.file.WriteAt(b, l.size); err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		_ = l.file.Truncate(l.size)
		return err
	}
	l.size += int64(len(b))
	return nil
}

// Run sends what is noted until ctx ends.
func (l *Log) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		for l.sendSome(ctx) {
		}
	}
}

// sendSome sends the next documents and reports whether there were any.
func (l *Log) sendSome(ctx context.Context) bool {
	docs, end, err := l.next()
	if err == nil && len(docs) > 0 {
		err = l.settings.Send(ctx, docs)
	}
	if err != nil {
		if ctx.Err() == nil {
			l.settings.Log.Error("audit not sent", "err", err, "documents", len(docs))
			time.AfterFunc(retry, l.nudge)
		}
		return false
	}
	if end == 0 {
		return false
	}
	l.done(end)
	return true
}

func (l *Log) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// next reads the documents that come next, and where they end; 0 when there are none.
func (l *Log) next() (docs []ecs.Doc, end int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := make([]byte, min(l.size-l.sent, maxLine))
	if len(b) == 0 {
		return nil, 0, nil
	}
	if _, err := l.file.ReadAt(b, l.sent); err != nil {
		return nil, 0, err
	}
	end = l.sent
	for len(docs) < perSend {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			break
		}
		var one line
		if json.Unmarshal(b[:i], &one) == nil { // a damaged line is left where it is
			docs = append(docs, ecs.Doc{Stream: one.Stream, ID: one.ID, Body: one.Body})
		}
		b, end = b[i+1:], end+int64(i)+1
	}
	return docs, end, nil
}

// done notes how far all is sent.
func (l *Log) done(end int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = end
	if l.sent == l.size && l.size >= rotateAt {
		l.rotate()
	}
	path := filepath.Join(l.settings.Dir, sentName)
	if err := durable.WriteFile(path, []byte(strconv.FormatInt(l.sent, 10)+"\n")); err != nil {
		l.settings.Log.Error("place in the audit not saved", "err", err)
	}
}

// rotate begins a new file. The oldest of those kept goes.
func (l *Log) rotate() {
	base := filepath.Join(l.settings.Dir, logName)
	name := func(n int) string { return base + "." + strconv.Itoa(n) }
	for n := keptLogs; n > 0; n-- {
		from := base
		if n > 1 {
			from = name(n - 1)
		}
		if err := os.Rename(from, name(n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.settings.Log.Error("audit not rotated", "err", err)
			return
		}
	}
	l.file.Close()
	if err := l.open(); err != nil {
		l.settings.Log.Error("audit not opened again", "err", err)
		return
	}
	l.sent = 0
}

// Close closes the file.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}
