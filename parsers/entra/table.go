package entra

import "encoding/binary"

// row says what becomes of one member of a record.
type row struct {
	from string // the vendor's name
	to   string // the name in the document, when it is not the one that every key gets
	as   kind
	slot slot   // where the parser finds the value again
	sub  *table // how the members of an object are written
	at   uint8  // the row's place in its table
}

// kind is what the field of a member can take.
type kind uint8

const (
	anything kind = iota // a field of no known type
	keyword
	long
	float
	boolean
	address
	date
	utc        // a date, written in UTC
	flattened  // an object, or a list of objects, whose names are nobody's fields
	taken      // not written here: it stands elsewhere in the document or nowhere
	unlessNull // a keyword that is left out when null, where nulls stay
)

// table finds the row of a key, in the vendor's spelling or in the document's, without computing the latter.
// It never changes once made.
type table struct {
	index [1 << tableBits]uint16 // place in list, from 1
	list  []entry
	rows  []row
}

type entry struct {
	key string
	row *row
}

const tableBits = 9

// maxRows is how many rows a table can have: met has a bit for each.
const maxRows = 128

// met notes which rows of a table an object has had a member for.
type met [2]uint64

func (m *met) again(r *row) bool {
	bit := uint64(1) << (r.at & 63)
	was := m[r.at>>6]&bit != 0
	m[r.at>>6] |= bit
	return was
}

// snakeTable is a table for a stream that converts all keys.
func snakeTable(rows ...row) *table { return newTable(true, rows) }

// plainTable is a table for a stream that keeps the keys which its rows do not rename.
func plainTable(rows ...row) *table { return newTable(false, rows) }

func newTable(snake bool, rows []row) *table {
	if len(rows) > maxRows {
		panic("entra: a table has too many rows")
	}
	t := &table{rows: rows}
	for i := range rows {
		r := &rows[i]
		r.at = uint8(i)
		if r.to == "" {
			r.to = r.from
			if snake {
				r.to = snakeName(r.from)
			}
		}
		t.add(r.from, r)
	}
	for i := range rows {
		t.add(rows[i].to, &rows[i])
		t.add(snakeName(rows[i].from), &rows[i])
	}
	return t
}

// add enters a spelling, unless another row has it already.
func (t *table) add(key string, r *row) {
	if t.find([]byte(key)) != nil {
		return
	}
	t.list = append(t.list, entry{key, r})
	at := hash([]byte(key))
	for t.index[at] != 0 {
		at = (at + 1) % uint32(len(t.index))
	}
	t.index[at] = uint16(len(t.list))
}

// after returns the row of a key. It is mostly the one after the row of the key before: the vendor's programs write
// members in one order, which the rows keep.
func (t *table) after(before int, key []byte) *row {
	if t == nil {
		return nil
	}
	if next := before + 1; next < len(t.rows) && t.rows[next].from == string(key) {
		return &t.rows[next]
	}
	return t.find(key)
}

// find returns the row of a key, nil when there is none.
func (t *table) find(key []byte) *row {
	if t == nil {
		return nil
	}
	for at := hash(key); t.index[at] != 0; at = (at + 1) % uint32(len(t.index)) {
		if e := &t.list[t.index[at]-1]; e.key == string(key) {
			return e.row
		}
	}
	return nil
}

// hash is quick and good for the few hundred names that Microsoft uses; it need not stand up to an attacker,
// who cannot add to a table.
func hash(key []byte) uint32 {
	var head, tail uint64
	switch n := len(key); {
	case n >= 8:
		head, tail = binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[n-8:])
	case n >= 4:
		head, tail = uint64(binary.LittleEndian.Uint32(key)), uint64(binary.LittleEndian.Uint32(key[n-4:]))
	case n > 0:
		head, tail = uint64(key[0]), uint64(key[n/2])<<8|uint64(key[n-1])
	}
	mixed := (head ^ tail*0x9E3779B97F4A7C15 ^ uint64(len(key))) * 0xD6E8FEB86659FD93
	return uint32(mixed >> (64 - tableBits))
}

// snakeName is the converted form of one of the names in the tables.
func snakeName(key string) string {
	var name []byte
	for i := range len(key) {
		c := key[i]
		if classes[c] == upper {
			if i > 0 && classes[key[i-1]] == lower {
				name = append(name, '_')
			}
			c |= 0x20
		}
		name = append(name, c)
	}
	return string(name)
}
