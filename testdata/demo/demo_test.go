// Package demo holds the demo: its records (generate), how they reach the plugin (chunks), what came of them (show).
package demo

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/agent/elastic/estest"
)

func TestDemoToFiles(t *testing.T) {
	out := demo(t)
	if _, err := os.Stat(filepath.Join(out, "documents", "plugin", "logs-okta.system-default.ndjson")); err != nil {
		t.Error(err)
	}
	alerts, err := os.ReadFile(filepath.Join(out, "alerts.ndjson"))
	if err != nil || !strings.Contains(string(alerts), "mara.lindqvist") {
		t.Errorf("no alert about whom the abuse is about: %v", err)
	}
}

func TestDemoToElasticsearch(t *testing.T) {
	s := estest.Start(t)
	demo(t, "ES_URL="+s.URL, "ES_CA_FILE="+s.CAFile, "ES_USERNAME="+s.Username, "ES_PASSWORD_FILE="+s.PasswordFile)
}

// demo runs the script, which fails by itself when records and documents are not equally many.
func demo(t *testing.T, env ...string) (out string) {
	t.Helper()
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "bin", "out_idwatch.so")); err != nil {
		t.Skip("the programs are not built: make")
	}
	out = filepath.Join(t.TempDir(), "demo-out")
	cmd := exec.Command(filepath.Join(root, "packaging", "scripts", "demo.sh"))
	cmd.Env = append(os.Environ(), append(env, "DEMO_OUT="+out)...)
	answer, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(answer), "user.session.start") {
		t.Fatalf("demo: %v\n%s", err, answer)
	}
	return out
}
