package chunk

import "testing"

// A value's end is found when its last byte is there, and not before, whatever the steps in which it comes.
func TestScanner(t *testing.T) {
	for name, data := range goldenChunks(t) {
		first, err := skip(data)
		if err != nil || len(data) == 0 {
			continue
		}
		want := len(data) - len(first)
		for _, step := range []int{1, 7, want} {
			var s Scanner
			for n := 0; ; n = min(n+step, len(data)) {
				got, err := s.End(data[:n])
				if err != nil || got != 0 && got != want || got == 0 && n >= want {
					t.Fatalf("%s: %d bytes in steps of %d: got %d, %v, want %d", name, n, step, got, err, want)
				}
				if got != 0 {
					break
				}
			}
		}
	}
	var s Scanner
	if _, err := s.End([]byte{0x92, 0x01, 0xc1}); err != ErrNotMsgp {
		t.Errorf("got %v, want %v", err, ErrNotMsgp)
	}
	deep := make([]byte, 1<<20)
	for i := range deep {
		deep[i] = 0x91 // an array of an array of an array …
	}
	if n, err := new(Scanner).End(deep); n != 0 || err != nil {
		t.Errorf("deep: got %d, %v, want more bytes to be asked for", n, err)
	}
}
