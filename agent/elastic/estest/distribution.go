package estest

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	version  = "8.19.4"
	artifact = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:" + version + ":zip"
	zipName  = "elasticsearch-" + version + ".zip"
)

// packages are Debian's names of what has to be there, by the command that shows it is.
var packages = map[string]string{"mvn": "maven", "java": "openjdk-17-jre-headless"}

// tools returns the path of the distribution and the Java for it. One process at a time fetches what is missing.
func tools(cache string) (archive, java string, err error) {
	err = lock(filepath.Join(cache, fetchLock), syscall.LOCK_EX, func() error {
		if archive, err = distribution(cache); err != nil {
			return err
		}
		java, err = javaHome()
		return err
	})
	return archive, java, err
}

// distribution returns the path of the distribution's zip file, which Maven fetches the first time.
func distribution(cache string) (string, error) {
	path := filepath.Join(cache, zipName)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := need("mvn"); err != nil {
		return "", err
	}
	part := filepath.Join(cache, "fetch")
	defer os.RemoveAll(part)
	fetch := exec.Command("mvn", "-B", "-q", "dependency:copy", "-Dartifact="+artifact, "-DoutputDirectory="+part)
	fetch.Dir = cache // a pom.xml where the test runs is none of Maven's business
	if out, err := fetch.CombinedOutput(); err != nil {
		return "", fmt.Errorf("fetch %s: %w: %s", artifact, err, out)
	}
	return path, os.Rename(filepath.Join(part, zipName), path)
}

// need installs the package of a command that is missing. Only root can.
func need(command string) error {
	if _, err := exec.LookPath(command); err == nil {
		return nil
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("%s is missing: install %s, or test with -short", command, packages[command])
	}
	script := "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends " + packages[command]
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		return fmt.Errorf("install %s: %w: %s", packages[command], err, out)
	}
	return nil
}

// javaHome finds the Java that the command of that name starts.
func javaHome() (string, error) {
	if home := os.Getenv("ES_JAVA_HOME"); home != "" {
		return home, nil
	}
	if err := need("java"); err != nil {
		return "", err
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return "", err
	}
	if java, err = filepath.EvalSymlinks(java); err != nil {
		return "", err
	}
	return filepath.Dir(filepath.Dir(java)), nil
}

// unpack writes the distribution to dir, without the folder that holds all of it in the zip file.
func unpack(path, dir string) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer archive.Close()
	for _, f := range archive.File {
		_, name, _ := strings.Cut(f.Name, "/")
		if !filepath.IsLocal(name) || f.FileInfo().IsDir() {
			continue
		}
		if err := unpackFile(f, filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("unpack %s: %w", f.Name, err)
		}
	}
	return nil
}

func unpackFile(f *zip.File, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	from, err := f.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, f.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		to.Close()
		return err
	}
	return to.Close()
}
