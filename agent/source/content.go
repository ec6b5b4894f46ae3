package source

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"syscall"
)

// A file's name says little about what it holds: rotation renames, copies, compresses and reuses it. So a position
// belongs to a file's device and inode, and only as long as the file holds what was read when the position was made.
// That is told by fingerprints of the bytes at the start and in front of the position, which also find the content
// again under another inode.

const (
	startBytes = 1024 // what the fingerprint at the start covers
	markBytes  = 1024 // what a fingerprint further on covers
	marksKept  = 4
)

// fileID is what a file system tells files apart by.
type fileID struct {
	Dev uint64 `json:"dev"`
	Ino uint64 `json:"ino"`
}

func idOf(info fs.FileInfo) fileID {
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return fileID{uint64(sys.Dev), sys.Ino}
	}
	return fileID{}
}

// isDeleted reports whether an open file has no name any more.
func isDeleted(info fs.FileInfo) bool {
	sys, ok := info.Sys().(*syscall.Stat_t)
	return ok && sys.Nlink == 0
}

// mark is a fingerprint of the bytes in front of an offset.
type mark struct {
	Offset int64  `json:"offset"`
	Len    int    `json:"len"`
	Hash   string `json:"hash"`
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// markOf makes a mark of a batch's last bytes. A block's end is at hand where the file's would have to be read again.
func markOf(offset int64, before []byte) mark {
	n := min(len(before), markBytes)
	return mark{Offset: offset, Len: n, Hash: hashOf(before[len(before)-n:])}
}

// holds reports whether a file has the marked bytes.
func (m mark) holds(f *os.File) bool {
	b := make([]byte, m.Len)
	if _, err := f.ReadAt(b, m.Offset-int64(m.Len)); err != nil {
		return false
	}
	return hashOf(b) == m.Hash
}
