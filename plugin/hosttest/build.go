package hosttest

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed host
var sources embed.FS

// Host compiles the host to a path.
func Host(path string) error {
	dir, err := os.MkdirTemp("", "idwatch-host-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, sources); err != nil {
		return err
	}
	parts, err := fs.Glob(sources, "host/*.c")
	if err != nil {
		return err
	}
	cc := []string{"-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-o", path}
	for _, part := range parts {
		cc = append(cc, filepath.Join(dir, part))
	}
	return run("cc", append(cc, "-ldl", "-lpthread")...)
}

// Library builds the plugin to a path. A tag may choose another intake. The flags are those of make: what it has compiled serves here, too.
func Library(path string, tags ...string) error {
	all := strings.Join(append([]string{"netgo", "osusergo"}, tags...), ",")
	return run("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-tags", all, "-o", path, "github.com/idwatch/idwatch/plugin")
}

func run(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
