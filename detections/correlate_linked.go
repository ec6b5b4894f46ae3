package detections

import (
	"slices"
	"strings"
)

// own notes that a window stands under the name of an identity.
func (m *machine) own(k *counter, group string, w *window) {
	if k.who < 0 {
		return
	}
	o := m.memory.Owned.Edit(w.group[k.who], func() *owned { return &owned{} })
	if key := (windowKey{k.key, group}); !slices.Contains(o.keys, key) {
		o.keys = append(o.keys, key)
	}
}

// moveWindows puts the windows of an identity that turned out to be another one under its name. Which of them came to hold more is
// noted: the act that joined the two may make a condition true.
func (m *machine) moveWindows(absorbed, root string) {
	if !m.rules.byWho {
		return // no window has a name
	}
	o := m.memory.Owned.Get(absorbed)
	if o == nil {
		return
	}
	for _, key := range slices.Clone(o.keys) {
		k := m.rules.byKey[key.counter]
		if k == nil {
			continue
		}
		m.moveWindow(k, key.group, root)
	}
	m.memory.Owned.Forget(absorbed)
}

func (m *machine) moveWindow(k *counter, group, root string) {
	all := m.memory.windowsOf(k)
	from := all.Get(group)
	if from == nil || from.len() == 0 {
		return
	}
	from = from.clone()
	m.memory.forgetGroup(all, group)
	if from.ageTo(k, m.now); from.len() == 0 {
		return
	}
	names := slices.Clone(from.group)
	names[k.who] = root
	group = strings.Join(names, "\x00")
	to := all.Edit(group, newWindow)
	had := to.len()
	if to.group == nil {
		to.group = names
		m.own(k, group, to)
	}
	to.ageTo(k, m.now)
	to.merge(k, from)
	m.memory.hold(all, to.len()-had)
	if k.ends {
		all.expect(to.opened+k.span, group)
		return
	}
	m.merged = append(m.merged, mergedWindow{k, group})
}

// ageTo lets go what is over, unless the window is judged as a whole.
func (w *window) ageTo(k *counter, now int64) {
	if !k.ends {
		w.prune(k, now)
		w.was = w.was && w.len() > 0
	}
}

// merge takes in another window of the same correlation.
func (w *window) merge(k *counter, o *window) {
	all := append(w.all(), o.all()...)
	slices.SortStableFunc(all, compareEntries)
	again := newWindow()
	again.group, again.dropped = w.group, w.dropped+o.dropped
	again.was, again.fired = w.was || o.was, max(w.fired, o.fired)
	again.alert, again.alerted = w.alert, w.alerted
	if o.alerted > w.alerted {
		again.alert, again.alerted = o.alert, o.alerted
	}
	again.opened = w.opened
	if w.opened == never || o.opened != never && o.opened < w.opened {
		again.opened = o.opened
	}
	for _, e := range all {
		if !again.knows(&e) {
			again.add(k, e)
		}
	}
	*w = *again
}

// mergedWindow is a window that came to hold more because two identities turned out to be one.
type mergedWindow struct {
	*counter
	group string
}

// askMerged asks the windows that were put together by an act whether their condition has become true.
func (m *machine) askMerged(c *Case) {
	now := moment(c.Act.Time)
	merged := m.merged
	m.merged = m.merged[:0:0]
	for _, one := range merged {
		all := m.memory.windowsOf(one.counter)
		w := all.Edit(one.group, newWindow)
		had := w.len()
		w.prune(one.counter, now)
		m.memory.hold(all, w.len()-had)
		was := w.was
		w.was = w.holds(one.counter, now)
		if !w.was || was && now-w.fired < one.span {
			continue
		}
		w.fired = now
		m.tell(c, one.counter, m.fire(c, one.counter, w, entry{at: now, act: c.Act}))
	}
}
