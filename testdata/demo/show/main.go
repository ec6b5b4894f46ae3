// Command show tells what the demo did: how many records went in, how many documents came out, and one of them.
// It waits until as many documents as records are there, and ends with 1 when that does not happen.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	records := flag.String("records", "", "folder of the records")
	files := flag.String("out", "", "folders of the documents, separated by commas")
	url := flag.String("es", "", "Elasticsearch to ask instead")
	wait := flag.Duration("wait", 4*time.Minute, "how long to wait for the documents")
	pid := flag.Int("pid", 0, "process that makes them: when it is gone there is nothing to wait for")
	quiet := flag.Bool("quiet", false, "wait only")
	sources := flag.String("sources", "okta,entra,cloudtrail,vault", "sources to expect documents of")
	alerts := flag.String("alerts", "", "file of alerts to list as well")
	flag.Parse()
	in, err := countRecords(*records, strings.Split(*sources, ","))
	if err != nil {
		fail(err)
	}
	var out destination = folders(strings.Split(*files, ","))
	if *url != "" {
		out = newCluster(*url)
	}
	documents, err := await(out, in, *wait, *pid)
	if err != nil {
		fail(err)
	}
	if !*quiet {
		table("records in", in)
		table("documents out", documents)
		example(*records, out)
	}
	if *alerts != "" {
		if err := listAlerts(*alerts); err != nil {
			fail(err)
		}
	}
	if n := ofRecords(documents); n != sum(in) {
		fail(fmt.Errorf("%d records in, %d documents of records out", sum(in), n))
	}
}

// destination is where the documents are.
type destination interface {
	count() (map[string]int, error)              // by data stream
	find(stream, eventID string) ([]byte, error) // one document
}

// streams are the data streams of a source; dead letters are everybody's.
var streams = map[string]string{"okta": "logs-okta.", "entra": "logs-azure.", "cloudtrail": "logs-aws.", "vault": "logs-hashicorp_vault."}

// await asks until there are as many documents as records of these sources.
func await(out destination, records map[string]int, atMost time.Duration, pid int) (map[string]int, error) {
	for end := time.Now().Add(atMost); ; time.Sleep(200 * time.Millisecond) {
		gone := pid != 0 && syscall.Kill(pid, 0) != nil
		documents, err := out.count()
		maps.DeleteFunc(documents, func(stream string, _ int) bool { return !belongs(stream, records) })
		if ofRecords(documents) >= sum(records) || gone || time.Now().After(end) {
			return documents, err
		}
	}
}

func belongs(stream string, records map[string]int) bool {
	for source := range records {
		if strings.HasPrefix(stream, streams[source]) {
			return true
		}
	}
	return strings.HasPrefix(stream, "logs-idwatch.")
}

// ofRecords counts the documents that stand for records, which those of idwatch itself do not but for dead letters.
func ofRecords(counts map[string]int) (n int) {
	for stream, c := range counts {
		if !strings.HasPrefix(stream, "logs-idwatch.") || strings.HasPrefix(stream, "logs-idwatch.deadletter-") {
			n += c
		}
	}
	return n
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

func table(title string, counts map[string]int) {
	fmt.Printf("\n%-48s %7d\n", title, sum(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("  %-46s %7d\n", name, counts[name])
	}
}

// example shows the sign-in with which the abuse begins, before and after.
func example(records string, out destination) {
	id, record, err := abuseSignIn(records)
	if err != nil {
		fail(err)
	}
	document, err := out.find("logs-okta.system-default", id)
	if err != nil {
		fail(err)
	}
	fmt.Printf("\nA record in (shortened):\n%s\n", short(record, []string{"published", "eventType", "outcome", "actor", "securityContext", "debugContext"}))
	fmt.Printf("\nIts document out (shortened):\n%s\n", short(document, []string{"@timestamp", "data_stream", "event", "user", "source", "related", "idwatch"}))
}

// short is the named members of a JSON object, indented, and how many others there are.
func short(object []byte, members []string) string {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(object, &all); err != nil {
		return string(object)
	}
	var b strings.Builder
	b.WriteString("{\n")
	for _, name := range members {
		if value, ok := all[name]; ok {
			fmt.Fprintf(&b, "  %q: %s,\n", name, value)
			delete(all, name)
		}
	}
	fmt.Fprintf(&b, "  … %d more: %s\n}", len(all), strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	return b.String()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "show:", err)
	os.Exit(1)
}
