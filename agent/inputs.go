package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/idwatch/idwatch/parsers"
)

// inputs reads the records of files one after the other.
type inputs struct {
	stdin    io.Reader // what the name "-" stands for
	progress *progress
	waiting  func() // called before each read, which may take long; may be nil
}

// each calls take for every record of the files. A file that breaks off is reported after the others were read; an error
// of take ends all.
func (in *inputs) each(names []string, take func(text []byte) error) error {
	var broken []error
	var stopped error
	for _, name := range names {
		err := in.file(name, func(text []byte, _ int64) error {
			stopped = take(text)
			return stopped
		})
		switch {
		case stopped != nil:
			return stopped
		case err != nil:
			broken = append(broken, fmt.Errorf("read %s: %w", name, err))
		}
	}
	return errors.Join(broken...)
}

func (in *inputs) file(name string, take func([]byte, int64) error) error {
	if name == "-" {
		return parsers.Split(in.counted(in.stdin), take)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return parsers.Split(in.counted(f), take)
}

func (in *inputs) counted(r io.Reader) io.Reader {
	counted := in.progress.counted(r)
	if in.waiting == nil {
		return counted
	}
	return readerFunc(func(b []byte) (int, error) {
		in.waiting()
		return counted.Read(b)
	})
}
