package detections

import "slices"

// mark is what was there before an epoch of what stands in no layer.
type mark struct {
	epoch uint32
	waits []wait
	lost  lost
	dues  map[string][]due // by correlation
}

// mark keeps what is there before an epoch begins.
func (m *Memory) mark(epoch uint32) {
	k := mark{epoch: epoch, waits: slices.Clone(m.Waits), lost: m.lost}
	for key, w := range m.Windows {
		if len(w.due) > 0 {
			if k.dues == nil {
				k.dues = map[string][]due{}
			}
			k.dues[key] = slices.Clone(w.due)
		}
	}
	m.marks = append(m.marks, k)
}

// backTo takes everything that stands in no layer back to where it was before an epoch.
func (m *Memory) backTo(epoch uint32) {
	n := 0
	for n < len(m.marks) && m.marks[n].epoch < epoch {
		n++
	}
	if n == len(m.marks) {
		return
	}
	k := m.marks[n]
	m.marks = m.marks[:n]
	m.Waits, m.lost = k.waits, k.lost
	for key, w := range m.Windows {
		w.due = k.dues[key]
	}
}

// final is what is there for good of what stands in no layer.
func (m *Memory) final() mark {
	if len(m.marks) > 0 {
		return m.marks[0]
	}
	k := mark{waits: m.Waits, dues: map[string][]due{}}
	for key, w := range m.Windows {
		k.dues[key] = w.due
	}
	return k
}
