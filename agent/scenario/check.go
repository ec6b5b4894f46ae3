package scenario

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/idwatch/idwatch/parsers/enrich"
)

// Options say how a scenario is checked.
type Options struct {
	Enrich *enrich.Enricher // says where addresses are; may be nil
	Runs   int              // how many other orders to try; DefaultRuns when 0
}

// DefaultRuns is how often a scenario is run in another order.
const DefaultRuns = 20

// Result is what a scenario gave.
type Result struct {
	Alerts int
	Runs   int
	Dead   int      // records that could not be read
	Wrong  []string // lines that say what is not as expected; none when all is
	Golden []byte   // the alerts as a JSON list, indented; nil when there are none
}

// Check runs the scenario in order, holds it against what is expected, and then lets its records come shuffled, doubled
// and in batches, and arrive late at a running engine, which ends and goes on now and then: the documents have to be the
// same.
func (s *Scenario) Check(o Options) (Result, error) {
	first, err := s.replay(o.Enrich, s.records)
	if err != nil {
		return Result{}, err
	}
	r := Result{Alerts: len(first.alerts()), Runs: 1, Dead: first.dead, Wrong: s.Expect.judge(first), Golden: first.golden()}
	if err := s.replays(o, first, &r); err != nil {
		return r, err
	}
	return r, s.arrive(o, first, &r)
}

// replays runs the records in other ways through all of idwatch.
func (s *Scenario) replays(o Options, first *run, r *Result) error {
	twice := slices.Concat(s.records, s.records)
	for _, way := range []struct {
		name    string
		batches [][]byte
	}{
		{"shuffled", shuffled(s.records, 1)},
		{"doubled and shuffled", shuffled(twice, 2)},
		{"in batches", batches(s.records, 3)},
		{"backwards in batches", batches(backwards(s.records), 4)},
	} {
		again, err := s.replay(o.Enrich, way.batches)
		if err != nil {
			return err
		}
		r.add(first, again, way.name)
	}
	return nil
}

// arrive has the records arrive at a running engine, late and repeated, in many orders.
func (s *Scenario) arrive(o Options, first *run, r *Result) error {
	acts, err := s.Acts(o.Enrich)
	if err != nil {
		return err
	}
	for seed := range uint64(cmp.Or(o.Runs, DefaultRuns)) {
		live, err := live(s.house, s.added, acts, seed)
		if err != nil {
			return err
		}
		live.bodies[linksKey] = first.bodies[linksKey] // only a replay tells them
		if !r.add(first, live, fmt.Sprintf("arriving late with seed %d", seed)) {
			return nil // one is enough to look at
		}
	}
	return nil
}

// add counts a run, notes in which documents it differs from the first, and reports whether it does not.
func (r *Result) add(first, again *run, way string) bool {
	r.Runs++
	wrong := first.differs(again)
	if len(wrong) > 0 {
		r.Wrong = append(append(r.Wrong, way+": other documents than in order"), wrong...)
	}
	return len(wrong) == 0
}

// shuffled returns the records in another order, the same one for the same seed.
func shuffled(records [][]byte, seed uint64) [][]byte {
	other := slices.Clone(records)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
	return other
}

func backwards(records [][]byte) [][]byte {
	other := slices.Clone(records)
	slices.Reverse(other)
	return other
}

// batches joins records to JSON arrays of one to seven.
func batches(records [][]byte, seed uint64) [][]byte {
	random := rand.New(rand.NewPCG(seed, 7))
	var all [][]byte
	for len(records) > 0 {
		n := min(1+random.IntN(7), len(records))
		batch := []byte{'['}
		for i, record := range records[:n] {
			if i > 0 {
				batch = append(batch, ',')
			}
			batch = append(batch, record...)
		}
		all, records = append(all, append(batch, ']')), records[n:]
	}
	return all
}
