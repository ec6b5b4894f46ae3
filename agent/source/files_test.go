package source

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAppendedLinesAreRead(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 2))
		r.start("log")
		r.want(records(0, 2)...)
		r.add("log", text(2, 1)+"\r\n  \n"+strings.TrimSuffix(text(3, 1), "\n")+"\r\n")
		r.settle()
		r.want(records(0, 4)...)
		if got := r.files.Stats(); got.Files != 1 || got.Behind != 0 || got.Records != 4 {
			t.Errorf("got %+v, want one file, nothing behind, 4 records", got)
		}
	})
}

func TestUnfinishedLineWaitsForItsNewline(t *testing.T) {
	inBubble(t, func(r *rig) {
		line := text(1, 1)
		r.write("log", text(0, 1)+line[:10])
		r.start("log")
		for i := 10; i < len(line)-2; i++ {
			r.want(records(0, 1)...)
			r.add("log", line[i:i+1])
			r.pass(time.Second)
		}
		r.want(records(0, 1)...)
		r.add("log", line[len(line)-2:])
		r.settle()
		r.want(records(0, 2)...)
	})
}

func TestWholeObjectNeedsNoNewline(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("log", "\xef\xbb\xbf"+strings.TrimSuffix(text(0, 2), "\n"))
		r.write("log2", strings.TrimSuffix(text(2, 1), "\n"))
		r.start("log*")
		r.want(records(0, 3)...)
		r.add("log", "\n"+text(3, 1))
		r.settle()
		r.want(records(0, 4)...)
	})
}

func TestFileThatComesLater(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.start("log")
		r.write("log", "")
		r.settle()
		r.write("log", text(0, 1))
		r.settle()
		r.want(records(0, 1)...)
	})
}

func TestFromEndSkipsOnlyWhatWasThere(t *testing.T) {
	fromEnd := func(s *FilesSettings) { s.FromEnd = true }
	inBubble(t, func(r *rig) {
		r.write("old.log", text(0, 100)+text(100, 1)[:7])
		r.write("older.log.gz", gzipped(text(500, 5)))
		r.start("*log*", fromEnd)
		r.want()
		r.stop()
		r.start("*log*", fromEnd)
		r.want()
		r.add("old.log", text(100, 1)[7:])
		r.settle()
		r.want(records(100, 1)...)
		r.stop()
		r.rename("old.log", "old.log.1")
		r.write("old.log", text(101, 1))
		r.start("*log*", fromEnd)
		r.want(records(100, 2)...)
	})
}

func TestQuietFileIsClosedAndFoundAgain(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 1))
		r.start("log")
		r.pass(10 * time.Minute)
		if got := r.files.Stats().Files; got != 0 {
			t.Errorf("got %d files open, want 0", got)
		}
		r.add("log", text(1, 30))
		r.settle()
		r.pass(10 * time.Minute)
		r.add("log", text(31, 1))
		r.settle()
		r.want(records(0, 32)...)
		if got := len(r.store.starts); got != 1 {
			t.Errorf("got %d positions, want 1", got)
		}
	})
}

func TestMoreFilesThanMayBeOpen(t *testing.T) {
	inBubble(t, func(r *rig) {
		var want []string
		for i := range maxOpen + 50 {
			name := "log." + strings.Repeat("a", i%7) + records(i, 1)[0][5:9]
			r.write(strings.Map(fileRune, name), text(i, 1))
			want = append(want, records(i, 1)...)
		}
		r.start("log.*")
		r.settle()
		r.want(want...)
		if got := r.files.Stats().Files; got > maxOpen {
			t.Errorf("got %d files open, want at most %d", got, maxOpen)
		}
	})
}

func fileRune(c rune) rune {
	if strings.ContainsRune(`",:}`, c) {
		return '-'
	}
	return c
}

func TestFullTakerIsAskedAgain(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.taker.full = true
		r.write("log", text(0, 3))
		r.start("log")
		r.pass(time.Minute)
		if r.taker.refused < 10 || r.taker.refused > 100 {
			t.Errorf("got %d refusals in a minute, want about one a second", r.taker.refused)
		}
		r.taker.set(func() { r.taker.full = false })
		r.settle()
		r.want(records(0, 3)...)
		r.taker.set(func() { r.taker.full = true })
		r.add("log", text(3, 1))
		r.settle()
		r.stop()
		r.taker.set(func() { r.taker.full = false })
		r.start("log")
		r.want(records(0, 4)...)
	})
}

func TestOneFileTwoInputs(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 3))
		r.start("log")
		second, err := NewFiles(r.files.FilesSettings)
		if err != nil {
			t.Fatal(err)
		}
		second.scan()
		second.turns(t.Context())
		r.want(records(0, 3)...)
		if got := second.Stats(); got.Files != 0 || got.Errors != 1 {
			t.Errorf("got %+v, want no file and an error", got)
		}
	})
}

func TestBadPatternIsAnError(t *testing.T) {
	for _, path := range []string{"", "/var/log/[a"} {
		if _, err := NewFiles(FilesSettings{Path: path}); err == nil {
			t.Errorf("got no error for %q", path)
		}
	}
}

func TestRotatedNames(t *testing.T) {
	logs := map[string]bool{"audit.log": true, "vault": true, "a.json": true}
	for name, want := range map[string]string{
		"audit.log": "", "audit.log.1": "audit.log", "audit.log.12.gz": "audit.log", "audit.log-20260301": "audit.log",
		"audit.log-20260301-1700000000.zst": "audit.log", "audit-2026-03-01T10-00-00.000.log": "audit.log",
		"audit-2026-03-01T10-00-00.000.log.gz": "audit.log", "audit.1.log": "audit.log", "vault.1": "vault",
		"audit.log.bak": "", "audit.log.1.tmp": "", "audit.logs": "", "audit2.log": "", "b.json.1": "", ".1": "", "": "",
	} {
		if got := rotatedFrom(name, logs); got != want {
			t.Errorf("got %q for %q, want %q", got, name, want)
		}
	}
}

func TestPositionsFollowTheOrderOfBatches(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.taker.hold = true
		r.write("log", text(0, 1))
		r.start("log")
		for i := 1; i < 4; i++ {
			r.add("log", text(i, 1))
			r.settle()
		}
		r.taker.set(func() {
			safes := r.taker.safes
			slices.Reverse(safes[1:]) // the last is safe first, the second never
			for _, safe := range append(safes[:3:3], safes[0]) {
				safe()
			}
			r.taker.records, r.taker.hold = nil, false
		})
		r.stop()
		r.start("log")
		r.want(records(1, 3)...)
	})
}
