package detections

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/detections/identity"
)

// pair is two names of which somebody knows whether they belong to one identity.
type pair struct {
	a, b string
	same bool
	why  string
}

func labelledPairs(t *testing.T) []pair {
	t.Helper()
	file, err := os.Open("../testdata/links/pairs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var pairs []pair
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) == 4 {
			pairs = append(pairs, pair{fields[0], fields[1], fields[2] == "same", fields[3]})
		}
	}
	return pairs
}

// TestLabelledPairs: no two identities become one, whatever looks alike; of the pairs that belong together nearly all are found.
func TestLabelledPairs(t *testing.T) {
	r := replayFiles(t, DefaultContext(), "../testdata/links/records.ndjson")
	pairs := labelledPairs(t)
	together, found := 0, 0
	for _, p := range pairs {
		one := r.machine.memory.Graph.Find(identity.Fold(p.a)) == r.machine.memory.Graph.Find(identity.Fold(p.b))
		switch {
		case p.same && one:
			found++
		case p.same:
			t.Logf("not found: %s and %s (%s)", p.a, p.b, p.why)
		case one:
			t.Errorf("%s and %s have become one: %s", p.a, p.b, p.why)
		}
		if p.same {
			together++
		}
	}
	if len(pairs) < 200 || together < 100 || len(pairs)-together < 80 {
		t.Errorf("%d pairs, %d of one identity: too few", len(pairs), together)
	}
	if 100*found < 95*together {
		t.Errorf("%d of %d pairs found, want 95 %%", found, together)
	}
	t.Logf("%d of %d pairs of one identity found, %d pairs of two identities kept apart", found, together, len(pairs)-together)
}
