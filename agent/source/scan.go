package source

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// candidate is a file that an input may have to read.
type candidate struct {
	path    string
	log     string // the name it is or was written under
	rotated bool   // not asked for by name: it is of interest as far as it holds what its log held
	id      fileID
	info    fs.FileInfo
}

// candidates lists the files that a pattern names and, beside them, what rotation made of them: the oldest first.
func candidates(pattern string) ([]candidate, error) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	logs := names
	if !hasMeta(pattern) {
		logs = []string{pattern} // its rotated files matter also while it is not there
	}
	var found []candidate
	ids := map[fileID]bool{}
	add := func(path, log string, rotated bool) {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || ids[idOf(info)] {
			return
		}
		ids[idOf(info)] = true
		found = append(found, candidate{path, log, rotated, idOf(info), info})
	}
	for _, name := range names {
		add(name, name, false)
	}
	for _, name := range rotatedOf(logs) {
		add(name.path, name.log, true)
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), strings.Compare(b.path, a.path))
	})
	return found, nil
}

func hasMeta(pattern string) bool { return strings.ContainsAny(pattern, `*?[\`) }

// rotatedName is a file that by its name was rotated away from a log.
type rotatedName struct{ path, log string }

// rotatedOf looks beside logs for what rotation made of them.
func rotatedOf(logs []string) []rotatedName {
	byDir := map[string]map[string]bool{}
	for _, log := range logs {
		dir, name := filepath.Split(log)
		if byDir[dir] == nil {
			byDir[dir] = map[string]bool{}
		}
		byDir[dir][name] = true
	}
	var found []rotatedName
	for dir, names := range byDir {
		entries, _ := os.ReadDir(cmp.Or(dir, ".")) // a folder that is not there has no files
		for _, entry := range entries {
			if log := rotatedFrom(entry.Name(), names); log != "" {
				found = append(found, rotatedName{dir + entry.Name(), dir + log})
			}
		}
	}
	return found
}

// rotatedFrom returns which of the logs a file was rotated from, "" when its name tells of none. A number or a date stands
// behind the log's name (audit.log.1, audit.log-20260301.gz) or in front of its extension (audit-2026-03-01T10-00-00.log.gz).
func rotatedFrom(name string, logs map[string]bool) string {
	if logs[name] {
		return ""
	}
	plain := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	for i := 1; i+1 < len(plain); i++ {
		if !isSeparator(plain[i]) || !isDigit(plain[i+1]) {
			continue
		}
		stem, stamp := plain[:i], plain[i+1:]
		if logs[stem] && isStamp(stamp) {
			return stem
		}
		if ext := filepath.Ext(stamp); logs[stem+ext] && isStamp(strings.TrimSuffix(stamp, ext)) {
			return stem + ext
		}
	}
	return ""
}

// isStamp reports whether text can be a rotated file's number or date.
func isStamp(text string) bool {
	for i := range len(text) {
		if c := text[i]; !isDigit(c) && !isSeparator(c) && c != ':' && c != '+' && c != 'T' && c != 'Z' {
			return false
		}
	}
	return text != ""
}

func isSeparator(c byte) bool { return c == '.' || c == '-' || c == '_' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
