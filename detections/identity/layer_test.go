package identity_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/idwatch/idwatch/detections/identity"
)

type counter struct{ n int }

// naive is what a layer does, told simply: a whole copy of everything at the beginning of each open epoch.
type naive struct {
	now     map[string]int
	before  []map[string]int // at the beginning of each open epoch
	epochs  []uint32
	touched []map[string]bool // by each open epoch
}

func (m *naive) enter(epoch uint32) {
	m.before, m.epochs, m.touched = append(m.before, maps.Clone(m.now)), append(m.epochs, epoch), append(m.touched, map[string]bool{})
}

func (m *naive) touch(key string) {
	if n := len(m.touched); n > 0 {
		m.touched[n-1][key] = true
	}
}

func (m *naive) isOpen(key string) bool {
	for _, t := range m.touched {
		if t[key] {
			return true
		}
	}
	return false
}

// final is what no rollback takes back.
func (m *naive) final() map[string]int {
	if len(m.before) > 0 {
		return m.before[0]
	}
	return m.now
}

// TestLayerLikeWholeCopies: whatever is edited, forgotten, settled and taken back, a layer has what whole copies would have, and whoever
// watches it can count along.
func TestLayerLikeWholeCopies(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		clock := &identity.Clock{}
		l := identity.NewLayer[string](clock, func(c *counter) *counter { d := *c; return &d })
		sum := 0
		l.Watch(func(from, to *counter) {
			if from != nil {
				sum -= from.n
			}
			if to != nil {
				sum += to.n
			}
		})
		m := &naive{now: map[string]int{}}
		made := uint32(0)
		open := func() {
			made++
			clock.Enter(made)
			m.enter(made)
		}
		open()
		for step := range 400 {
			key := fmt.Sprint(r.IntN(12))
			clock.Stand(identity.Position{Time: int64(step)})
			switch r.IntN(12) {
			case 0, 1, 2, 3, 4:
				l.Edit(key, func() *counter { return &counter{} }).n++
				sum++
				m.now[key]++
				m.touch(key)
			case 5, 6:
				want, there := m.now[key]
				if got := l.Get(key); there != (got != nil) || there && got.n != want {
					t.Fatalf("seed %d step %d: got %v under %s, want %d, %t", seed, step, got, key, want, there)
				}
				if !there {
					m.touch(key) // that nothing was there is remembered too
				}
			case 7:
				l.Forget(key)
				if _, there := m.now[key]; there {
					m.touch(key)
				}
				delete(m.now, key)
			case 8:
				open()
			case 9: // the oldest become final
				if n := r.IntN(len(m.epochs)); n > 0 {
					l.Settle(m.epochs[n-1])
					m.before, m.epochs, m.touched = m.before[n:], m.epochs[n:], m.touched[n:]
				}
			case 10: // the youngest are taken back
				n := r.IntN(len(m.epochs))
				l.Rollback(m.epochs[n])
				m.now = m.before[n]
				m.before, m.epochs, m.touched = m.before[:n], m.epochs[:n], m.touched[:n]
				open()
			case 11: // for good
				clock.Enter(0)
				_, there := m.now[key]
				if got, want := l.Forget(key), !m.isOpen(key); there && got != want {
					t.Fatalf("seed %d step %d: forgotten for good: got %t, want %t", seed, step, got, want)
				} else if there && want {
					delete(m.now, key)
					for _, b := range m.before {
						delete(b, key)
					}
				}
				clock.Enter(made)
			}
			check(t, fmt.Sprintf("seed %d step %d", seed, step), l, m, sum)
		}
	}
}

func check(t *testing.T, when string, l *identity.Layer[string, counter], m *naive, sum int) {
	t.Helper()
	have, total := map[string]int{}, 0
	for key, c := range l.All() {
		have[key] = c.n
		total += c.n
	}
	if !maps.Equal(have, m.now) || l.Len() != len(m.now) {
		t.Fatalf("%s: got %v, %d of them, want %v", when, have, l.Len(), m.now)
	}
	if sum != total {
		t.Fatalf("%s: who watched counted %d, want %d", when, sum, total)
	}
	for n := range 12 {
		key := fmt.Sprint(n)
		if _, want := m.final()[key]; l.Final(key) != want {
			t.Fatalf("%s: %s final: got %t, want %t", when, key, !want, want)
		}
	}
}
