package pipeline

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/idwatch/idwatch/detections"
)

// told is what the outbox has of alerts beyond what the state knows, by the alerts' ids. After a restart the engine comes to them again: the
// same revision is not told twice, and one that differs gets a number of its own, or the output would take it for what it has.
type told map[string]*toldAlert

type toldAlert struct {
	last     letter
	contents map[int]uint64 // by revision, while the engine has not come to where it was
}

// toldMost bounds what is remembered.
const toldMost = 100_000

// put notes a letter of the outbox.
func (t told) put(l letter) {
	a := t[l.alert]
	if a == nil {
		if len(t) >= toldMost {
			return
		}
		a = &toldAlert{}
		t[l.alert] = a
	}
	if a.contents == nil {
		a.contents = map[int]uint64{}
	}
	a.contents[l.revision] = l.content
	if l.revision >= a.last.revision {
		a.last = l
	}
}

// admit reports whether a revision is to be told, and gives it its number.
func (t told) admit(doc *detections.Document, content uint64) bool {
	a := t[doc.Alert.ID]
	if a == nil {
		return true
	}
	if doc.Revision > a.last.revision {
		delete(t, doc.Alert.ID)
		return true
	}
	switch {
	case content == a.last.content:
		doc.Revision = a.last.revision
		return false
	case a.contents[doc.Revision] == content:
		return false
	}
	doc.Revision = a.last.revision + 1
	delete(t, doc.Alert.ID)
	return true
}

// caughtUp has the engine, once it has come to where it was, say again what it says of the alerts that were told since, so that what differs
// from what was told last goes out. What it does not know at all is taken back. The lock is held.
func (d *detector) caughtUp() {
	d.until = 0
	d.live.Flush()
	for _, id := range slices.Sorted(maps.Keys(d.told)) {
		a := d.told[id]
		if a == nil {
			continue
		}
		a.contents = nil
		if d.live.Retell(id) {
			continue
		}
		last := a.last
		last.doc.Body = withdrawn(last.doc.Body, last.revision)
		last.revision, last.content = last.revision+1, 0
		last.doc.ID = fmt.Sprintf("%s-%d", id, last.revision)
		d.letters = append(d.letters, last)
		a.last = last
	}
}

// withdrawn is an alert's document with the next revision, which takes it back.
func withdrawn(body []byte, revision int) []byte {
	old := fmt.Appendf(nil, `"revision":%d`, revision)
	return bytes.Replace(body, old, fmt.Appendf(nil, `"revision":%d,"withdrawn":true`, revision+1), 1)
}
