// Package rules reads folders of users' Sigma rules.
package rules

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/idwatch/idwatch/detections/sigma"
)

// Load compiles all rules in a folder and below it. Rules that cannot be compiled stand among the set's problems; the error is about
// the folder and its files.
func Load(dir string) (*sigma.Set, error) {
	files, err := read(dir)
	if err != nil {
		return nil, err
	}
	return sigma.Compile(sigma.Parse(files)), nil
}

// read reads the files of rules, in the order of their names.
func read(dir string) ([]sigma.File, error) {
	var files []sigma.File
	var broken []error
	err := each(dir, func(path string, _ fs.FileInfo) {
		text, err := os.ReadFile(path)
		if err != nil {
			broken = append(broken, err)
			return
		}
		files = append(files, sigma.File{Name: path, Text: text})
	})
	if err = errors.Join(append(broken, err)...); err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	return files, nil
}

// each calls do for each file of rules: those that end with .yml or .yaml. What begins with a dot is left out: Kubernetes keeps there
// what its links lead to.
func each(dir string, do func(path string, info fs.FileInfo)) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a directory", dir)
	}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != dir && strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if end := filepath.Ext(path); end != ".yml" && end != ".yaml" {
			return nil
		}
		info, err := os.Stat(path) // where a link leads to
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() {
			do(path, info)
		}
		return nil
	})
}

// Stamp is a number that changes when a file of rules does. It is 0 for a folder that cannot be read.
func Stamp(dir string) uint64 {
	h := fnv.New64a()
	err := each(dir, func(path string, info fs.FileInfo) {
		fmt.Fprintln(h, path, info.Size(), info.ModTime().UnixNano())
	})
	if err != nil {
		return 0
	}
	return h.Sum64()
}

// Hashes are the SHA-256 of each file of rules, by its path below the folder. A file that cannot be read has none; "" is no folder.
func Hashes(dir string) map[string]string {
	hashes := map[string]string{}
	if dir == "" {
		return hashes
	}
	_ = each(dir, func(path string, _ fs.FileInfo) {
		text, err := os.ReadFile(path)
		name, outside := filepath.Rel(dir, path)
		if err == nil && outside == nil {
			hashes[name] = fmt.Sprintf("%x", sha256.Sum256(text))
		}
	})
	return hashes
}

// Log tells what is in force and what is wrong.
func Log(log *slog.Logger, s *sigma.Set) {
	for _, p := range s.Problems {
		if p.Warning {
			log.Warn("rule needs a look", "file", p.File, "line", p.Line, "rule", p.Rule, "reason", p.Reason)
		} else {
			log.Error("rule refused", "file", p.File, "line", p.Line, "rule", p.Rule, "reason", p.Reason)
		}
	}
	log.Info("rules loaded", "rules", len(s.Rules), "correlations", len(s.Correlations), "refused", len(s.Faults()))
}
