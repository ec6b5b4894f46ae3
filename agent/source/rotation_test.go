package source

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// sizes are few and many records: less and more than the fingerprints cover, and more than a block.
var sizes = []int{1, 5, 40, 20_000}

func forSizes(t *testing.T, test func(r *rig, n int)) {
	for _, n := range sizes {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inBubble(t, func(r *rig) { test(r, n) })
		})
	}
}

func TestRenamedFileIsReadToItsEnd(t *testing.T) {
	forSizes(t, func(r *rig, n int) {
		r.write("log", text(0, n))
		r.start("log")
		r.rename("log", "log.1")
		r.add("log.1", text(n, 1)) // the writer has not noticed
		r.settle()
		r.add("log", text(n+1, 1))
		r.settle()
		r.add("log.1", text(n+2, 1))
		r.settle()
		r.want(records(0, n+3)...)
		r.remove("log.1")
		r.pass(time.Minute)
		if got := r.files.Stats().Files; got != 1 {
			r.Errorf("got %d files open, want 1", got)
		}
	})
}

func TestRenamedFileThatThePatternNames(t *testing.T) {
	forSizes(t, func(r *rig, n int) {
		r.write("log.1", text(0, n))
		r.write("log", text(n, n))
		r.start("log*")
		r.add("log", text(2*n, 1))
		r.rename("log.1", "log.2")
		r.rename("log", "log.1")
		r.write("log", text(2*n+1, 1))
		r.settle()
		r.want(records(0, 2*n+2)...)
		if got := r.files.Stats().Behind; got != 0 {
			r.Errorf("got %d bytes behind, want 0", got)
		}
	})
}

func TestLastLineOfADeletedFile(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 1)+`{"torn`)
		r.start("log")
		r.want(records(0, 1)...)
		r.remove("log")
		r.pass(time.Minute)
		r.want(append(records(0, 1), `{"torn`)...)
		if got := r.files.Stats().Files; got != 0 {
			r.Errorf("got %d files open, want 0", got)
		}
	})
}

func TestCopyAndTruncate(t *testing.T) {
	for _, pattern := range []string{"log", "log*"} {
		forSizes(t, func(r *rig, n int) {
			r.write("log", text(0, n))
			r.start(pattern)
			r.add("log", text(n, 3)) // not read before it is cut off
			r.write("log.1", r.read("log"))
			r.write("log", text(n+3, 1))
			r.settle()
			r.add("log", text(n+4, 2))
			r.settle()
			r.want(records(0, n+6)...)
			if got := r.files.Stats().Truncated; got != 1 {
				r.Errorf("got %d truncations, want 1", got)
			}
		})
	}
}

func TestSlowCopyAndTruncate(t *testing.T) {
	forSizes(t, func(r *rig, n int) {
		r.write("log", text(0, n))
		r.start("log*")
		content := r.read("log")
		for i := range 4 {
			r.write("log.1", content[:(i+1)*len(content)/4])
			r.settle()
		}
		r.add("log", text(n, 1))
		r.settle()
		r.add("log.1", text(n, 1))
		r.settle()
		r.write("log", "")
		r.settle()
		r.add("log", text(n+1, 1))
		r.settle()
		r.want(records(0, n+2)...)
	})
}

func TestTruncatedAndGrownBeyondWhatWasRead(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 30))
		r.start("log")
		r.write("log", text(100, 200))
		r.settle()
		r.want(append(records(0, 30), records(100, 200)...)...)
	})
}

func TestCopyTakesItsLastLinesFromTheCopy(t *testing.T) {
	forSizes(t, func(r *rig, n int) {
		r.write("log", text(0, n))
		r.start("log")
		r.stop()
		r.add("log", text(n, 2))
		r.write("log.1", r.read("log"))
		r.write("log", text(n+2, n+20))
		r.start("log")
		r.want(records(0, 2*n+22)...)
	})
}

func TestRotatedWhileStopped(t *testing.T) {
	for _, zipped := range []bool{false, true} {
		forSizes(t, func(r *rig, n int) {
			r.write("log.7", text(9000, 5)) // from before anybody asked
			r.write("log", text(0, n))
			r.age("log.7", 9)
			r.age("log", 8)
			r.start("log")
			r.stop()
			r.add("log", text(n, 2))
			r.age("log", 7)
			r.rename("log", "log.3")
			r.write("log.2", text(n+2, 2))
			r.age("log.2", 6)
			r.write("log.1", text(n+4, 2))
			r.age("log.1", 5)
			r.write("log", text(n+6, 1))
			if zipped {
				r.compress("log.3")
				r.compress("log.2")
			}
			r.start("log")
			r.want(records(0, n+7)...)
			r.stop()
			r.start("log")
			r.want(records(0, n+7)...)
		})
	}
}

func TestInodeThatIsUsedAgain(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("log", text(0, 50))
		r.start("log")
		r.stop()
		r.write("log", text(50, 60)) // the same inode, as after a removal
		r.start("log")
		r.want(records(0, 110)...)
	})
}

func TestFolderThatWasMoved(t *testing.T) {
	forSizes(t, func(r *rig, n int) {
		r.write("log", text(0, n))
		r.write("log.1", text(n, n))
		r.start("log*")
		r.stop()
		for _, name := range []string{"log", "log.1"} { // other inodes, the same content
			content := r.read(name)
			r.write("copy", content)
			r.remove(name)
			r.rename("copy", name)
		}
		r.add("log", text(2*n, 1))
		r.start("log*")
		r.want(records(0, 2*n+1)...)
	})
}

func TestSymbolicLinkThatIsTurned(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.write("a", text(0, 10))
		r.write("b", text(10, 10))
		if err := os.Symlink(r.path("a"), r.path("log")); err != nil {
			t.Fatal(err)
		}
		r.start("log")
		r.remove("log")
		if err := os.Symlink(r.path("b"), r.path("log")); err != nil {
			t.Fatal(err)
		}
		r.add("a", text(20, 1))
		r.settle()
		r.want(records(0, 21)...)
	})
}

func TestFilesThatBeginAlike(t *testing.T) {
	inBubble(t, func(r *rig) {
		same := strings.Repeat(`{"header":"the same in all files"}`+"\n", 60) // more than a fingerprint covers
		r.write("a", same+text(0, 30))
		r.write("b", same+text(30, 300))
		r.write("c", same+text(400, 5))
		r.start("*")
		r.pass(20 * time.Minute)
		r.stop()
		r.start("*")
		got := map[string]bool{}
		for _, record := range r.taker.records {
			got[record] = true
		}
		for _, record := range append(append(records(0, 30), records(30, 300)...), records(400, 5)...) {
			if !got[record] {
				t.Fatalf("%s is lost", record)
			}
		}
	})
}
