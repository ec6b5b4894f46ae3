package chunk

import (
	"bytes"
	"slices"
	"testing"
)

// Sizes are only announced: what they ask for is never allocated, and levels cost no stack.
func TestHostileSizes(t *testing.T) {
	deep := append([]byte{0x92, 0x01}, bytes.Repeat([]byte{0x91}, 4<<20)...)
	for name, c := range map[string]struct {
		data []byte
		want Kind
	}{
		"map of 2^32":      {[]byte{0x92, 0x01, 0xdf, 0xff, 0xff, 0xff, 0xff}, Truncated},
		"maps of 2^32":     {append([]byte{0x92, 0x01}, bytes.Repeat([]byte{0xdf, 0xff, 0xff, 0xff, 0xff}, 1<<16)...), Truncated},
		"array of 2^32":    {[]byte{0x92, 0xdd, 0xff, 0xff, 0xff, 0xff, 0x01}, Truncated},
		"chunk of 2^32":    {[]byte{0xdd, 0xff, 0xff, 0xff, 0xff, 0x01}, Damaged},
		"string of 2^32":   {[]byte{0x92, 0x01, 0xdb, 0xff, 0xff, 0xff, 0xff, 'a'}, Truncated},
		"bin of 2^32":      {[]byte{0x92, 0x01, 0xc6, 0xff, 0xff, 0xff, 0xff, 'a'}, Truncated},
		"ext of 2^32":      {[]byte{0x92, 0xc9, 0xff, 0xff, 0xff, 0xff, 0x00, 'a'}, Truncated},
		"4 million levels": {deep, Truncated},
		"as many, closed":  {append(deep, 0x90), Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			allocs := testing.AllocsPerRun(1, func() {
				for p := range Pieces(c.data) {
					if p.Kind != c.want || len(p.Bytes) != len(c.data) {
						t.Errorf("got %s of %d bytes, want %s of %d", kindNames[p.Kind], len(p.Bytes), kindNames[c.want], len(c.data))
					}
				}
			})
			if allocs > 8 {
				t.Errorf("got %v allocations", allocs)
			}
		})
	}
}

// Each flipped byte spoils its own record or ends the chunk; records before it are untouched, and no byte is lost.
func TestFlipEveryByte(t *testing.T) {
	data := []byte(goldenChunks(t)["groups"])
	whole := slices.Collect(Pieces(data))
	for at := range data {
		flipped := bytes.Clone(data)
		flipped[at] ^= 0x55
		got := slices.Collect(Pieces(flipped))
		checkBytes(t, flipped, got)
		end := 0
		for i, p := range whole {
			if end += len(p.Bytes); end > at {
				break
			}
			if got[i].Kind != p.Kind || !bytes.Equal(got[i].Bytes, p.Bytes) {
				t.Fatalf("flip at %d changed piece %d before it", at, i)
			}
		}
	}
}
