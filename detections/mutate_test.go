package detections

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutation is one mistake in a detection: something in a file is written otherwise.
type mutation struct {
	detection, kind, file, from, to string
}

// mutations are three mistakes in each of ten detections: a window or number off by little, a wrong key, a missing step.
var mutations = []mutation{
	{"any_kill_chain", "number", "kill_chain.go", "const chainSpan = 24 * time.Hour", "const chainSpan = 23 * time.Hour"},
	{"any_kill_chain", "key", "kill_chain.go", "key := lastOf(c.Back(chainSpan, isNamedMint))", "key := lastOf(c.From(chainSpan, func(a *Act) bool { return isNamedMint(a) && a.Actor.ID != c.ID }))"},
	{"any_kill_chain", "step", "kill_chain.go", "if gain == nil {\n\t\treturn nil\n\t}", "if gain == nil {\n\t\tgain = key\n\t}"},

	{"any_gain_then_data", "number", "gain_then_data.go", "const gainSpan = time.Hour", "const gainSpan = 62 * time.Minute"},
	{"any_gain_then_data", "key", "gain_then_data.go", "c.Same(b.TargetID, c.ID)", "c.Same(b.TargetID, b.Resource)"},
	{"any_gain_then_data", "step", "gain_then_data.go", "gain, given = c.givenTo(gainSpan), true", "given = true"},

	{"any_travel_then_refresh", "number", "travel_journey.go", "const refreshWithin = 30 * time.Minute", "const refreshWithin = 32 * time.Minute"},
	{"any_travel_then_refresh", "key", "travel.go", "|| sameText(from.Device, a.Device) {", "{"},
	{"any_travel_then_refresh", "step", "travel_journey.go", "if l, found = at.leapFrom(&before); found {", "if l, found = at.leapFrom(&before); true {"},

	{"any_risky_sign_in_then_cloud", "number", "cross_source.go", "const riskyRefusals = 3", "const riskyRefusals = 2"},
	{"any_risky_sign_in_then_cloud", "key", "cross_source.go", "risky := c.Back(riskyWithin, func(b *Act) bool {\n\t\treturn b.Dataset != a.Dataset", "risky := c.Back(riskyWithin, func(b *Act) bool {\n\t\treturn b.Dataset == a.Dataset"},
	{"any_risky_sign_in_then_cloud", "step", "cross_source.go", "if len(in) == 0 || !riskyEnough(risky) {", "if len(in) == 0 || len(risky) == 0 {"},

	{"any_credential_handed_on", "number", "credential_life.go", "const handedOnWithin = 30 * time.Minute", "const handedOnWithin = 32 * time.Minute"},
	{"any_credential_handed_on", "key", "credential_life.go", "k.MadeNetwork == a.Network() || c.Context.NetworkOf(a.Addr) != nil", "k.MadeNetwork != a.Network() || c.Context.NetworkOf(a.Addr) != nil"},
	{"any_credential_handed_on", "step", "credential_life.go", "k.MadeNetwork == a.Network() || c.Context.NetworkOf(a.Addr) != nil", "k.MadeNetwork == a.Network()"},

	{"any_throw_away_identity", "number", "lifecycle.go", "made := c.Back(24*time.Hour, func(b *Act) bool { return same(b)", "made := c.Back(23*time.Hour, func(b *Act) bool { return same(b)"},
	{"any_throw_away_identity", "key", "lifecycle.go", "return b.Target == a.Target }", "return b.Target != \"\" }"},
	{"any_throw_away_identity", "step", "lifecycle.go", "if len(made) == 0 || len(raised) == 0 {", "if len(made) == 0 {"},

	{"any_theft_then_sign_in", "number", "endpoint.go", "const theftSpan = 12 * time.Hour", "const theftSpan = 13 * time.Hour"},
	{"any_theft_then_sign_in", "key", "endpoint.go", "b.Has(ecsTheft) && b.Time.Before(at)", "b.Has(ecsAlert) && b.Time.Before(at)"},
	{"any_theft_then_sign_in", "step", "endpoint.go", "for _, host := range c.hosts() {", "for _, host := range c.hosts()[:0] {"},

	{"any_push_approved_after_refusals", "number", "push_bombing.go", "pushRefused = 5", "pushRefused = 4"},
	{"any_push_approved_after_refusals", "key", "push_bombing.go", "acts := c.Back(pushWindow, func(a *Act) bool { return isPush(a) &&", "acts := c.From(pushWindow, func(a *Act) bool { return isPush(a) && a.Actor.ID != c.ID &&"},
	{"any_push_approved_after_refusals", "step", "push_bombing.go", "if !isYes(c.Act) {", "if false {"},

	{"vault_secret_sweep", "number", "vault_sweep.go", "sweepPaths  = 10", "sweepPaths  = 9"},
	{"vault_secret_sweep", "key", "vault_sweep.go", "paths := distinct(append(read, c.Act), func(a *Act) string { return a.Target })", "paths := distinct(append(read, c.Act), func(a *Act) string { return a.Action })"},
	{"vault_secret_sweep", "step", "vault_sweep.go", "Part{\"usual_paths\", -25,", "Part{\"usual_paths\", -1,"},

	{"vault_denied_burst", "number", "vault_denied_burst.go", "deniedTries  = 6", "deniedTries  = 5"},
	{"vault_denied_burst", "key", "vault_denied_burst.go", "func(a *Act) string { return a.Target })\n", "func(a *Act) string { return a.Login })\n"},
	{"vault_denied_burst", "step", "vault_denied_burst.go", "if paths < deniedPaths && !allSignIns(append(before, c.Act)) {", "if paths < 1 {"},
}

// TestMutationsFit asks, each time and without making them, that the mistakes can be made in the sources as they are, spread as they should be.
func TestMutationsFit(t *testing.T) {
	kinds := map[string]int{}
	for i := range mutations {
		m := &mutations[i]
		kinds[m.detection+" "+m.kind]++
		if text, err := os.ReadFile(m.file); err != nil || strings.Count(string(text), m.from) != 1 || m.from == m.to {
			t.Errorf("%s of %s: %s has %q %d times, want once (%v)", m.kind, m.detection, m.file, m.from, strings.Count(string(text), m.from), err)
		}
	}
	if len(kinds) != 30 || len(mutations) != 30 {
		t.Errorf("%d mistakes of %d kinds, want one of each of three kinds in ten detections", len(mutations), len(kinds))
	}
}

// TestMutations has the scenarios find mistakes: each is made in a copy of the sources, and the detection's own scenarios, which pass without it,
// have to fail. It takes minutes: make mutate.
func TestMutations(t *testing.T) {
	if os.Getenv("IDWATCH_MUTATE") == "" {
		t.Skip("takes minutes: make mutate")
	}
	copied := copySources(t)
	for i := range mutations {
		if out, err := scenariosOf(copied, mutations[i].detection); err != nil || !strings.Contains(out, "--- PASS: TestScenarios/"+mutations[i].detection+"-fires") {
			t.Fatalf("%s, without a mistake: %v\n%s", mutations[i].detection, err, out)
		}
	}
	caught := map[string]int{}
	for i := range mutations {
		m := &mutations[i]
		told := "NOT FOUND"
		if m.isFound(t, copied) {
			caught[m.kind]++
			caught[""]++
			told = "found"
		}
		t.Logf("%-34s %-8s %s", m.detection, m.kind, told)
	}
	t.Logf("%d of %d found: %d of numbers, %d of keys, %d of steps", caught[""], len(mutations), caught["number"], caught["key"], caught["step"])
	if 10*caught[""] < 9*len(mutations) {
		t.Errorf("%d of %d mistakes found, want nine of ten", caught[""], len(mutations))
	}
}

// copySources copies what the tests need to a folder of their own.
func copySources(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		rel, _ := filepath.Rel("..", path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == ".git" || rel == "bin" || rel == "dist" || rel == "demo-out"):
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// isFound makes the mistake, runs the scenarios of its detection, and takes the mistake back. A mistake that cannot be made, or with which nothing
// builds, ends the test.
func (m *mutation) isFound(t *testing.T, copied string) bool {
	t.Helper()
	path := filepath.Join(copied, "detections", m.file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), m.from) != 1 {
		t.Fatalf("%s: %q stands there %d times, want once", m.file, m.from, strings.Count(string(text), m.from))
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), m.from, m.to, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	out, failed := scenariosOf(copied, m.detection)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if failed != nil && !strings.Contains(out, "--- FAIL: TestScenarios/"+m.detection+"-") {
		t.Fatalf("%s of %s does not build:\n%s", m.kind, m.detection, out)
	}
	return failed != nil
}

// scenariosOf runs the scenarios of a detection. No vet: what it says about a mistake is not what the scenarios say.
func scenariosOf(copied, detection string) (string, error) {
	test := exec.Command("go", "test", "-tags", "netgo,osusergo", "-vet", "off", "-v", "-run", "TestScenarios/"+detection+"-", "./detections")
	test.Dir = copied
	test.Env = append(os.Environ(), "IDWATCH_RUNS=1", "IDWATCH_MUTATE=")
	out, err := test.CombinedOutput()
	return string(out), err
}
