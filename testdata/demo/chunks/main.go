// Command chunks packs lines as Fluent Bit's tail input does: chunks of about 2 MB, each record [[time, {}], {"log": line}].
// They are what the test host hands to the plugin.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/tinylib/msgp/msgp"
)

const (
	chunkBytes = 2 << 20
	longest    = 1 << 20
)

// readTime is when the lines were read: fixed, so that the same lines give the same chunks.
var readTime = time.Date(2026, 9, 22, 6, 0, 0, 0, time.UTC)

func main() {
	out := flag.String("out", "", "folder to write chunk-000.msgpack and so on to")
	flag.Parse()
	if *out == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	p := &packer{dir: *out}
	for _, name := range flag.Args() {
		if err := p.file(name); err != nil {
			slog.Error("pack lines", "file", name, "err", err)
			os.Exit(1)
		}
	}
	if err := p.flush(); err != nil {
		slog.Error("write chunk", "err", err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stderr, "%d records in %d chunks\n", p.records, p.chunks)
}

// packer holds the chunk that is being filled.
type packer struct {
	dir             string
	buf             []byte
	chunks, records int
}

func (p *packer) file(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReaderSize(f, longest)
	for {
		line, err := r.ReadSlice('\n')
		if len(line) > 1 {
			p.add(line[:len(line)-1])
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case len(p.buf) >= chunkBytes:
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
}

func (p *packer) add(line []byte) {
	var stamp [8]byte // Fluent Bit's event time: seconds and nanoseconds
	binary.BigEndian.PutUint32(stamp[:4], uint32(readTime.Unix()))
	binary.BigEndian.PutUint32(stamp[4:], uint32(p.records))
	b := msgp.AppendArrayHeader(p.buf, 2)
	b = msgp.AppendArrayHeader(b, 2)
	b, _ = msgp.AppendExtension(b, &msgp.RawExtension{Type: 0, Data: stamp[:]})
	b = msgp.AppendMapHeader(b, 0)
	b = msgp.AppendMapHeader(b, 1)
	b = msgp.AppendString(b, "log")
	p.buf = msgp.AppendStringFromBytes(b, line)
	p.records++
}

func (p *packer) flush() error {
	if len(p.buf) == 0 {
		return nil
	}
	name := filepath.Join(p.dir, fmt.Sprintf("chunk-%03d.msgpack", p.chunks))
	err := os.WriteFile(name, p.buf, 0o644)
	p.buf, p.chunks = p.buf[:0], p.chunks+1
	return err
}
