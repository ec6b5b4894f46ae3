package store

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// benchEvents are the records of the parsers' test data, and their bytes.
func benchEvents(b *testing.B) (events []ecs.Event, size int64) {
	b.Helper()
	paths, err := filepath.Glob("../../testdata/*/*.log")
	if err != nil || len(paths) == 0 {
		b.Fatal("no records", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			size += int64(len(line))
			events = append(events, ecs.Event{Dataset: filepath.Base(filepath.Dir(path)), Time: day0, Original: line})
		}
	}
	return events, size
}

// BenchmarkTake says what the window costs a record, in time of all processors, the disk's included.
func BenchmarkTake(b *testing.B) {
	events, size := benchEvents(b)
	bounded := settings(b.TempDir())
	bounded.MaxBytes = 64 << 20
	s, err := Open(bounded)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	began := processorTime()
	taken := 0
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for i := range events {
			s.TakeEvent(&events[i])
			for len(s.full) > blocksQueued/2 { // parsing takes longer than the disk
				time.Sleep(time.Millisecond)
			}
		}
		taken += len(events)
	}
	s.Flush()
	b.ReportMetric(float64(processorTime()-began)/float64(taken), "cpu-ns/record")
	b.ReportMetric(float64(size)/float64(len(events)), "B/record")
	b.ReportMetric(float64(s.stats.RecordsDropped.Load()), "dropped")
}

// BenchmarkFind says how fast a search goes through records that do not have the word.
func BenchmarkFind(b *testing.B) {
	events, _ := benchEvents(b)
	s, err := Open(settings(b.TempDir()))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for range 20_000 / len(events) {
		for i := range events {
			s.TakeEvent(&events[i])
		}
		s.Flush()
	}
	began := processorTime()
	var scanned int64
	for b.Loop() {
		found, err := s.Find(b.Context(), Search{Words: []string{"a word that nobody wrote"}, Make: plain})
		if err != nil || len(found.Records) > 0 {
			b.Fatal(found, err)
		}
		scanned += found.Scanned
	}
	b.ReportMetric(float64(processorTime()-began)/float64(scanned), "cpu-ns/record")
}

// processorTime is what the process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
