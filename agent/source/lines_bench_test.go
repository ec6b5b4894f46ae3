package source

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkLines reads a file of 64 MiB out of the page cache.
func BenchmarkLines(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"400B", 400}, {"2kB", 2000}, {"20kB", 20000}} {
		b.Run(size.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "log")
			line := append(bytes.Repeat([]byte("x"), size.bytes-1), '\n')
			if err := os.WriteFile(path, bytes.Repeat(line, 64<<20/size.bytes), 0o600); err != nil {
				b.Fatal(err)
			}
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			b.SetBytes(int64(64 << 20 / size.bytes * size.bytes))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = f.Seek(0, io.SeekStart)
				l := lines{r: f}
				for err := error(nil); err == nil; {
					_, _, err = l.next(blockBytes)
				}
			}
		})
	}
}
