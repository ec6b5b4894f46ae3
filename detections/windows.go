package detections

import (
	"math"
	"slices"

	"github.com/idwatch/idwatch/detections/identity"
	"github.com/idwatch/idwatch/detections/pack"
)

// windows are all groups of one correlation.
type windows struct {
	*identity.Layer[string, window]
	of   *counter // which found them last
	key  string
	due  []due // windows to be judged, the next one first
	held int   // entries in all groups
}

// due says when a window has passed.
type due struct {
	at    int64
	group string
}

func newWindows(clock *identity.Clock, key string) *windows {
	return &windows{Layer: identity.NewLayer[string](clock, (*window).clone), key: key}
}

// owned are the windows that stand under an identity's name: they move when it gets another one.
type owned struct{ keys []windowKey }

type windowKey struct{ counter, group string }

// windowsOf are the windows of a correlation.
func (m *Memory) windowsOf(k *counter) *windows {
	if k.order < len(m.placed) && m.placed[k.order] != nil && m.placed[k.order].of == k {
		return m.placed[k.order]
	}
	w := m.Windows[k.key]
	if w == nil {
		w = newWindows(m.clock, k.key)
		m.Windows[k.key] = w
	}
	for len(m.placed) <= k.order {
		m.placed = append(m.placed, nil)
	}
	w.of, m.placed[k.order] = k, w
	return w
}

// expect notes when a window that was opened is to be judged.
func (w *windows) expect(at int64, group string) {
	i, _ := slices.BinarySearchFunc(w.due, at, func(d due, at int64) int {
		if d.at <= at {
			return -1
		}
		return 1
	})
	w.due = slices.Insert(w.due, i, due{at, group})
}

// hold notes by how much a window has grown.
func (m *Memory) hold(w *windows, more int) {
	w.held += more
	m.held += more
}

// forgetGroup lets go a group. It returns how many entries it had.
func (m *Memory) forgetGroup(w *windows, group string) int {
	have := w.Get(group)
	if have == nil || !w.Forget(group) {
		return 0
	}
	m.hold(w, -have.len())
	return have.len()
}

// boundWindows lets go groups in which nothing can come true any more, and what is too much. It reports whether it let go anything.
func (m *machine) boundWindows(now int64) (some bool) {
	if len(m.rules.counters) == 0 {
		return false
	}
	m.turn++
	some = m.expireWindows(m.rules.counters[m.turn%len(m.rules.counters)], now)
	some = m.expireOwned() || some
	for most := m.bounds.entries(); m.memory.held > most; {
		entries := m.forgetWindow()
		if entries == 0 {
			return some
		}
		m.forgotten.Entries += entries
		m.forgotten.Windows++
		some = true
	}
	return some
}

// expireWindows lets go groups of a correlation that are over.
func (m *machine) expireWindows(k *counter, now int64) bool {
	w := m.memory.windowsOf(k)
	for n := range tidyAtOnce {
		group, have, ok := w.Oldest()
		if !ok || k.ends || now-have.last() <= k.span || now-have.fired <= k.span || m.memory.forgetGroup(w, group) == 0 {
			return n > 0
		}
	}
	return true
}

// forgetWindow lets go the group that did not change for longest, of the correlation that holds most. It returns how many entries it had.
func (m *machine) forgetWindow() int {
	var most *windows
	for _, k := range m.rules.counters {
		if w := m.memory.windowsOf(k); most == nil || w.held > most.held {
			most = w
		}
	}
	group, _, _ := most.Oldest()
	return m.memory.forgetGroup(most, group)
}

// dropWindows forgets the windows of correlations that there are no more.
func (m *machine) dropWindows() {
	for key, w := range m.memory.Windows {
		if m.rules.byKey[key] == nil {
			m.memory.held -= w.held
			delete(m.memory.Windows, key)
		}
	}
	m.memory.placed = nil
}

// expireOwned lets go names under which no window stands any more.
func (m *machine) expireOwned() bool {
	for n := range tidyAtOnce {
		who, o, ok := m.memory.Owned.Oldest()
		if !ok || slices.ContainsFunc(o.keys, func(k windowKey) bool {
			w := m.memory.Windows[k.counter]
			return w != nil && w.Peek(k.group) != nil
		}) || !m.memory.Owned.Forget(who) {
			return n > 0
		}
	}
	return true
}

// lost counts what is in no window any more, or never was.
type lost struct {
	entries   int // that had to make room in a window
	ungrouped int // records that lack what a correlation groups or counts by
}

// Groups counts the open groups of correlations, and the records in their windows.
func (l *Live) Groups() (groups, records int) {
	for _, w := range l.machine.memory.Windows {
		groups += w.Len()
	}
	return groups, l.machine.memory.held
}

const (
	// entriesMost is how many entries all windows hold together when nothing else is said.
	entriesMost = 1 << 20
	// entryBytes is what one takes on average, with its share of the record.
	entryBytes = 700
)

// entries bounds what all windows hold: a quarter of all memory.
func (b *Bounds) entries() int {
	if b.Bytes <= 0 {
		return entriesMost
	}
	return max(int(b.Bytes/4/entryBytes), 1024)
}

// packWindows writes or reads what is final.
func (m *Memory) packWindows(c *pack.Coder, p *packer) {
	final := m.final()
	pack.Map(c, m.Windows, pack.Word, func(c *pack.Coder, w **windows) {
		if c.Reading() {
			*w = newWindows(m.clock, "")
		}
		list := &(*w).due
		if !c.Reading() {
			dues := final.dues[(*w).key]
			list = &dues
		}
		pack.List(c, list, pack.Most, func(c *pack.Coder, d *due) {
			pack.Number(c, &d.at)
			pack.Word(c, &d.group)
		})
		(*w).Pack(c, pack.Word, p.window)
	})
	for key, w := range m.Windows {
		w.key = key
	}
	m.Owned.Pack(c, pack.Word, func(c *pack.Coder, o *owned) {
		pack.List(c, &o.keys, pack.Most, func(c *pack.Coder, k *windowKey) {
			pack.Word(c, &k.counter)
			pack.Word(c, &k.group)
		})
	})
}

func (p *packer) window(c *pack.Coder, w *window) {
	pack.List(c, &w.group, pack.Most, pack.Word)
	pack.List(c, &w.entries, WindowMost, p.entry)
	c.Bool(&w.was)
	pack.Number(c, &w.fired)
	pack.Number(c, &w.opened)
	pack.Number(c, &w.dropped)
	c.Text(&w.alert)
	pack.Number(c, &w.alerted)
	pack.List(c, &w.starts, OrderedRules*OrderedRules, pack.Number[int64])
	c.Fixed(&w.now)
	if !c.Reading() {
		return
	}
	w.rough = true
	for i := range w.entries {
		e := &w.entries[i]
		if isPart(e.number) {
			w.parts++
		}
		for _, v := range e.values() {
			if w.values == nil {
				w.values = map[string]int{}
			}
			w.values[v]++
		}
	}
}

func (p *packer) entry(c *pack.Coder, e *entry) {
	pack.Number(c, &e.at)
	p.act(c, &e.act)
	c.Fixed(&e.rules)
	c.Float(&e.number)
	if math.IsNaN(e.number) || math.IsInf(e.number, 0) {
		c.Damaged()
	}
	there := e.more != nil
	if c.Bool(&there); !there {
		return
	}
	if c.Reading() {
		e.more = &more{}
	}
	pack.List(c, &e.more.values, pack.Most, pack.Word)
	c.Bool(&e.more.event)
	pack.List(c, &e.more.acts, pack.Most, p.act)
	pack.Number(c, &e.more.place)
	pack.Word(c, &e.more.from)
}
