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

// TestPublicRules: each of them is in force, or refused for a reason that is known.
func TestPublicRules(t *testing.T) {
	s := Compile(Parse(publicFiles(t)))
	for _, p := range s.Problems {
		t.Log(p)
	}
	t.Log(len(s.Rules), "rules in force")
}
