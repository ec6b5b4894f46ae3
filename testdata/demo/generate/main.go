// Command generate writes the demo: three weeks of audit records of a small made-up company, all four sources, with everyday
// events that look suspicious, and one abuse of an identity across all of them in the last two days.
//
// The same seed gives the same bytes. What a record means stands in truth.ndjson: source, the vendor's id (for Vault
// "<request id>/<type>"), and whether it belongs to the abuse, to a lookalike, or to the response; what is not listed is ordinary.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"os"

	_ "time/tzdata" // the machine may have none
)

func main() {
	out := flag.String("out", "", "folder to write to; it is made if it is not there")
	mixed := flag.String("mixed", "", "file to write all records to as well, in the order of arrival, one a line")
	seed := flag.Uint64("seed", 1, "another seed gives another three weeks")
	flag.Parse()
	if *out == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		fail(err)
	}
	w := generate(*seed)
	if err := w.write(*out); err != nil {
		fail(err)
	}
	if *mixed != "" {
		if err := writeLines(*mixed, bodies(w.records, "")); err != nil {
			fail(err)
		}
	}
	fmt.Fprintln(os.Stderr, w.summary())
}

func generate(seed uint64) *world {
	w := newWorld(seed)
	w.ordinary()
	w.planned()
	w.abuse()
	return w
}

func fail(err error) {
	slog.Error("write demo records", "err", err)
	os.Exit(1)
}

// summary is one line on what was written.
func (w *world) summary() string {
	count, meant := map[string]int{}, map[string]int{}
	for _, r := range w.records {
		count[r.source]++
		if r.truth != nil {
			meant[r.truth.Truth]++
		}
	}
	return fmt.Sprintf("%d records: okta %d, entra %d, cloudtrail %d, vault %d; of these abuse %d, lookalikes %d, response %d",
		len(w.records), count[okta], count[entra], count[cloudtrail], count[vault], meant["abuse"], meant["lookalike"], meant["response"])
}
