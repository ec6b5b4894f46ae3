//go:build !hosttest

package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/status"
)

// The tools reach the plugin by the socket in its data directory, as they reach the agent; it opens no port.
func TestToolsReachThePlugin(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	in, err := openEngine(readSettings(get(map[string]string{"data_dir": dir})), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var s status.Status
	if err := control.Dial(dir).Call(t.Context(), "GET", "/v1/status", nil, &s); err != nil || !s.Healthy || s.PID != os.Getpid() || s.Console != "" {
		t.Errorf("got %+v, %v, want this process, healthy and without a console", s, err)
	}
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, control.SocketName)); !os.IsNotExist(err) {
		t.Errorf("after the end: got %v, want no socket", err)
	}
	if last, err := status.Judge(dir, s.Time); err != nil || last.Running {
		t.Errorf("after the end: got %+v, %v, want its last word", last, err)
	}
}
