package detections

import (
	"fmt"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections/identity"
)

// shelf is a cold store in memory.
type shelf map[uint64][]byte

func (s shelf) Put(key uint64, record []byte) { s[key] = append([]byte(nil), record...) }
func (s shelf) Get(key uint64) []byte         { return s[key] }

// TestColdReturns: an identity that had to be forgotten comes back from the cold store as it was: what it always did is known, what it
// never did is new, and so is the life of its key. What the store has lost is unknown, and never new.
func TestColdReturns(t *testing.T) {
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("lost %v", lost), func(t *testing.T) {
			m := newMachine(quickLearner(), nil, Bounds{Identities: 1000})
			cold := shelf{}
			m.memory.cold, m.memory.packs = cold, newPacker(nil)
			at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
			for i := range 4 {
				a := busyAct(8*i+1, "user0@acme.example", at)
				a.Operation, a.Credential = "mail", "key0"
				m.eat(a)
				at = at.Add(time.Hour)
			}
			for i := range 20_000 {
				at = at.Add(time.Second)
				a := busyAct(i+100, fmt.Sprintf("user%d@acme.example", i+1), at)
				a.Credential = fmt.Sprintf("key%d", i+1)
				m.eat(a)
			}
			if m.memory.Profiles.Peek("user0@acme.example") != nil || m.memory.Credentials.Peek("key0") != nil {
				t.Fatal("nothing had to be forgotten")
			}
			wantNew, wantKnown, wantUses := identity.New, identity.Known, 4
			if lost {
				clear(cold)
				wantNew, wantKnown, wantUses = identity.Unknown, identity.Unknown, 0
			}
			c := m.caseOf(busyAct(99_999, "user0@acme.example", at.Add(time.Hour)))
			if got := c.Novelty(operations, "mail"); got != wantKnown {
				t.Errorf("what it always did: got %v, want %v", got, wantKnown)
			}
			if got := c.Novelty(operations, "never seen"); got != wantNew {
				t.Errorf("what it never did: got %v, want %v", got, wantNew)
			}
			if c.Silent() < 5*time.Hour {
				t.Errorf("silent for %v, want some hours", c.Silent())
			}
			uses := 0
			if k := c.Credential("key0"); k != nil {
				uses = k.Uses
			}
			if uses != wantUses {
				t.Errorf("got %d uses of the key, want %d", uses, wantUses)
			}
		})
	}
}
