package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// parseJob takes what the parser finds and writes it out.
type parseJob struct {
	parser    *parsers.Parser
	namespace string
	out       *bufio.Writer
	progress  *progress
	line      []byte // kept between documents
	dead      int    // records that could not be read
	err       error  // of the output
}

func (j *parseJob) files(names []string, stdin io.Reader) error {
	var broken []error
	for _, name := range names {
		if err := j.file(name, stdin); err != nil {
			broken = append(broken, fmt.Errorf("read %s: %w", name, err))
		}
		if j.err != nil {
			return fmt.Errorf("write documents: %w", j.err)
		}
	}
	if err := j.out.Flush(); err != nil {
		return fmt.Errorf("write documents: %w", err)
	}
	return errors.Join(broken...)
}

func (j *parseJob) file(name string, stdin io.Reader) error {
	if name == "-" {
		return j.stream(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return j.stream(f)
}

// stream parses all records of one stream. Documents go out before each read, so that nobody waits for those of a slow pipe.
func (j *parseJob) stream(r io.Reader) error {
	counted := j.progress.counted(r)
	flushing := readerFunc(func(b []byte) (int, error) {
		j.keep(j.out.Flush())
		return counted.Read(b)
	})
	return parsers.Split(flushing, func(text []byte, _ int64) error {
		j.parser.Parse(text, j)
		return j.err
	})
}

// TakeEvent writes the event's document.
func (j *parseJob) TakeEvent(ev *ecs.Event) {
	j.write(ev.AppendJSON(j.line[:0]))
}

// TakeDead writes the document of a text that is no record.
func (j *parseJob) TakeDead(d *parsers.Dead) {
	j.dead++
	j.write(d.AppendJSON(j.line[:0], j.namespace, time.Now()))
}

func (j *parseJob) write(line []byte) {
	j.line = append(line, '\n')
	_, err := j.out.Write(j.line)
	j.keep(err)
	j.progress.records.Add(1)
}

// keep notes the first error of the output.
func (j *parseJob) keep(err error) {
	if j.err == nil {
		j.err = err
	}
}
