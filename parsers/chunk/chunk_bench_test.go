package chunk

import "testing"

// BenchmarkDecode takes apart chunks of 400 records and appends their text: as raw lines, and as maps.
func BenchmarkDecode(b *testing.B) {
	lines := vendorLines(b)
	shapes := map[string]func(c *build, line string){
		"line": func(c *build, line string) { c.log(line) },
		"map":  func(c *build, line string) { c.v2(at, []byte{0x80}, packed(line)) },
	}
	for name, add := range shapes {
		b.Run(name, func(b *testing.B) {
			const records = 400
			var c build
			for i := range records {
				add(&c, lines[i%len(lines)])
			}
			out := make([]byte, 0, 2*len(c))
			b.SetBytes(int64(len(c)))
			b.ReportAllocs()
			for b.Loop() {
				out = out[:0]
				for p := range Pieces(c) {
					out, _ = p.AppendRecord(out, "")
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
		})
	}
}
