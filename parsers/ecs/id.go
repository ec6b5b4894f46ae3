package ecs

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"

	"github.com/idwatch/idwatch/parsers/record"
)

// idText writes ids in the order of their bytes, with letters and digits only.
var idText = base32.HexEncoding.WithPadding(base32.NoPadding)

// AppendID appends the document's id: the event's time first, so that ids of one hour stand together in the index, then a
// hash of source, tenant and the vendor's own id, or of the whole record where it has none. 32 characters.
func (e *Event) AppendID(dst []byte) []byte {
	var room [256]byte
	key := e.appendOrigin(room[:0])
	if native := FirstOf(e.NativeID, e.ID); native != "" {
		key = append(key, native...)
	} else {
		key = e.appendWhole(key)
	}
	sum := sha256.Sum256(key)
	var id [20]byte
	millis := int64(0)
	if !e.Time.IsZero() {
		millis = e.Time.UnixMilli()
	}
	binary.BigEndian.PutUint64(id[:8], uint64(millis)<<16)
	copy(id[6:], sum[:14])
	return idText.AppendEncode(dst, id[:])
}

func (e *Event) appendOrigin(key []byte) []byte {
	key = append(append(key, e.Module...), 0)
	return append(append(key, e.Tenant...), 0)
}

// appendWhole appends all of the record. It makes its own copy of key, so that the common way needs no memory.
func (e *Event) appendWhole(key []byte) []byte {
	whole := append([]byte(nil), key...)
	if e.Record == nil {
		return append(whole, e.Original...)
	}
	return record.AppendCanonical(whole, e.Record.Root())
}
