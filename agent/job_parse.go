package main

import (
	"bufio"
	"fmt"
	"io"
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

// files parses all records of the files. Documents go out before each read, so that nobody waits for those of a slow pipe.
func (j *parseJob) files(names []string, stdin io.Reader) error {
	in := inputs{stdin: stdin, progress: j.progress, waiting: func() { j.keep(j.out.Flush()) }}
	err := in.each(names, func(text []byte) error {
		j.parser.Parse(text, j)
		return j.err
	})
	j.keep(j.out.Flush())
	if j.err != nil {
		return fmt.Errorf("write documents: %w", j.err)
	}
	return err
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
