package service

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
)

// checkInUse opens a second service and wants to hear who has the directory.
func checkInUse(t *testing.T, h house, pid int) {
	t.Helper()
	s, err := Open(h.config(), slog.New(slog.DiscardHandler))
	if err == nil {
		h.close(s)
		t.Fatal("a second one was opened")
	}
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint("pid ", pid)) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q, want one line that names pid %d", err, pid)
	}
}

func TestSecondInstanceInTheProcess(t *testing.T) {
	h := newHouse(t)
	s := h.open(h.config())
	checkInUse(t, h, os.Getpid())
	if err := os.Symlink(h.path("data"), h.path("other")); err != nil {
		t.Fatal(err)
	}
	checkInUse(t, house{t, h.dir}, os.Getpid())
	byOtherName := h.config()
	byOtherName.DataDir = h.path("other")
	if _, err := Open(byOtherName, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrInUse) {
		t.Errorf("by another name: got %v, want %v", err, ErrInUse)
	}
	h.close(s)
	h.close(h.open(h.config())) // it was given back
	info, err := os.Stat(h.path("data"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("data directory: got %v, %v, want mode 0700", info.Mode(), err)
	}
}

// A lock of the file system does not ask which process holds it.
func TestAnotherProcess(t *testing.T) {
	h := newHouse(t)
	if err := os.Mkdir(h.path("data"), 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(h.write("data/lock", "4711\n"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	checkInUse(t, h, 4711)
	checkInUse(t, h, 4711) // the one who was refused left nothing behind
	file.Close()
	h.close(h.open(h.config()))
}
