package sigma_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/detections/sigma"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

var update = flag.Bool("update", false, "write the table of hits again")

// bodies keeps the records of events.
type bodies struct{ texts [][]byte }

func (b *bodies) TakeEvent(ev *ecs.Event) {
	b.texts = append(b.texts, append([]byte(nil), ev.Record.Root().Raw()...))
}

func (b *bodies) TakeDead(*parsers.Dead) {}

// realRecords lists all CloudTrail records below a folder.
func realRecords(t testing.TB, dir string) [][]byte {
	t.Helper()
	p, err := parsers.New(parsers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all bodies
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.Contains(filepath.Ext(path), "json") {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		return parsers.Split(file, func(text []byte, _ int64) error { p.Parse(text, &all); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all.texts) == 0 {
		t.Fatalf("no record in %s", dir)
	}
	return all.texts
}

// hitsTable is the page of hits of each rule on real records.
func hitsTable(set *sigma.Set, sets []string, hits map[string]map[string]int) string {
	var b strings.Builder
	b.WriteString(`# What public Sigma rules find in real records

How many records of two public collections each of SigmaHQ's CloudTrail rules meets: Stratus Red Team's attack techniques, recorded, and
Invictus' hour of deployment and attack. The compiled rules and a slow, independent reading of Sigma's specification agree on each
record; the test that makes this table (` + "`go test ./detections/sigma -run TestRealRecords -update`" + `) fails otherwise. A rule that is
in force and not listed has no hit.

| rule | level | ` + strings.Join(sets, " | ") + ` |
| --- | --- |` + strings.Repeat(" ---: |", len(sets)) + "\n")
	silent := 0
	for _, r := range set.Rules {
		if r.Datasets[0] != "aws.cloudtrail" {
			continue
		}
		of := hits[r.Doc.ID]
		if of == nil {
			silent++
			continue
		}
		fmt.Fprintf(&b, "| %s | %s |", r.Doc.Title, r.Doc.Level)
		for _, s := range sets {
			fmt.Fprintf(&b, " %d |", of[s])
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\nRules in force for CloudTrail without a hit: %d.\n", silent)
	return b.String()
}
