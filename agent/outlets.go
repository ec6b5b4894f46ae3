package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// outlets are the files that a command was told to write lines to, each opened once; "-" is standard output.
type outlets struct {
	stdout io.Writer
	open   map[string]*outlet
}

// outlet takes lines. A nil one takes nothing.
type outlet struct {
	name string
	to   *bufio.Writer
	file *os.File // nil for standard output
	err  error    // the first
}

// named returns the outlet of a name, nil for the empty one. Files that are inputs too are refused, before they are cut.
func (o *outlets) named(name string, inputs []string) (*outlet, error) {
	if name == "" {
		return nil, nil
	}
	if have := o.open[name]; have != nil {
		return have, nil
	}
	out := &outlet{name: name, to: bufio.NewWriterSize(o.stdout, 64<<10)}
	if name != "-" {
		if err := notAnInput(name, inputs); err != nil {
			return nil, err
		}
		file, err := os.OpenFile(filepath.Clean(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return nil, err
		}
		out.file = file
		out.to.Reset(file)
	}
	if o.open == nil {
		o.open = map[string]*outlet{}
	}
	o.open[name] = out
	return out, nil
}

// notAnInput refuses to overwrite what is still to be read.
func notAnInput(name string, inputs []string) error {
	mine, err := os.Stat(name)
	if err != nil || !mine.Mode().IsRegular() {
		return nil
	}
	for _, input := range inputs {
		if its, err := os.Stat(input); err == nil && os.SameFile(mine, its) {
			return fmt.Errorf("write %s: is one of the files to read", name)
		}
	}
	return nil
}

// close writes out what is left and returns what went wrong with any.
func (o *outlets) close() error {
	var errs []error
	for _, out := range o.open {
		out.keep(out.to.Flush())
		if out.file != nil {
			out.keep(out.file.Close())
		}
		if out.err != nil {
			errs = append(errs, fmt.Errorf("write %s: %w", out.name, out.err))
		}
	}
	return errors.Join(errs...)
}

// line writes a line.
func (o *outlet) line(text []byte) error {
	if o == nil {
		return nil
	}
	_, err := o.to.Write(text)
	o.keep(err)
	o.keep(o.to.WriteByte('\n'))
	return o.err
}

func (o *outlet) keep(err error) {
	if o.err == nil {
		o.err = err
	}
}
