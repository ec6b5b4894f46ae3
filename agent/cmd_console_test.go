package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"testing"
)

func TestConsoleAddressLogsIn(t *testing.T) {
	if testing.Short() {
		t.Skip("runs an agent")
	}
	l := live(t, "console: {listen: '127.0.0.1:0'}")
	var address string
	l.until("an address", func() bool {
		status, stdout, _ := idwatch(t, "", "console", "--config", l.config)
		address = strings.TrimSpace(stdout)
		return status == done
	})
	jar, _ := cookiejar.New(nil) // it never fails
	answer, err := (&http.Client{Jar: jar}).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if page, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(page), "<h1>Alerts</h1>") {
		t.Errorf("got %d, %v, want the alerts", answer.StatusCode, err)
	}
}

func TestConsoleWithoutAnAgent(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "idwatch.yaml")
	write(t, config, []byte("data_dir: "+dir+"\n"))
	if status, _, stderr := idwatch(t, "", "console", "--config", config); status != wrong || stderr == "" {
		t.Errorf("got %d, %q, want 1 and why", status, stderr)
	}
}
