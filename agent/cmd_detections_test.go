package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/detections"
)

func TestDetectionsAsJSON(t *testing.T) {
	status, stdout, stderr := idwatch(t, "", "detections", "--format", "json")
	var got coverage
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || status != done || stderr != "" {
		t.Fatalf("got %d, %q, %v", status, stderr, err)
	}
	if len(got.Rows) != 141 || len(got.Catalogue) != 141 {
		t.Errorf("got %d rows and %d titles, want 141 of each", len(got.Rows), len(got.Catalogue))
	}
	for row, ids := range got.Rows {
		if _, uncovered := got.Uncovered[row]; uncovered != (len(ids) == 0) {
			t.Errorf("%s: covered by %v, and among the uncovered: %v", row, ids, uncovered)
		}
	}
	for _, d := range got.Detections {
		for _, row := range d.Covers {
			if !slices.Contains(got.Rows[row], d.ID) {
				t.Errorf("%s covers %s, which does not know", d.ID, row)
			}
		}
	}
}

func TestDetectionsAsLayer(t *testing.T) {
	_, stdout, _ := idwatch(t, "", "detections", "--format", "navigator")
	var got layer
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	technique := regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)
	for _, entry := range got.Techniques {
		if !technique.MatchString(entry.ID) || entry.Score < 1 || entry.Comment == "" {
			t.Errorf("got %+v", entry)
		}
	}
	if got.Domain != "enterprise-attack" || got.Versions.Layer != "4.5" || got.Gradient.Max < 1 {
		t.Errorf("got %q, %+v, %+v", got.Domain, got.Versions, got.Gradient)
	}
}

func TestDetectionsAsTable(t *testing.T) {
	status, stdout, _ := idwatch(t, "", "detections")
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if want := len(detections.Describe()) + 1; status != done || len(lines) != want || !strings.HasPrefix(lines[0], "ID ") {
		t.Errorf("got %d, %d lines, want %d, the first %q", status, len(lines), want, lines[0])
	}
	if status, _, stderr := idwatch(t, "", "detections", "--format", "xml"); status != misused || !strings.Contains(stderr, "table, json, navigator") {
		t.Errorf("got %d, %q", status, stderr)
	}
}
