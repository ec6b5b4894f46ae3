package chunk

import (
	"bytes"

	"github.com/tinylib/msgp/msgp"
)

// lineKeys are the members under which inputs and filters of Fluent Bit put a record, in the order they are tried:
// tail and docker, http and kafka, syslog, rewritten records, OpenTelemetry.
var lineKeys = [...]string{"log", "message", "msg", "record", "body"}

// mark is a set of members that tell a vendor's record.
type mark uint16

const (
	eventType mark = 1 << iota
	published
	eventName
	eventSource
	category
	operationName
	properties
	atTime
	kind
	request
	records
	detail
	detailType
)

// markOf tells which mark a member is, 0 for all others.
func markOf(name []byte) mark {
	switch string(name) {
	case "eventType":
		return eventType
	case "published":
		return published
	case "eventName":
		return eventName
	case "eventSource":
		return eventSource
	case "category":
		return category
	case "operationName":
		return operationName
	case "properties":
		return properties
	case "time":
		return atTime
	case "type":
		return kind
	case "request":
		return request
	case "Records", "records":
		return records
	case "detail":
		return detail
	case "detail-type":
		return detailType
	}
	return 0
}

// shapes are the members by which a map is a vendor's record or an envelope of such, whatever else it holds.
var shapes = [...]mark{
	eventType | published,                           // Okta
	eventName | eventSource,                         // CloudTrail
	category | operationName, category | properties, // Entra
	request | kind | atTime, // Vault
	records,                 // CloudTrail file, diagnostic batch
	detail | detailType,     // EventBridge
}

// maxUnwrap bounds how many maps may stand around a record.
const maxUnwrap = 4

// members is what one pass over the outermost level of a map finds.
type members struct {
	count  uint32
	marks  mark
	chosen []byte                // value of the configured key
	lines  [len(lineKeys)][]byte // values of the line keys
}

func (m *members) isVendors() bool {
	for _, s := range shapes {
		if m.marks&s == s {
			return true
		}
	}
	return false
}

// look reads the outermost level of a map, which is known to be whole. Of a repeated member the last counts.
func look(object []byte, key string) (m members) {
	count, rest, _ := msgp.ReadMapHeaderBytes(object)
	m.count = count
	for range count {
		name, _ := text(rest)
		value, err := skip(rest)
		if err != nil {
			return m
		}
		if rest, err = skip(value); err != nil {
			return m
		}
		m.note(name, key, value[:len(value)-len(rest)])
	}
	return m
}

func (m *members) note(name []byte, key string, value []byte) {
	m.marks |= markOf(name)
	if key != "" && string(name) == key {
		m.chosen = value
	}
	for i, k := range lineKeys {
		if string(name) == k {
			m.lines[i] = value
		}
	}
}

// find says what of a body goes on: a line of text as it is, or else an object to encode.
//
// A configured key wins. A map that looks like a vendor's record is the record even if it has a member called
// message; else the first of the line keys that holds JSON text or a map is. What fits nothing goes on whole, so that
// the dead letter has everything, or as its only line.
func find(body []byte, key string) (line, object []byte) {
	object = body
	for range maxUnwrap {
		m := look(object, key)
		values := m.lines[:]
		switch {
		case m.chosen != nil:
			values = [][]byte{m.chosen}
		case m.isVendors():
			return nil, object
		}
		line, inner := unwrap(values, m.chosen != nil || m.count == 1)
		if inner == nil {
			return line, object
		}
		object = inner
	}
	return nil, object
}

// unwrap returns the first of the values that is JSON text, as line, or a map, as object. With anyText it may be text
// of any kind.
func unwrap(values [][]byte, anyText bool) (line, object []byte) {
	for _, v := range values {
		if isMap(v) {
			return nil, v
		}
		if t, ok := text(v); ok && (anyText || looksLikeJSON(t)) {
			return t, nil
		}
	}
	return nil, nil
}

// text returns what a str or bin at the start of b holds.
func text(b []byte) ([]byte, bool) {
	t, _, err := msgp.ReadMapKeyZC(b)
	return t, err == nil
}

// looksLikeJSON tells an object or an array of objects, plain or compressed, from other text by how it starts.
func looksLikeJSON(t []byte) bool {
	const space = " \t\r\n"
	if bytes.HasPrefix(t, gzipMagic) || bytes.HasPrefix(t, zstdMagic) {
		return true
	}
	t = bytes.TrimLeft(t, space)
	if len(t) > 0 && t[0] == '[' {
		t = bytes.TrimLeft(t[1:], space)
	}
	return len(t) > 0 && t[0] == '{'
}

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)
