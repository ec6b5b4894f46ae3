package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// logFiles are where the logs go that are one file; CloudTrail is many.
var logFiles = map[string]string{okta: "okta.ndjson", entra: "entra.ndjson", vault: "vault-audit.log"}

// write puts everything below dir.
func (w *world) write(dir string) error {
	w.arrive()
	for source, name := range logFiles {
		if err := writeLines(filepath.Join(dir, name), bodies(w.records, source)); err != nil {
			return err
		}
	}
	if err := w.writeCloudTrail(filepath.Join(dir, "cloudtrail")); err != nil {
		return err
	}
	if err := writeLines(filepath.Join(dir, "truth.ndjson"), w.truth()); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "context.yaml"), w.context(), 0o644)
}

// arrive sorts the records as they reach the logs. Okta writes some of them late; the others keep their order.
func (w *world) arrive() {
	late := map[string]time.Duration{}
	for _, r := range w.records {
		if d := w.dice("late", r.id); r.source == okta && d.chance(2) {
			late[r.id] = d.seconds(5, 90)
		}
	}
	slices.SortStableFunc(w.records, func(a, b record) int { return a.at.Add(late[a.id]).Compare(b.at.Add(late[b.id])) })
}

// bodies are the records of a source, or of all when it names none.
func bodies(records []record, source string) []any {
	var out []any
	for _, r := range records {
		if source == "" || r.source == source {
			out = append(out, r.body)
		}
	}
	return out
}

// truthLine tells what a record is; records that are not listed are ordinary.
type truthLine struct {
	Source string `json:"source"`
	ID     string `json:"id"`
	Time   string `json:"time"`
	scene
	Step string `json:"step"`
}

func (w *world) truth() []any {
	var out []any
	for _, r := range w.records {
		if r.truth != nil {
			out = append(out, truthLine{r.source, r.id, oktaTime(r.at), *r.truth, r.step})
		}
	}
	return out
}

func writeLines(path string, lines []any) error {
	return writeFile(path, func(f io.Writer) error {
		for _, line := range lines {
			if err := encode(f, line); err != nil {
				return err
			}
		}
		return nil
	})
}

func encode(f io.Writer, v any) error {
	e := json.NewEncoder(f)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// writeCloudTrail makes a file for each region and day, compressed, its records in no order, as AWS delivers them.
func (w *world) writeCloudTrail(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files := map[string][]any{}
	for _, r := range w.records {
		if r.source == cloudtrail {
			name := fmt.Sprintf("%s_CloudTrail_%s_%sT2355Z_%s.json.gz", awsAccount, r.region, r.at.Format("20060102"),
				w.dice("file", r.region, r.at.Format("20060102")).letters(base62, 16))
			files[name] = append(files[name], r.body)
		}
	}
	for name, records := range files {
		d := w.dice("shuffle", name)
		d.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		err := writeFile(filepath.Join(dir, name), func(f io.Writer) error {
			z := gzip.NewWriter(f)
			if err := encode(z, map[string]any{"Records": records}); err != nil {
				return err
			}
			return z.Close()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 1<<16)
	err = fill(b)
	if err == nil {
		err = b.Flush()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
