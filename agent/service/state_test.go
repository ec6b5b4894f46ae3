package service

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// offline is an output that cannot be reached.
type offline struct{}

func (offline) Send(context.Context, []ecs.Doc) ([]ecs.Refused, error) {
	return nil, errors.New("no route")
}

func settingsTo(out pipeline.Output) pipeline.Settings {
	return pipeline.Settings{
		Output: out, Logger: slog.New(slog.DiscardHandler), Detect: &pipeline.Detection{Context: detections.DefaultContext(), Lateness: time.Minute},
	}
}

// kept is an output that keeps the names of streams.
type kept struct{ streams chan string }

func (k kept) Send(_ context.Context, docs []ecs.Doc) ([]ecs.Refused, error) {
	for _, d := range docs {
		k.streams <- d.Stream
	}
	return nil, nil
}

// TestStateKeepsAlerts: an alert that could not be sent before the end is sent after the next start.
func TestStateKeepsAlerts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	log := slog.New(slog.DiscardHandler)
	p, err := startPipeline(settingsTo(offline{}), path, log)
	if err != nil {
		t.Fatal(err)
	}
	feed, err := p.From("auto")
	if err != nil {
		t.Fatal(err)
	}
	record := `{"eventVersion":"1.08","userIdentity":{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"},"eventTime":"2026-09-01T08:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","requestParameters":null,"responseElements":{"accessKey":{"accessKeyId":"AKIAEXAMPLEROOT00001","userName":"root","status":"Active"}},"requestID":"r1","eventID":"7c2a9e7e-1111-4222-8333-444455556666","eventType":"AwsApiCall","recipientAccountId":"111122223333"}`
	if err := feed.Put(t.Context(), [][]byte{[]byte(record)}, nil); err != nil {
		t.Fatal(err)
	}
	p.Close(t.Context())
	if p.Stats().Alerts.Load() == 0 {
		t.Fatal("the record raised nothing")
	}
	if err := writeState(path, p); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("state: got %v, %v, want mode 0600", info.Mode(), err)
	}

	out := kept{make(chan string, 100)}
	again, err := startPipeline(settingsTo(out), path, log)
	if err != nil {
		t.Fatal(err)
	}
	again.Close(t.Context())
	close(out.streams)
	alerts := 0
	for stream := range out.streams {
		if strings.Contains(stream, "idwatch") {
			alerts++
		}
	}
	if alerts == 0 {
		t.Error("the alert was lost")
	}
}

// TestStateDamaged: a damaged state is set aside and the service starts.
func TestStateDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path, []byte("not a state at all, but long enough"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := startPipeline(settingsTo(offline{}), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p.Close(t.Context())
	if _, err := os.Stat(path + ".damaged"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("state: got %v, want none", err)
	}
}
