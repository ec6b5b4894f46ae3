package record

import (
	"bytes"
	"testing"
)

// BenchmarkParse indexes a record of about 2 kB with the shape of audit records.
func BenchmarkParse(b *testing.B) {
	member := `"client":{"userAgent":{"rawUserAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36","os":"Mac OS X","browser":"CHROME"},"zone":"null","ipAddress":"192.0.2.7","geo":{"lat":53.3382,"lon":-6.2591}}`
	var text bytes.Buffer
	for _, prefix := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"} {
		text.WriteString("," + `"` + prefix + member[1:])
	}
	raw := append([]byte{'{'}, text.Bytes()[1:]...)
	raw = append(raw, '}')
	var r Record
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}
