package status

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// FileName is the file in the data directory that has the last status a process wrote.
const FileName = "status.json"

const (
	maxFile = 16 << 20
	// WriteEvery is how often a running process writes the file.
	WriteEvery = 15 * time.Second
	// hangingAfter is the age of the file at which a process that has the directory counts as hanging.
	hangingAfter = 8 * WriteEvery
)

// Write puts the file into its place at once, so that nobody reads half of it.
func (s *Status) Write(dir string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	path := filepath.Join(dir, FileName)
	if err := os.WriteFile(path+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	return nil
}

// Read returns what the last process wrote, as it wrote it.
func Read(dir string) (*Status, error) {
	file, err := os.Open(filepath.Join(dir, FileName))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return nil, err
	}
	s := &Status{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, errors.New("status file is damaged")
	}
	return s, nil
}

// Judge returns the status of a directory whose process does not answer: its last word, and whether it lives.
func Judge(dir string, now time.Time) (*Status, error) {
	s, err := Read(dir)
	if err != nil {
		return nil, err
	}
	when := s.Time.UTC().Format(time.DateTime) + " UTC"
	said := s.Running
	lock := filepath.Join(dir, "lock")
	s.Running = Locked(lock)
	switch {
	case s.Running && (!said || ownerOf(lock) != s.PID):
		s.Report(Starting, "", "a process has just taken the data directory and has not said anything yet; this is the last word of the one before, of "+when)
	case !s.Running:
		s.Report(NotRunning, "", "no process has the data directory; this is the last word of one, of "+when)
	case now.Sub(s.Time) > hangingAfter:
		s.Report(Hanging, "", "a process has the data directory, but does not answer and has written nothing since "+when)
	}
	return s, nil
}

// ownerOf is the process id in a lock file, 0 where there is none.
func ownerOf(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// Locked reports whether a process has a data directory by its lock file.
func Locked(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
