package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkAppend is a flush of 1 MiB, as Fluent Bit's, appended and synced: by the log, and raw on the same disk. What counts is their ratio.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20} {
		payload := make([]byte, size)
		b.Run(fmt.Sprintf("spool/%dKiB", size>>10), func(b *testing.B) {
			l, err := Open(Settings{Dir: b.TempDir(), MaxBytes: 1 << 40, Readers: []string{"a"}})
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.Append(Entry{Parts: [][]byte{payload}}); err != nil {
					b.Fatal(err)
				}
				if l.Stats().Segments > 8 {
					l.Keep("a", l.Next())
					if err := l.Save(nil); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
		b.Run(fmt.Sprintf("raw/%dKiB", size>>10), func(b *testing.B) {
			dir := b.TempDir()
			var f *os.File
			at, n := int64(maxSegment), 0
			b.SetBytes(int64(size))
			for b.Loop() {
				if at+int64(size) > maxSegment {
					if f != nil {
						f.Close()
						os.Remove(f.Name())
					}
					var err error
					if f, err = os.Create(filepath.Join(dir, fmt.Sprint(n))); err != nil {
						b.Fatal(err)
					}
					at, n = 0, n+1
				}
				if _, err := f.WriteAt(payload, at); err != nil {
					b.Fatal(err)
				}
				if err := f.Sync(); err != nil {
					b.Fatal(err)
				}
				at += int64(size)
			}
			f.Close()
		})
	}
}

// BenchmarkRead is reading back from the page cache.
func BenchmarkRead(b *testing.B) {
	l, err := Open(Settings{Dir: b.TempDir(), MaxBytes: 1 << 40})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	payload := make([]byte, 256<<10)
	for range 256 {
		if _, err := l.Append(Entry{Parts: [][]byte{payload}}); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(payload)))
	r := l.ReadFrom(Position{})
	for b.Loop() {
		_, ok, err := r.Next()
		if err != nil {
			b.Fatal(err)
		}
		if !ok {
			r.Close()
			r = l.ReadFrom(Position{})
		}
	}
}
