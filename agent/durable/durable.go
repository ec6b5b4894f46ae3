// Package durable replaces files so that a crash leaves the old one or the new one.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// WriteFile replaces a file, which its owner alone can read, and returns when it is safe on disk.
func WriteFile(path string, content []byte) error {
	half := path + ".new"
	err := writeAll(half, content)
	if err == nil {
		err = os.Rename(half, path)
	}
	if err != nil {
		os.Remove(half) // it may be what fills the disk
		return err
	}
	return SyncDir(filepath.Dir(path))
}

func writeAll(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = file.Write(content); err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
