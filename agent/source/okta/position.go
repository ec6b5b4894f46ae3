package okta

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/tidwall/gjson"

	"github.com/idwatch/idwatch/agent/durable"
)

// position is how far the log has been read: all before Next is safe.
type position struct {
	Next   string `json:"next"`   // query of the next page
	Newest string `json:"newest"` // newest time of a record seen, for a new start when Okta no longer knows Next
}

// loadPosition reads the file, or begins one. A damaged file is set aside: then the log is read again from as far back as at the first
// start, which costs time and no record, for the same records get the same ids.
func loadPosition(path string, log *slog.Logger) (p position, err error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	if json.Unmarshal(content, &p) != nil {
		log.Error("okta: position is damaged, the log is read again", "kept", path+".damaged")
		return position{}, os.Rename(path, path+".damaged")
	}
	return p, nil
}

func (p position) save(path string) error {
	content, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return durable.WriteFile(path, content)
}

// later returns the later of a time and a record's.
func later(newest string, record []byte) string {
	text := gjson.GetBytes(record, "published").Str
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return newest
	}
	if before, err := time.Parse(time.RFC3339, newest); err == nil && !t.After(before) {
		return newest
	}
	return t.UTC().Format(time.RFC3339Nano)
}
