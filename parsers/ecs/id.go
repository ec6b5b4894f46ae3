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
	var buffer [512]byte
	key := append(buffer[:0], e.Module...)
	key = append(append(key, 0), e.Tenant...)
	key = append(key, 0)
	switch {
	case e.NativeID != "":
		key = append(key, e.NativeID...)
	case e.ID != "":
		key = append(key, e.ID...)
	case e.Record != nil:
		key = record.AppendCanonical(key, e.Record.Root())
	default:
		key = append(key, e.Original...)
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
