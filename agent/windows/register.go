package windows

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/durable"
)

const (
	// issuedWithin is how old a statement may be when it comes, and skew how far its signer's clock may be ahead.
	issuedWithin = 15 * time.Minute
	skew         = 2 * time.Minute
	// keptAfter is how long a window is known after its end: records of it come late, and its id is not used again.
	keptAfter = 30 * 24 * time.Hour
	mostOpen  = 1000
)

// Settings say whom to believe, and how much.
type Settings struct {
	File    string        // where what was taken is kept
	Keys    []string      // PEM files of public keys, read again at each statement
	Longest time.Duration // how long a window may be
	Ahead   time.Duration // how far ahead it may begin
}

// Window is a window that was taken.
type Window struct {
	Statement
	Key    string    `json:"key"`
	Taken  time.Time `json:"taken"`
	Closed time.Time `json:"closed,omitzero"` // when it was closed before its time
}

// End is when the window ends or ended.
func (w *Window) End() time.Time {
	if !w.Closed.IsZero() && w.Closed.Before(w.Until) {
		return w.Closed
	}
	return w.Until
}

// State is how the window stands to a time: ahead, open, over or, before its time, closed.
func (w *Window) State(now time.Time) string {
	switch {
	case !w.Closed.IsZero() && w.Closed.Before(w.Until) && !now.Before(w.Closed):
		return "closed"
	case !now.Before(w.Until):
		return "over"
	case now.Before(w.From):
		return "ahead"
	}
	return "open"
}

// FileName is the register's file in the data directory.
const FileName = "windows.json"

// Register holds the windows that were taken.
type Register struct {
	settings Settings

	mu   sync.Mutex
	kept state
}

// state is the file.
type state struct {
	Windows []Window             `json:"windows"`
	Used    map[string]time.Time `json:"used"` // hash or id of statements, and when they may be forgotten
}

// OpenRegister reads what was taken before. A damaged file is an error: without it a statement could be used twice.
func OpenRegister(s Settings) (*Register, error) {
	r := &Register{settings: s, kept: state{Used: map[string]time.Time{}}}
	if _, err := r.keys(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(s.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, nil
	case err != nil:
		return nil, fmt.Errorf("read windows: %w", err)
	}
	if json.Unmarshal(text, &r.kept) != nil {
		return nil, fmt.Errorf("read windows: %s is damaged: move it away, and declare open windows again", s.File)
	}
	if r.kept.Used == nil {
		r.kept.Used = map[string]time.Time{}
	}
	return r, nil
}

func (r *Register) keys() (all []Key, err error) {
	for _, path := range r.settings.Keys {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("windows.keys: %w", err)
		}
		keys, err := ReadPublicKeys(text)
		if err != nil {
			return nil, fmt.Errorf("windows.keys: %s %w", path, err)
		}
		all = append(all, keys...)
	}
	return all, nil
}

// Windows are all that were taken and are still known, oldest first.
func (r *Register) Windows() []Window {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.kept.Windows)
}

// Take checks a signed statement and takes it. Its error is a *Refusal when the statement is to blame, which is for somebody to see.
func (r *Register) Take(signed []byte, now time.Time) (Window, error) {
	keys, err := r.keys()
	if err != nil {
		return Window{}, err
	}
	s, key, refusal := open(signed, keys)
	if refusal != nil {
		return Window{}, refusal
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if refusal := r.judge(s, key, now); refusal != nil {
		return Window{Statement: *s, Key: key.Name}, refusal
	}
	before := state{slices.Clone(r.kept.Windows), r.kept.Used}
	w := r.enter(s, key, now)
	if err := r.save(); err != nil {
		r.kept = before
		delete(r.kept.Used, use(s))
		return Window{}, err
	}
	return w, nil
}

// use is what a statement uses up: an id can be opened once and closed once.
func use(s *Statement) string { return s.Action + " " + s.ID }

// judge says why a signed statement is not taken; nil when it is.
func (r *Register) judge(s *Statement, key Key, now time.Time) *Refusal {
	about := "a window signed with key " + key.Name
	if fault := s.check(); fault != "" {
		return refuse(Improper, "%s %s", about, fault)
	}
	if _, used := r.kept.Used[use(s)]; used {
		return refuse(Replayed, "%s was declared again: somebody repeats a statement", about)
	}
	switch {
	case s.Issued.After(now.Add(skew)):
		return refuse(Improper, "%s was issued in the future: check the signer's clock", about)
	case now.Sub(s.Issued) > issuedWithin:
		return refuse(Expired, "%s came more than %s after it was issued", about, issuedWithin)
	case s.Action == Close:
		return r.judgeClose(s, about)
	case !s.Until.After(now):
		return refuse(Expired, "%s has ended already", about)
	case s.Until.Sub(s.From) > r.settings.Longest:
		return refuse(Improper, "%s is longer than %s", about, r.settings.Longest)
	case s.From.After(now.Add(r.settings.Ahead)):
		return refuse(Improper, "%s begins more than %s ahead", about, r.settings.Ahead)
	case s.From.Before(s.Issued.Add(-issuedWithin)):
		return refuse(Improper, "%s begins before it was issued: what has happened cannot be declared", about)
	}
	open := 0
	for i := range r.kept.Windows {
		if r.kept.Windows[i].End().After(now) {
			open++
		}
	}
	if open >= mostOpen {
		return refuse(Improper, "%s is one too many: %d are open", about, open)
	}
	return nil
}

// judgeClose looks at whether there is a window to close.
func (r *Register) judgeClose(s *Statement, about string) *Refusal {
	i := r.find(s.ID)
	switch {
	case i < 0:
		return refuse(Improper, "%s closes one that was never opened", about)
	case !r.kept.Windows[i].End().After(s.Issued):
		return refuse(Expired, "%s closes one that has ended", about)
	}
	return nil
}

func (r *Register) find(id string) int {
	return slices.IndexFunc(r.kept.Windows, func(w Window) bool { return w.ID == id })
}

// enter takes a statement that was judged good, and forgets what is long over.
func (r *Register) enter(s *Statement, key Key, now time.Time) Window {
	used := map[string]time.Time{}
	for id, until := range r.kept.Used {
		if until.After(now) {
			used[id] = until
		}
	}
	r.kept.Used = used
	r.kept.Windows = slices.DeleteFunc(r.kept.Windows, func(w Window) bool { return now.Sub(w.End()) > keptAfter })
	if s.Action == Close {
		w := &r.kept.Windows[r.find(s.ID)]
		w.Closed = s.Issued
		r.kept.Used[use(s)] = w.Until.Add(keptAfter)
		return *w
	}
	w := Window{Statement: *s, Key: key.Name, Taken: now}
	r.kept.Windows = append(r.kept.Windows, w)
	r.kept.Used[use(s)] = s.Until.Add(keptAfter)
	return w
}

// save returns when it is safe: what was used once is not taken again, whatever happens.
func (r *Register) save() error {
	text, err := json.Marshal(&r.kept)
	if err != nil {
		return err
	}
	if err := durable.WriteFile(r.settings.File, text); err != nil {
		return fmt.Errorf("save windows: %w", err)
	}
	return nil
}

// Suffixes of files in a watched folder: as they are dropped, and as they are called afterwards.
const (
	dropped = ".window"
	taking  = ".taking"
	taken   = ".taken"
	refused = ".refused"
)

// Drops takes the files of a folder, each once, and calls it what became of it. tell is called for each.
func Drops(dir string, tell func(signed []byte) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var all []error
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), taking) // of a process that was killed
		if !strings.HasSuffix(name, dropped) || !entry.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, name)
		claimed := path + taking // a file that cannot be renamed would be taken for a replay at the next look
		if err := os.Rename(filepath.Join(dir, entry.Name()), claimed); err != nil {
			all = append(all, err)
			continue
		}
		signed, err := readLimited(claimed)
		if err != nil {
			all = append(all, err)
		}
		fate := taken
		if tell(signed) != nil {
			fate = refused
		}
		all = append(all, os.Rename(claimed, path+fate))
	}
	return errors.Join(all...)
}

func readLimited(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxSigned {
		return nil, err // what is too large is refused as no statement
	}
	return os.ReadFile(path)
}
