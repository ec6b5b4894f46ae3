package deadletter

import (
	"bytes"
	"testing"
)

var testMark = mark{0x9f, 1, 2, 3, 4, 5, 6, 0xfe}

func frameOf(t testing.TB, e Entry) []byte {
	t.Helper()
	frame, err := appendFrame(nil, testMark, e)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// Whatever stands in a segment, frames, gaps and tail are all its bytes, each frame is sound and reads back to
// itself, and a frame behind whatever it is gets found.
func FuzzSurvey(f *testing.F) {
	whole := frameOf(f, entry(1))
	f.Add([]byte{})
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(append(append([]byte("rubbish"), whole...), whole[:9]...))
	f.Add(append(bytes.Repeat(testMark[:], 3), whole...))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkSurvey(t, b)
		last := frameOf(t, entry(2))
		l := checkSurvey(t, append(bytes.Clone(b), last...))
		if l.end != len(b)+len(last) {
			t.Fatalf("got an end at %d, want the appended frame's end %d", l.end, len(b)+len(last))
		}
	})
}

func checkSurvey(t *testing.T, b []byte) layout {
	t.Helper()
	l := survey(b, testMark)
	sum := len(b) - l.end
	for _, gap := range l.gaps {
		sum += gap.size
	}
	for _, at := range l.frames {
		sum += at.size
		frame := b[at.at : at.at+at.size]
		e, err := entryOf(frame)
		if err != nil {
			continue
		}
		again, err := appendFrame(nil, testMark, e)
		if err != nil {
			t.Fatalf("entry that was read cannot be written: %v", err)
		}
		if back, err := entryOf(again); err != nil || back.ID != e.ID || !bytes.Equal(back.Raw, e.Raw) {
			t.Fatalf("entry changes on its way: %v", err)
		}
	}
	if sum != len(b) {
		t.Fatalf("got %d bytes accounted for, want %d", sum, len(b))
	}
	return l
}

func TestRawBytesCannotPoseAsAFrame(t *testing.T) {
	inner := frameOf(t, entry(1))
	outer := entry(2)
	outer.Raw = inner // a sender who knows the format, but not another segment's mark
	other := mark{1}
	frame, err := appendFrame(nil, other, outer)
	if err != nil {
		t.Fatal(err)
	}
	frame[payloadAt+10] ^= 1 // damage makes the reader search
	if l := survey(frame, other); len(l.frames) != 0 {
		t.Errorf("got %d frames, want none", len(l.frames))
	}
}
