package cloudtrail

import (
	"fmt"
	"strings"
	"testing"

	"github.com/idwatch/idwatch/parsers/record"
)

// TestJavaHash has values that Java documents or that follow from String.hashCode's definition by hand.
func TestJavaHash(t *testing.T) {
	spread := func(h uint32) uint32 { return h ^ h>>16 }
	tests := map[string]uint32{
		"":                   0,
		"a":                  97,
		"Aa":                 2112,
		"BB":                 2112,
		"hello":              99162322,
		"é":                  233,
		"\U0001F600":         0xD83D*31 + 0xDE00,
		"polygenelubricants": 0x80000000, // Java's famous Integer.MIN_VALUE
	}
	for text, want := range tests {
		if got := hashString(text); got != spread(want) {
			t.Errorf("hashString(%q): got %d, want %d", text, got, spread(want))
		}
		if got := hashBytes([]byte(text)); got != spread(want) {
			t.Errorf("hashBytes(%q): got %d, want %d", text, got, spread(want))
		}
	}
}

// TestJavaMapKeepsTheTableOfHollowMembers: 13 members make a table of 32 buckets also when 11 of them are hollow.
func TestJavaMapKeepsTheTableOfHollowMembers(t *testing.T) {
	hollow := ""
	for i := range 11 {
		hollow += fmt.Sprintf(`,"h%02d":"-"`, i)
	}
	// "p" is 112: bucket 0 of 16 and 16 of 32. "b" is 98: bucket 2 in both.
	if got, want := javaText(t, `{"b":1,"p":2}`), "{p=2, b=1}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := javaText(t, `{"b":1,"p":2`+hollow+`}`), "{b=1, p=2}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestJavaMapOfManyMembers(t *testing.T) {
	var members []string
	for i := range 1000 {
		members = append(members, fmt.Sprintf(`"%d":%d`, i, i))
	}
	text := javaText(t, "{"+strings.Join(members, ",")+"}")
	if got := strings.Count(text, "="); got != 1000 {
		t.Errorf("got %d members, want 1000", got)
	}
}

func javaText(t *testing.T, text string) string {
	t.Helper()
	var r record.Record
	if err := r.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return string(appendJava(nil, r.Root(), record.Value{}))
}

func TestJavaNumbers(t *testing.T) {
	tests := map[string]string{
		"0": "0", "-0": "0", "42": "42", "123456789012345678901234567890": "123456789012345678901234567890",
		"2.0": "2.0", "-0.0": "-0.0", "1e7": "1.0E7", "9999999.5": "9999999.5", "0.001": "0.001", "0.00099": "9.9E-4",
		"1.5E-5": "1.5E-5", "-1e400": "-Infinity", "4.9e-324": "4.9E-324", "2e-3": "0.002", "1e21": "1.0E21",
	}
	for in, want := range tests {
		if got := string(appendJavaNumber(nil, []byte(in))); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
