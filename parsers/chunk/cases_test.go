package chunk

import (
	"bytes"
	"math"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

// goldenChunks makes the chunks in testdata. Each proves what its name says.
func goldenChunks(t testing.TB) map[string]build {
	lines := vendorLines(t)
	return map[string]build{
		"lines":      linesChunk(lines),
		"old_shape":  oldShape(lines),
		"times":      times(lines[0]),
		"groups":     groups(lines),
		"metadata":   metadata(lines[0]),
		"maps":       maps(lines),
		"keys":       keys(lines),
		"bin":        bins(lines[0]),
		"compressed": compressed(),
		"no_vendor":  noVendor(),
		"odd_values": oddValues(),
		"unreadable": unreadable(lines[0]),
		"truncated":  append(linesChunk(lines[:1]), linesChunk(lines[1:2])[:100]...),
		"damaged":    append(linesChunk(lines[:1]), append([]byte{0xc1}, linesChunk(lines[1:2])...)...),
		"text":       append(linesChunk(lines[:1]), "plain text"...),
		"empty":      nil,
	}
}

func linesChunk(lines []string) (c build) {
	for _, line := range lines {
		c.log(line)
	}
	return c
}

func oldShape(lines []string) (c build) {
	for _, line := range lines {
		c.v1(at, object("log", str(line)))
	}
	return c
}

func times(line string) (c build) {
	body := object("log", str(line))
	for _, time := range [][]byte{
		at,
		append([]byte{0xc7, 8, 0}, at[2:]...),
		msgp.AppendInt64(nil, 7),
		msgp.AppendUint32(nil, math.MaxUint32),
		msgp.AppendFloat64(nil, 1772439245.25),
		msgp.AppendFloat32(nil, 1.5),
		ext(math.MaxUint32, 1),
	} {
		c.v1(time, body)
		c.v2(time, []byte{0x80}, body)
	}
	return c
}

func groups(lines []string) (c build) {
	c.v2(ext(math.MaxUint32, 0), object("schema", str("otlp")), object("resource", object("service.name", str("vault"))))
	c.v2(at, object("otlp", object("severity_text", str("INFO"))), object("body", str(lines[3])))
	c.v2(at, []byte{0x80}, packed(lines[3]))
	c.v2(ext(math.MaxUint32-1, 0), []byte{0x80}, []byte{0x80})
	c.log(lines[0])
	return c
}

func metadata(line string) (c build) {
	body := object("log", str(line))
	c.v2(at, object("a", packed(`{"b":[1]}`)), body)
	c.v2(at, []byte{0xc0}, body)
	c = append(c, 0xdd, 0, 0, 0, 2, 0xdd, 0, 0, 0, 2) // as the Go library of Fluent Bit inputs writes it
	c = append(append(append(c, at...), 0x80), body...)
	return c
}

func maps(lines []string) (c build) {
	for _, line := range lines {
		c.v2(at, []byte{0x80}, packed(line))
	}
	vendor := packed(lines[0])
	vendor[0]++ // one member more
	c.v2(at, []byte{0x80}, append(vendor, object("message", str(`{"not":"this"}`))[1:]...))
	return c
}

func keys(lines []string) (c build) {
	for _, key := range lineKeys {
		c.v2(at, []byte{0x80}, object("stream", str("stdout"), key, str(lines[0])))
		c.v2(at, []byte{0x80}, object(key, packed(lines[1]), "stream", str("stdout")))
	}
	c.v2(at, []byte{0x80}, object("body", object("message", str(lines[2]), "level", str("info"))))
	c.v2(at, []byte{0x80}, object("time", str("now"), "category", str("audit"), "log", str(lines[0])))
	c.v2(at, []byte{0x80}, object("log", str("no json"), "msg", str(" \t"+lines[3]+"\n")))
	return c
}

func bins(line string) (c build) {
	c.v2(at, []byte{0x80}, object(bin("log"), bin(line)))
	c.v2(at, []byte{0x80}, object(bin("eventType"), bin("user.session.start"), bin("published"), bin("2026-03-02T08:14:05.120Z")))
	return c
}

func compressed() (c build) {
	for _, magic := range [][]byte{gzipMagic, zstdMagic} {
		c.v2(at, []byte{0x80}, object("host", str("a"), "log", msgp.AppendBytes(nil, append(bytes.Clone(magic), 0xff, 0))))
	}
	return c
}

func noVendor() (c build) {
	c.log("Jan  1 00:00:00 host daemon: hello")
	c.log("")
	c.log(`{"cut":`)
	c.v2(at, []byte{0x80}, object("log", str("[info] hello"), "stream", str("stdout")))
	c.v2(at, []byte{0x80}, object("cpu", msgp.AppendFloat64(nil, 0.5)))
	c.v2(at, []byte{0x80}, []byte{0x80})
	return c
}

func oddValues() (c build) {
	c.v2(at, []byte{0x80}, object(
		"nan", msgp.AppendFloat64(nil, math.NaN()), "inf", msgp.AppendFloat32(nil, float32(math.Inf(-1))),
		"ext", at, "time", msgp.AppendTime(nil, epoch), "nil", []byte{0xc0}, "utf8", str("a\xffb"), "bin", bin("\x00\x1f\"\\"),
		"most", msgp.AppendUint64(nil, math.MaxUint64), "least", msgp.AppendInt64(nil, math.MinInt64),
		"small", msgp.AppendFloat32(nil, 0.1), "whole", msgp.AppendFloat64(nil, -3), "tiny", msgp.AppendFloat64(nil, 5e-324),
		"long", msgp.AppendFloat64(nil, 1e20), "longer", msgp.AppendFloat64(nil, 1e21),
		"twice", []byte{1}, "twice", []byte{2}, "", []byte{0x90},
		[]byte{7}, []byte{0xc3}, []byte{0xc0}, []byte{0xc2}, msgp.AppendFloat64(nil, 1), []byte{0xff}, []byte{0xc3}, []byte{0x91, 0x90},
	))
	return c
}

func unreadable(line string) (c build) {
	good := object("log", str(line))
	c.v1(at, str("no map"))
	c.v1(str("no time"), good)
	c.v1([]byte{0xd6, 0, 1, 2, 3, 4}, good)
	c.v1([]byte{0x90}, good)
	c.v1(msgp.AppendUint64(nil, math.MaxUint64), good)
	c.v1(msgp.AppendFloat64(nil, math.Inf(1)), good)
	c.v1(at, object([]byte{0x90}, str("key is an array")))
	c.v1(at, nested(64))
	c.v1(at, nested(65))
	c.log(line)
	return c
}

// nested is a map with levels levels.
func nested(levels int) []byte {
	b := []byte{0x80}
	for range levels - 1 {
		b = object("a", b)
	}
	return b
}
