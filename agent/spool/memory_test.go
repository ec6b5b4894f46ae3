package spool

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

var errCrashed = errors.New("the machine is down")

// memory is a file system that keeps, at a crash, only what was synced for sure. Of the rest each write may be there, torn or not,
// in any order, and each change of a folder.
type memory struct {
	mu    sync.Mutex
	files map[string]*node // as programs see them
	disk  map[string]*node // as folders are on the disk
	todo  []change         // of folders, not synced
	ops   int              // operations that change something
	limit int              // operation at which the machine goes down, 0 for never
	fail  func(op int, what, name string) error
}

// node is a file.
type node struct {
	data    []byte // as programs see it
	synced  []byte
	pending []write
}

// write is one that was not synced. A negative size is a write, another one a truncation.
type write struct {
	at   int64
	data []byte
	size int64
}

// change is one of a folder.
type change struct {
	name string
	from string // of a renaming
	to   *node  // nil where it was removed
}

func newMemory() *memory {
	return &memory{files: map[string]*node{}, disk: map[string]*node{}}
}

// step counts an operation and says whether it fails. The caller holds mu.
func (m *memory) step(what, name string) error {
	m.ops++
	if m.limit > 0 && m.ops >= m.limit {
		return errCrashed
	}
	if m.fail != nil {
		return m.fail(m.ops, what, filepath.Base(name))
	}
	return nil
}

func (m *memory) Create(path string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[path] != nil {
		return nil, fs.ErrExist
	}
	if err := m.step("create", path); err != nil {
		return nil, err
	}
	n := &node{}
	m.files[path] = n
	m.todo = append(m.todo, change{name: path, to: n})
	return &handle{m, n, path}, nil
}

func (m *memory) Open(path string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.files[path]
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return &handle{m, n, path}, nil
}

func (m *memory) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("rename", from); err != nil {
		return err
	}
	n := m.files[from]
	if n == nil {
		return fs.ErrNotExist
	}
	delete(m.files, from)
	m.files[to] = n
	m.todo = append(m.todo, change{name: to, from: from, to: n})
	return nil
}

func (m *memory) Remove(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("remove", path); err != nil {
		return err
	}
	if m.files[path] == nil {
		return fs.ErrNotExist
	}
	delete(m.files, path)
	m.todo = append(m.todo, change{name: path})
	return nil
}

func (m *memory) Names(dir string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for _, path := range slices.Sorted(maps.Keys(m.files)) {
		if filepath.Dir(path) == dir {
			names = append(names, filepath.Base(path))
		}
	}
	return names, nil
}

func (m *memory) SyncDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step("syncdir", dir); err != nil {
		return err
	}
	m.disk = maps.Clone(m.files) // of all folders: tests have one, or do not look
	m.todo = nil
	return nil
}

// crash is what the machine finds when it comes up again.
func (m *memory) crash(r *rand.Rand) *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := maps.Clone(m.disk)
	for _, c := range m.todo { // folders keep their changes in order or not at all, each for itself
		if r.IntN(2) == 0 {
			continue
		}
		if c.from != "" {
			delete(names, c.from)
		}
		if delete(names, c.name); c.to != nil {
			names[c.name] = c.to
		}
	}
	after := newMemory()
	for name, n := range names {
		data := n.survivors(r)
		after.files[name] = &node{data: data, synced: slices.Clone(data)}
	}
	after.disk = maps.Clone(after.files)
	return after
}

// survivors is a file's content after a crash.
func (n *node) survivors(r *rand.Rand) []byte {
	data := slices.Clone(n.synced)
	for _, i := range r.Perm(len(n.pending)) {
		w := n.pending[i]
		switch {
		case r.IntN(3) == 0:
		case w.data == nil:
			data = resize(data, w.size)
		default:
			for from := 0; from < len(w.data); from += 512 { // sectors
				if r.IntN(4) > 0 {
					data = put(data, w.at+int64(from), w.data[from:min(from+512, len(w.data))])
				}
			}
		}
	}
	return data
}

func put(data []byte, at int64, b []byte) []byte {
	data = resize(data, max(int64(len(data)), at+int64(len(b))))
	copy(data[at:], b)
	return data
}

func resize(data []byte, size int64) []byte {
	if size <= int64(len(data)) {
		return data[:size:size]
	}
	return append(data[:len(data):len(data)], make([]byte, size-int64(len(data)))...)
}

// handle is an open file.
type handle struct {
	m    *memory
	n    *node
	path string
}

func (h *handle) ReadAt(b []byte, at int64) (int, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if at >= int64(len(h.n.data)) {
		return 0, io.EOF
	}
	n := copy(b, h.n.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) WriteAt(b []byte, at int64) (int, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	err := h.m.step("write", h.path)
	n := len(b)
	if err != nil {
		n /= 2 // some of it arrives
	}
	h.n.data = put(h.n.data, at, b[:n])
	h.n.pending = append(h.n.pending, write{at: at, data: slices.Clone(b[:n])})
	return n, err
}

func (h *handle) Truncate(size int64) error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if err := h.m.step("truncate", h.path); err != nil {
		return err
	}
	h.n.data = resize(h.n.data, size)
	h.n.pending = append(h.n.pending, write{size: size})
	return nil
}

func (h *handle) Sync() error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if err := h.m.step("sync", h.path); err != nil {
		if !errors.Is(err, errCrashed) {
			h.n.pending = nil // the kernel calls the pages clean, and they are not on the disk
		}
		return err
	}
	h.n.synced, h.n.pending = slices.Clone(h.n.data), nil
	return nil
}

func (h *handle) Size() (int64, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	return int64(len(h.n.data)), nil
}

func (h *handle) Close() error { return nil }

// segments are the paths of the files that hold entries.
func (m *memory) segments() (paths []string) {
	for _, path := range slices.Sorted(maps.Keys(m.files)) {
		if strings.HasSuffix(path, plainEnding) || strings.HasSuffix(path, packedEnding) {
			paths = append(paths, path)
		}
	}
	return paths
}
