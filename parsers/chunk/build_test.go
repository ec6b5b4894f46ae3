package chunk

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

// build appends to a chunk the way Fluent Bit does.
type build []byte

// ext is a time as Fluent Bit writes it.
func ext(seconds, nanos uint32) []byte {
	b := binary.BigEndian.AppendUint32([]byte{0xd7, 0}, seconds)
	return binary.BigEndian.AppendUint32(b, nanos)
}

// at is a time for records whose time does not matter.
var at = ext(1772439245, 120_000_000)

// v2 appends [[time, metadata], body].
func (c *build) v2(time, metadata, body []byte) {
	*c = append(append(append(append(*c, 0x92, 0x92), time...), metadata...), body...)
}

// v1 appends [time, body].
func (c *build) v1(time, body []byte) {
	*c = append(append(append(*c, 0x92), time...), body...)
}

// log appends a record as tail makes it.
func (c *build) log(line string) { c.v2(at, []byte{0x80}, object("log", str(line))) }

func str(s string) []byte { return msgp.AppendString(nil, s) }
func bin(s string) []byte { return msgp.AppendBytes(nil, []byte(s)) }

// object makes a map of keys and values in turn; a value is MessagePack, a key a string or MessagePack.
func object(members ...any) []byte {
	b := msgp.AppendMapHeader(nil, uint32(len(members)/2))
	for i, m := range members {
		if s, ok := m.(string); ok && i%2 == 0 {
			m = str(s)
		}
		b = append(b, m.([]byte)...)
	}
	return b
}

// packed turns JSON text into MessagePack as Fluent Bit's own parser does.
func packed(text string) []byte {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return pack(nil, d)
}

func pack(dst []byte, d *json.Decoder) []byte {
	token, err := d.Token()
	if err != nil {
		panic(err)
	}
	switch v := token.(type) {
	case json.Delim:
		var inner []byte
		n := uint32(0)
		for ; d.More(); n++ {
			inner = pack(inner, d)
		}
		_, _ = d.Token()
		if v == '{' {
			return append(msgp.AppendMapHeader(dst, n/2), inner...)
		}
		return append(msgp.AppendArrayHeader(dst, n), inner...)
	case json.Number:
		return packNumber(dst, v)
	}
	dst, _ = msgp.AppendIntf(dst, token)
	return dst
}

func packNumber(dst []byte, n json.Number) []byte {
	var i int64
	var u uint64
	if json.Unmarshal([]byte(n), &i) == nil {
		return msgp.AppendInt64(dst, i)
	}
	if json.Unmarshal([]byte(n), &u) == nil {
		return msgp.AppendUint64(dst, u)
	}
	f, _ := n.Float64()
	return msgp.AppendFloat64(dst, f)
}

// vendorLines are one record of each vendor.
func vendorLines(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/records.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}
