package detections_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/detections"
)

// TestRules holds the metadata of all rules together: what documentation, alerts and coverage stand on.
func TestRules(t *testing.T) {
	id := regexp.MustCompile(`^(any|okta|entra|azure|aws|vault)_[a-z0-9_]+$`)
	technique := regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
	nhi := regexp.MustCompile(`^NHI(10|[1-9]):2025$`)
	seen := map[string]bool{}
	for _, d := range detections.Describe() {
		if !id.MatchString(d.ID) || seen[d.ID] {
			t.Errorf("%s: the id is not in form, or there twice", d.ID)
		}
		seen[d.ID] = true
		if !slices.Contains([]int{21, 47, 73, 99}, d.Severity) || d.Points < 1 || d.Points > 100 {
			t.Errorf("%s: severity %d, points %d", d.ID, d.Severity, d.Points)
		}
		if len(d.Covers) == 0 || d.Name == "" || d.Description == "" {
			t.Errorf("%s: covers %v, name %q, description %q", d.ID, d.Covers, d.Name, d.Description)
		}
		for _, row := range d.Covers {
			if !slices.ContainsFunc(detections.Catalogue, func(r detections.Row) bool { return r.ID == row }) {
				t.Errorf("%s covers %s, which is no row", d.ID, row)
			}
		}
		if slices.ContainsFunc(d.Attack, func(s string) bool { return !technique.MatchString(s) }) || len(d.Attack) == 0 {
			t.Errorf("%s: techniques %v", d.ID, d.Attack)
		}
		if slices.ContainsFunc(d.NHI, func(s string) bool { return !nhi.MatchString(s) }) {
			t.Errorf("%s: NHI %v", d.ID, d.NHI)
		}
	}
}

// The source that a rule's id tells is the one that its records come from.
func TestSigns(t *testing.T) {
	prefixes := map[string][]string{
		"okta": {"okta."}, "entra": {"azure."}, "azure": {"azure."}, "aws": {"aws."}, "vault": {"hashicorp_vault."}, "any": {""},
	}
	for _, s := range detections.Signs() {
		first, _, _ := strings.Cut(s.ID, "_")
		if !s.Quiet && !slices.ContainsFunc(prefixes[first], func(p string) bool { return strings.HasPrefix(s.Dataset, p) }) {
			t.Errorf("%s stands in %s", s.ID, s.Dataset)
		}
	}
}

// Rows that nobody covers say why; those that are covered do not say so any more.
func TestCatalogue(t *testing.T) {
	covering := detections.Covering(detections.Rules())
	covered := 0
	for _, row := range detections.Catalogue {
		if len(covering[row.ID]) > 0 {
			covered++
		}
		if (len(covering[row.ID]) == 0) != (row.Reason != "") {
			t.Errorf("%s: covered by %v, and the reason why not is %q", row.ID, covering[row.ID], row.Reason)
		}
	}
	if len(detections.Catalogue) != 141 || covered < 116 {
		t.Errorf("%d of %d rows are covered, want 116 of 141", covered, len(detections.Catalogue))
	}
}

const docs = "../docs/detections.md"

// TestDocs keeps docs/detections.md equal to the metadata.
func TestDocs(t *testing.T) {
	got := document(detections.Describe())
	if *update {
		rewrite(t, docs, got)
	}
	want, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the detections say: go test ./detections -run TestDocs -update writes it again", docs)
	}
}

// chapters are the parts of the documentation, by the first word of a rule's id.
var chapters = []struct{ title, first string }{
	{"Over all sources", "any"}, {"Okta", "okta"}, {"Entra", "entra"}, {"Azure", "azure"}, {"CloudTrail", "aws"}, {"Vault", "vault"},
}

// document writes the documentation of all detections.
func document(all []detections.Description) []byte {
	var b bytes.Buffer
	b.WriteString("# Detections\n\n<!-- Made from the detections' metadata: go test ./detections -run TestDocs -update -->\n\n")
	fmt.Fprintf(&b, "%d detections. What each is worth by itself stands as points; what the identity is, what memory knows of it and what was declared\n", len(all))
	b.WriteString("add to them or take away (`idwatch.score.parts` of each alert). From `alert_threshold`, 50 unless the context file says otherwise, a finding\n")
	b.WriteString("is an alert, below it a signal. `idwatch detections --format json` has the same for programs.\n")
	for _, c := range chapters {
		fmt.Fprintf(&b, "\n## %s\n", c.title)
		for _, d := range all {
			if strings.HasPrefix(d.ID, c.first+"_") {
				entry(&b, &d)
			}
		}
	}
	writeCatalogue(&b)
	return b.Bytes()
}

// entry writes one detection.
func entry(b *bytes.Buffer, d *detections.Description) {
	fmt.Fprintf(b, "\n### %s\n\n`%s` · severity %d · %d points", d.Name, d.ID, d.Severity, d.Points)
	for _, part := range []struct {
		name string
		list []string
	}{{"covers", d.Covers}, {"ATT&CK", d.Attack}, {"OWASP", d.NHI}} {
		if len(part.list) > 0 {
			fmt.Fprintf(b, " · %s %s", part.name, strings.Join(part.list, " "))
		}
	}
	fmt.Fprintf(b, "\n\n%s\n", d.Description)
	for _, line := range []struct{ name, text string }{
		{"Evidence", d.Evidence}, {"Lookalikes", d.Lookalikes}, {"Tuning", d.Tuning}, {"Reference", d.Reference},
	} {
		if line.text != "" {
			fmt.Fprintf(b, "\n- %s: %s", line.name, line.text)
		}
	}
	b.WriteByte('\n')
}

// writeCatalogue writes who covers each row of the catalogue, and why nobody covers the others.
func writeCatalogue(b *bytes.Buffer) {
	covering := detections.Covering(detections.Rules())
	covered := 0
	for _, ids := range covering {
		if len(ids) > 0 {
			covered++
		}
	}
	fmt.Fprintf(b, "\n## The catalogue\n\n%d of %d rows are covered.\n\n| row | what it is about | covered by |\n| --- | --- | --- |\n", covered, len(detections.Catalogue))
	for _, row := range detections.Catalogue {
		by := "nobody: " + row.Reason
		if ids := covering[row.ID]; len(ids) > 0 {
			by = "`" + strings.Join(ids, "` `") + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", row.ID, row.Title, by)
	}
}
