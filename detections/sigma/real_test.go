package sigma

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const publicRules = "../../../shared/sigma-rules"

// publicFiles reads the public rules, or skips where they are not.
func publicFiles(t testing.TB) []File {
	t.Helper()
	dir := publicRules
	for range 3 {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = "../" + dir
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the public rules are not there")
	}
	var files []File
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yml") {
			return err
		}
		text, err := os.ReadFile(path)
		files = append(files, File{strings.TrimPrefix(path, dir+"/"), text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestPublicRules: each of them is in force, or refused because a placeholder has no values or because its notation ended with
// Sigma 2.0. Each field of those in force has its place.
func TestPublicRules(t *testing.T) {
	files := publicFiles(t)
	s := Compile(Parse(files))
	for _, p := range s.Problems {
		known := strings.Contains(p.Reason, "placeholder") && strings.HasPrefix(p.File, "rules-placeholder/") ||
			strings.Contains(p.Reason, "ended with Sigma 2.0") && strings.HasPrefix(p.File, "unsupported/")
		if !known {
			t.Error(p)
		}
	}
	if len(s.Rules)+len(s.Problems) != len(files) {
		t.Errorf("got %d rules and %d problems of %d files", len(s.Rules), len(s.Problems), len(files))
	}
	lists := ""
	for _, name := range []string{"Legitimate_Countries", "Legitimate_IP_Ranges", "Approved_Inviters", "Important_AppIds", "Known_Location", "KNOWN_LOCATION",
		"UnLegitCountries", "UnApprovedIp", "UnApprovedDevice", "HomeTenantID", "legtimate_identifiers"} {
		lists += name + ": [z]\n"
	}
	s = Compile(Parse(append(files, File{"lists.yml", []byte(lists)})))
	for _, p := range s.Problems {
		if strings.Contains(p.Reason, "placeholder") {
			t.Errorf("with values of placeholders: %v", p)
		}
	}
}
