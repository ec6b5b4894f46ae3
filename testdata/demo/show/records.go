package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

var logFiles = map[string]string{"okta": "okta.ndjson", "entra": "entra.ndjson", "vault": "vault-audit.log"}

// countRecords counts the records of each source.
func countRecords(dir string, sources []string) (map[string]int, error) {
	counts := map[string]int{}
	for _, source := range sources {
		var n int
		var err error
		if source == "cloudtrail" {
			n, err = countCloudTrail(filepath.Join(dir, "cloudtrail"))
		} else {
			err = lines(filepath.Join(dir, logFiles[source]), func([]byte) bool { n++; return true })
		}
		if err != nil {
			return nil, err
		}
		counts[source] = n
	}
	return counts, nil
}

func countCloudTrail(dir string) (n int, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json.gz"))
	for _, name := range files {
		var file struct{ Records []json.RawMessage }
		b, err := readGzip(name)
		if err != nil {
			return 0, err
		}
		if err := json.Unmarshal(b, &file); err != nil {
			return 0, err
		}
		n += len(file.Records)
	}
	return n, err
}

func readGzip(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// lines hands the lines of a file over until it is told to stop.
func lines(name string, take func([]byte) bool) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	s := bufio.NewScanner(f)
	s.Buffer(make([]byte, 64<<10), 4<<20)
	for s.Scan() {
		if !take(s.Bytes()) {
			return nil
		}
	}
	return s.Err()
}

// abuseSignIn finds the sign-in of the abuse: its id in truth.ndjson, the record in okta.ndjson.
func abuseSignIn(dir string) (id string, record []byte, err error) {
	err = lines(filepath.Join(dir, "truth.ndjson"), func(line []byte) bool {
		var t struct{ ID, Truth, Step string }
		if json.Unmarshal(line, &t) == nil && t.Truth == "abuse" && t.Step == "sign_in" {
			id = t.ID
		}
		return id == ""
	})
	if err != nil {
		return "", nil, err
	}
	err = lines(filepath.Join(dir, logFiles["okta"]), func(line []byte) bool {
		var r struct{ UUID string }
		if json.Unmarshal(line, &r) == nil && r.UUID == id {
			record = append(record, line...)
		}
		return record == nil
	})
	if err == nil && record == nil {
		err = errors.New("no sign-in of the abuse in the records")
	}
	return id, record, err
}

// folders are NDJSON files, one for each data stream.
type folders []string

func (f folders) count() (map[string]int, error) {
	counts := map[string]int{}
	for _, dir := range f {
		files, err := filepath.Glob(filepath.Join(dir, "logs-*"))
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			stream, n := streamOf(name), 0
			if err := lines(name, func([]byte) bool { n++; return true }); err != nil {
				return nil, err
			}
			counts[stream] += n
		}
	}
	return counts, nil
}

// streamOf is the data stream of a file: its name up to the first ".ndjson", whatever rotation has added.
func streamOf(name string) string {
	stream := filepath.Base(name)
	for ext := filepath.Ext(stream); ext != ""; ext = filepath.Ext(stream) {
		stream = stream[:len(stream)-len(ext)]
		if ext == ".ndjson" {
			return stream
		}
	}
	return filepath.Base(name)
}

func (f folders) find(stream, eventID string) (document []byte, err error) {
	for _, dir := range f {
		files, err := filepath.Glob(filepath.Join(dir, stream+"*"))
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			err := lines(name, func(line []byte) bool {
				var d struct{ Event struct{ ID string } }
				if json.Unmarshal(line, &d) == nil && d.Event.ID == eventID {
					document = append(document, line...)
				}
				return document == nil
			})
			if document != nil || err != nil {
				return document, err
			}
		}
	}
	return nil, fmt.Errorf("no document %s in %s", eventID, stream)
}
