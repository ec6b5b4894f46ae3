package inputtest

import (
	"os"
	"testing"
)

// TestStdin: what a pipe brings is there once, however often the agent is told to end, where somebody keeps the pipe for the next one. A kill
// costs what was read and not on the disk yet, no more than the pipe holds.
func TestStdin(t *testing.T) {
	for name, c := range map[string]struct {
		end      func(r *rig)
		onItsWay int
	}{"stopped": {(*rig).stop, 0}, "killed": {(*rig).kill, 64 << 10}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "- {type: stdin, source: okta}\n")
			r.cutLines = name == "killed" // the next one may begin within a line
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer read.Close()
			defer write.Close()
			r.stdin = read
			r.start()
			upTo, written := make(chan int, 4), make(chan error, 1)
			go func() {
				next := 0
				for end := range upTo {
					for ; next < end && err == nil; next++ {
						_, err = write.WriteString(record(next) + "\n")
					}
				}
				written <- err
			}()
			for n := 1; n <= 3; n++ {
				upTo <- r.records * n / 4
				r.until("documents", func() bool { return r.documents() > r.records*(2*n-1)/8 }) // about half of what was written
				c.end(r)
				r.start()
			}
			upTo <- r.records
			close(upTo)
			if err := <-written; err != nil {
				t.Fatal(err)
			}
			if c.onItsWay == 0 {
				r.exactlyOnce()
				return
			}
			r.until("the last record", func() bool { r.documents(); return r.seen[recordID(r.records-1)] > 0 })
			lost := (r.records - len(r.seen)) * (len(record(0)) + 1)
			if most := 3 * c.onItsWay; lost > most {
				t.Errorf("%d bytes of records are lost after three kills, want %d at most", lost, most)
			}
			t.Logf("%d of %d records, %d bytes, were on their way when the agent was killed three times", r.records-len(r.seen), r.records, lost)
		})
	}
}
