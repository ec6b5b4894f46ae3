package context

import (
	"strings"
	"time"

	"github.com/idwatch/idwatch/detections"
)

// moment reads a time with its zone.
func (d *decoder) moment(n *node, path string) time.Time {
	said := d.text(n, path)
	if said == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, said)
	if err != nil {
		d.fail(n.line, path, "want a time with its zone, such as 2026-09-01T20:00:00Z")
	}
	return at.UTC()
}

// day reads a day, or a time with its zone. A day begins at midnight UTC.
func (d *decoder) day(n *node, path string) time.Time {
	said := d.text(n, path)
	if said == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, said); err == nil {
			return at.UTC()
		}
	}
	d.fail(n.line, path, "want a day such as 2026-01-10")
	return time.Time{}
}

// hours reads the business hours of the house.
func (d *decoder) hours(n *node, path string) {
	h := detections.Hours{Zone: time.UTC}
	d.object(n, path, []string{"business"}, members{
		"timezone": func(n *node, at string) { d.zone(n, at, &h) },
		"business": func(n *node, at string) {
			if said := d.text(n, at); said != "" && !parseHours(said, &h) {
				d.fail(n.line, at, `want days and hours within a day, such as "Mon-Fri 07:00-19:00"`)
			}
		},
	})
	h.Declared = true
	d.into.Hours = h
}

// zone reads the name of a time zone. The machine's own is refused: alerts may not depend on where they are computed.
func (d *decoder) zone(n *node, path string, h *detections.Hours) {
	name := d.text(n, path)
	if name == "" {
		return
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		d.fail(n.line, path, "want a time zone of the tz database, such as Europe/Berlin")
		return
	}
	h.Zone = zone
}

// days are the names of days, from Sunday.
var days = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseHours reads "Mon-Fri 07:00-19:00" or "Mon,Wed,Sat-Sun 08:00-12:30" and reports whether it could.
func parseHours(said string, h *detections.Hours) bool {
	when, hours, ok := strings.Cut(strings.TrimSpace(said), " ")
	if !ok {
		return false
	}
	for _, part := range strings.Split(when, ",") {
		if !parseDays(part, h) {
			return false
		}
	}
	from, to, ok := strings.Cut(strings.TrimSpace(hours), "-")
	if !ok {
		return false
	}
	var okFrom, okTo bool
	h.From, okFrom = parseMinute(from)
	h.To, okTo = parseMinute(to)
	return okFrom && okTo && h.From < h.To
}

// parseDays reads "Mon" or "Mon-Fri", also around the weekend.
func parseDays(part string, h *detections.Hours) bool {
	first, last, isRange := strings.Cut(strings.ToLower(part), "-")
	if !isRange {
		last = first
	}
	i, j := dayNumber(first), dayNumber(last)
	if i < 0 || j < 0 {
		return false
	}
	for ; i != j; i = (i + 1) % 7 {
		h.Days[i] = true
	}
	h.Days[j] = true
	return true
}

func dayNumber(name string) int {
	for i, day := range days {
		if name == day {
			return i
		}
	}
	return -1
}

// parseMinute reads "07:00" as a minute of the day, and "24:00" as its end.
func parseMinute(said string) (int, bool) {
	if said == "24:00" {
		return 24 * 60, true
	}
	at, err := time.Parse("15:04", said)
	return at.Hour()*60 + at.Minute(), err == nil
}
