package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTextStaysSecret(t *testing.T) {
	type inside struct{ text Text }
	text := New("geheim")
	asJSON, err := json.Marshal(map[string]any{"a": text, "b": &text})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", text, "inside", inside{text}, "pointer", &text)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", text, "inside", inside{text}, "pointer", &text)
	shown := log.String() + string(asJSON)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb+verb+verb, text, &text, inside{text})
	}
	if strings.Contains(shown, "geheim") || strings.Contains(shown, fmt.Sprintf("%x", "geheim")) {
		t.Errorf("got %s", shown)
	}
	if !strings.Contains(string(asJSON), redacted) || text.Reveal() != "geheim" {
		t.Errorf("got %s", asJSON)
	}
}

func TestFileIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	file := &File[Text]{Key: "token_file", Path: path, Parse: func(b []byte) (Text, error) { return New(string(b)), nil }}
	if err := file.Open(); err == nil || !strings.HasPrefix(err.Error(), "token_file "+path+": no such file") {
		t.Errorf("no file: got %v", err)
	}
	for _, text := range []string{"one", "other"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := file.Get(); err != nil || got.Reveal() != text {
			t.Errorf("got %q, %v, want %q", got.Reveal(), err, text)
		}
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if got, err := file.Get(); err == nil || got.Reveal() != "other" {
		t.Errorf("readable by others: got %q, %v, want the value from before and an error", got.Reveal(), err)
	}
}
