package latest

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// reference is the same thing, slowly.
type reference struct {
	most int
	list []entry[uint16, int]
}

func (r *reference) add(key uint16, value int) (int, bool) {
	if i := slices.IndexFunc(r.list, func(e entry[uint16, int]) bool { return e.key == key }); i >= 0 {
		return r.list[i].value, true
	}
	r.list = append(r.list, entry[uint16, int]{key, value})
	if len(r.list) > r.most {
		r.list = r.list[1:]
	}
	return 0, false
}

func TestAgainstReference(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		most := 1 + r.IntN(100)
		keys := 1 + r.IntN(3*most)
		m, want := New[uint16, int](most), reference{most: most}
		for n := range 20 * most {
			key := uint16(r.IntN(keys))
			got, there := m.Add(key, n)
			if value, known := want.add(key, n); got != value || there != known {
				t.Fatalf("most %d, keys %d, step %d: got %d, %v, want %d, %v", most, keys, n, got, there, value, known)
			}
		}
		var got []entry[uint16, int]
		for key, value := range m.All() {
			got = append(got, entry[uint16, int]{key, value})
		}
		if !slices.Equal(got, want.list) || m.Len() != len(want.list) {
			t.Fatalf("most %d: got %v, want %v", most, got, want.list)
		}
	}
}

func TestMemoryIsUsedAgain(t *testing.T) {
	m := New[[32]byte, struct{}](1000)
	key := func(n int) (k [32]byte) {
		k[0], k[1], k[2] = byte(n), byte(n>>8), byte(n>>16)
		return k
	}
	n := 0
	for ; n < 5000; n++ {
		m.Add(key(n), struct{}{})
	}
	if got := testing.AllocsPerRun(1000, func() { n++; m.Add(key(n), struct{}{}) }); got > 0 {
		t.Errorf("got %v allocations a key in a full map", got)
	}
}

func BenchmarkAdd(b *testing.B) {
	m := New[[32]byte, struct{}](1 << 17)
	r := rand.New(rand.NewPCG(1, 1))
	var key [32]byte
	for b.Loop() {
		n := r.Uint64()
		for i := range 8 {
			key[i] = byte(n >> (8 * i))
		}
		m.Add(key, struct{}{})
	}
}
