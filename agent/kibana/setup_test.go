package kibana

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// importer is a Kibana that takes uploads and says what it is told to.
type importer struct {
	t      *testing.T
	status int
	answer string
	paths  []string
	files  []string
}

func (i *importer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.Header.Get("kbn-xsrf") == "" {
		i.t.Errorf("got %s with kbn-xsrf %q, want a POST with one", r.Method, r.Header.Get("kbn-xsrf"))
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		i.t.Errorf("upload without a file: %v", err)
		return
	}
	content, err := io.ReadAll(file)
	if err != nil {
		i.t.Error(err)
	}
	i.paths, i.files = append(i.paths, r.URL.RequestURI()), append(i.files, header.Filename+" "+string(content))
	w.WriteHeader(i.status)
	io.WriteString(w, i.answer)
}

func TestSetupUploads(t *testing.T) {
	kibana := &importer{t: t, status: 200, answer: `{"success":true,"successCount":19}`}
	server := httptest.NewServer(kibana)
	defer server.Close()
	var said bytes.Buffer
	if err := Setup(t.Context(), Options{URL: server.URL + "/", Client: server.Client(), Space: "soc"}, &said); err != nil {
		t.Fatal(err)
	}
	want := []string{"/s/soc/api/saved_objects/_import?overwrite=true", "/s/soc/api/detection_engine/rules/_import?overwrite=true"}
	if got := strings.Join(kibana.paths, " "); got != strings.Join(want, " ") {
		t.Errorf("got requests %s, want %s", got, want)
	}
	for i, name := range []string{"saved-objects.ndjson ", "security-rules.ndjson "} {
		if !strings.HasPrefix(kibana.files[i], name) || !strings.HasSuffix(kibana.files[i], "}\n") {
			t.Errorf("file %d: got %.60q, want %s with lines of JSON", i, kibana.files[i], name)
		}
	}
	if !strings.Contains(said.String(), "19 objects") {
		t.Errorf("got %q, want what was installed", said.String())
	}
}

// TestSetupRefused: whatever Kibana answers, one line says what to do.
func TestSetupRefused(t *testing.T) {
	for name, test := range map[string]struct {
		status       int
		answer, want string
	}{
		"key":        {401, `{}`, "refuses the credentials (401)"},
		"rights":     {403, `{}`, "right to manage saved objects"},
		"other":      {404, `<html>`, "check the address, the space"},
		"broken":     {500, ``, "answers 500"},
		"not kibana": {200, `<html>hello</html>`, "not Kibana"},
		"partly":     {200, `{"success":false,"successCount":16,"errors":[{"id":"idwatch-threats","error":{"type":"conflict"}}]}`, `did not take 1 of data views, searches and dashboards, first "idwatch-threats": conflict`},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(&importer{t: t, status: test.status, answer: test.answer})
			defer server.Close()
			err := Setup(t.Context(), Options{URL: server.URL, Client: server.Client()}, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestSetupWritesFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := Setup(t.Context(), Options{OutputDir: dir}, io.Discard); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"saved-objects.ndjson": 19, "security-rules.ndjson": 1} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Count(text, []byte("\n")); got != want {
			t.Errorf("%s: got %d lines, want %d", name, got, want)
		}
	}
	var said bytes.Buffer
	if err := Setup(t.Context(), Options{DryRun: true}, &said); err != nil || !strings.Contains(said.String(), "would install") {
		t.Errorf("dry run: got %q, %v", said.String(), err)
	}
}
