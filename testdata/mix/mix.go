// Package mix gives benchmarks the measuring mix: generated CloudTrail, Okta, Entra and Vault records of about 2 kB, to which the
// budgets for a record apply.
package mix

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

// Generator builds the generator and returns its path. It lies beside the repository, not in it; where it is missing the benchmark is
// skipped.
func Generator(tb testing.TB) string {
	tb.Helper()
	_, here, _, _ := runtime.Caller(0)
	binary := filepath.Join(tb.TempDir(), "genlogs")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = filepath.Join(filepath.Dir(here), "../../../shared/bench/genlogs")
	if _, err := os.Stat(build.Dir); err != nil {
		tb.Skip("the generator of the mix is not beside the repository")
	}
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("build the generator of the mix: %v %s", err, out)
	}
	return binary
}

// Records makes n records of so many identities, the same ones each time.
func Records(tb testing.TB, n, identities int) [][]byte {
	tb.Helper()
	text, err := exec.Command(Generator(tb), "-n", strconv.Itoa(n), "-identities", strconv.Itoa(identities)).Output()
	if err != nil {
		tb.Fatalf("generate the mix: %v", err)
	}
	return bytes.Split(bytes.TrimSpace(text), []byte{'\n'})
}
