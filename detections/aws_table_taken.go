package detections

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/parsers/ecs"
)

// A whole table: a table is exported or read from end to end by an identity that never did so.
var awsTableTaken = &Detection{
	Rule: Rule{
		ID: "aws_table_taken", Name: "Whole AWS table read or exported", Severity: 47, Points: 30,
		Description: "A table is scanned or exported by an identity that never did so before.",
		Covers:      []string{"DA6"}, Techniques: []string{"T1530"},
		Evidence: "Scan, ExportTableToPointInTime", Lookalikes: "A new report.", Tuning: "Declare deployment windows.",
	},
	On: []ecs.Activity{ecs.DataRead}, Within: time.Hour, Find: findTableTaken,
}

func findTableTaken(c *Case) *Finding {
	a := c.Act
	isExport := strings.HasPrefix(a.operation(), "ExportTable")
	if a.Failed || !isAWS(a) || a.service() != "dynamodb" || !isExport && a.operation() != "Scan" {
		return nil
	}
	f := &Finding{Parts: habitParts(c), Reason: a.Name + " took the whole table " + a.Target + " by " + a.operation()}
	if isExport {
		f.Parts = append(f.Parts, Part{"export", 20, "it is written to a bucket"})
	}
	if c.isNew(resources, a.Resource) || c.isNew(operations, a.Operation) && c.Machine() {
		f.Parts = append(f.Parts, Part{"new_table", 15, "the identity never read this table so"})
	}
	return f
}

// A stranger at the bucket: somebody who is not of the house tries object after object.
var awsBucketProbed = &Detection{
	Rule: Rule{
		ID: "aws_bucket_probed", Name: "AWS bucket probed by a stranger", Severity: 47, Points: 65,
		Description: "A caller without an identity, or of another account, is refused many objects of our buckets.",
		Covers:      []string{"DA6"}, Techniques: []string{"T1530", "T1580"},
		Evidence: "AccessDenied on GetObject, HeadObject, ListObjects by an anonymous caller", Lookalikes: "A search engine; a partner whose right has ended.",
		Tuning: "Name partners' accounts in the context file.",
	},
	On: []ecs.Activity{ecs.DataRead, ecs.Discovery}, Within: time.Hour, Find: findBucketProbed,
}

const (
	probeWindow  = 10 * time.Minute
	probeObjects = 10
)

func findBucketProbed(c *Case) *Finding {
	if !probes(c.Act) {
		return nil
	}
	acts := c.From(probeWindow, probes)
	objects := distinct(append(slices.Clone(acts), c.Act), func(a *Act) string { return a.Operation + a.Target })
	if objects < probeObjects {
		return nil
	}
	return &Finding{Evidence: acts, Reason: fmt.Sprintf("%s was refused at least %d objects of our buckets within %s", c.Act.Addr, objects, span(probeWindow))}
}

func probes(a *Act) bool {
	return a.Failed && a.service() == "s3" && a.Dataset == cloudtrail && strings.HasPrefix(a.Actor.ID, "aws:account/")
}
