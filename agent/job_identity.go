package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/idwatch/idwatch/agent/portrait"
)

// readValues is how many usual values of a kind a person is shown.
const readValues = 8

// portraitText is a portrait for a person.
func portraitText(s *portrait.Portrait) []byte {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintln(w, printable(fmt.Sprintf(format, args...))) }
	line("%s\t%s", s.ID, s.Kind)
	if s.Unowned {
		line("owner\tnobody is named")
	} else {
		line("owner\t%s, then %s", s.Owner, strings.Join(s.Escalation, ", "))
	}
	line("seen\t%s to %s: %d acts, %d of them refused", day(s.First), day(s.Last), s.Acts, s.Failures)
	line("risk\t%.0f", s.Risk)
	for _, name := range s.Names {
		line("name\t%s", name)
	}
	for _, l := range s.Links {
		line("link %s\t%s = %s by %s, %d records since %s", l.Strength, l.A, l.B, l.Key, l.Count, day(l.First))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Usual)) {
		for _, v := range s.Usual[name][:min(len(s.Usual[name]), readValues)] {
			line("%s\t%s, %d times, last %s", name, v.Value, v.Count, day(v.Last))
		}
	}
	for _, name := range portrait.Weekdays {
		line("hours UTC\t%s %s", name, hours(s.Hours[name]))
	}
	for _, c := range s.Credentials {
		line("credential\t%s", credentialStory(&c))
	}
	for _, a := range s.Alerts {
		line("%s\t%d %s %s %s", alertWord(&a), a.Score, day(a.Time), a.Rule, a.Reason)
	}
	w.Flush()
	return b.Bytes()
}

func credentialStory(c *portrait.Credential) string {
	text := c.ID
	for _, step := range []struct {
		word string
		at   time.Time
	}{{"made", c.Made}, {"first used", c.FirstUse}, {"last used", c.LastUse}, {"ended", c.Ended}} {
		if !step.at.IsZero() {
			text += ", " + step.word + " " + day(step.at)
		}
	}
	return fmt.Sprintf("%s, %d uses", text, c.Uses)
}

func alertWord(a *portrait.Alert) string {
	switch {
	case a.Signal:
		return "signal"
	case a.Folded != "":
		return "alert, part of a chain"
	}
	return "alert"
}

func day(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.UTC().Format("2006-01-02 15:04")
}

// hours draws a day: a mark for each hour in which there were acts.
func hours(acts [24]int) string {
	var b strings.Builder
	for _, n := range acts {
		switch {
		case n == 0:
			b.WriteByte('.')
		case n < 10:
			b.WriteByte(byte('0' + n))
		default:
			b.WriteByte('*')
		}
	}
	return b.String()
}

// printable takes from a line what could command a terminal: names are anybody's to choose.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, line)
}
