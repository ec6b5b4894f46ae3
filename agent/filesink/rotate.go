package filesink

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/idwatch/idwatch/agent/durable"
)

// rotate gives the file the next number. Numbers only rise, so a name never comes to mean another file.
func (o *output) rotate() error {
	numbers, err := o.numbers()
	if err != nil {
		return err
	}
	_ = o.finish()
	next := 1
	if n := len(numbers); n > 0 {
		next = numbers[n-1] + 1
	}
	if err := os.Rename(o.path, o.numbered(next)); err != nil {
		return err
	}
	o.sink.rotated.Add(1)
	o.prune(append(numbers, next))
	return durable.SyncDir(filepath.Dir(o.path))
}

func (o *output) numbered(n int) string { return fmt.Sprintf("%s.%06d", o.path, n) }

// numbers lists the stream's rotated files, oldest first.
func (o *output) numbers() ([]int, error) {
	entries, err := os.ReadDir(filepath.Dir(o.path))
	if err != nil {
		return nil, err
	}
	var found []int
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), filepath.Base(o.path)+".")
		if n, err := strconv.Atoi(digits); ok && err == nil && n > 0 {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	return found, nil
}

// prune removes the oldest files beyond the number to keep.
func (o *output) prune(numbers []int) {
	s := o.sink
	if s.settings.Keep < 0 {
		return
	}
	for _, n := range numbers[:max(len(numbers)-s.settings.Keep, 0)] {
		if err := os.Remove(o.numbered(n)); err != nil {
			s.settings.Log.Warn("oldest file not removed", "err", err)
			continue
		}
		s.removed.Add(1)
		s.settings.Log.Warn("oldest file removed", "file", o.numbered(n), "keep", s.settings.Keep)
	}
}
