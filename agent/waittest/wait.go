// Package waittest has tests wait for what no channel tells: the work of other processes, and of goroutines behind a door.
package waittest

import (
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	patience  = 2 * time.Minute // for slow machines: only who waits in vain waits that long
	pauseMost = 50 * time.Millisecond
)

// Until returns when something holds. In vain it ends the test, with what the tellers say.
func Until(t testing.TB, what string, holds func() bool, tellers ...func() string) {
	t.Helper()
	began, pause := time.Now(), time.Millisecond
	for !holds() {
		if time.Since(began) > patience {
			for _, tell := range tellers {
				what += "\n" + tell()
			}
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(pause)
		pause = min(2*pause, pauseMost)
	}
}

// Log can be read while others write to it. The zero value is empty.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all that was written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
