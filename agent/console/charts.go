package console

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/detections/identity"
)

// point is a place in a picture.
type point struct{ X, Y float64 }

// linePath is the path through points, as SVG writes it.
func linePath(points []point) string {
	var b strings.Builder
	for i, p := range points {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", command, p.X, p.Y)
	}
	return b.String()
}

// bars counts alerts over time, by severity.
type bars struct {
	Width, Height int
	Bars          []bar
	Ticks         []tick
	Most          int
	Unit          string
}

type bar struct {
	X, Width int
	Text     string
	Parts    []barPart
}

type barPart struct {
	Level     string
	Y, Height int
}

const (
	barsWidth  = 960
	barsHeight = 84
	barsMost   = 48
)

// overTime draws the alerts, which come the youngest first, by hours or days, whichever gives fewer than barsMost of them.
func overTime(alerts []store.Alert) *bars {
	if len(alerts) == 0 {
		return nil
	}
	first, last := alerts[len(alerts)-1].At, alerts[0].At
	b := &bars{Width: barsWidth, Height: barsHeight + 18}
	step := time.Hour
	for _, unit := range []struct {
		step time.Duration
		name string
	}{{time.Hour, "hour"}, {6 * time.Hour, "six hours"}, {24 * time.Hour, "day"}, {7 * 24 * time.Hour, "week"}} {
		step, b.Unit = unit.step, unit.name
		if last.Sub(first) < barsMost*step {
			break
		}
	}
	start := last.Truncate(step).Add(-(barsMost - 1) * step)
	if early := first.Truncate(step); early.After(start) {
		start = early
	}
	n := max(int(last.Sub(start)/step)+1, 12)
	counts := make([]map[string]int, n)
	for _, a := range alerts {
		if i := int(a.At.Sub(start) / step); !a.At.Before(start) && i < n {
			if counts[i] == nil {
				counts[i] = map[string]int{}
			}
			counts[i][level(a.Severity)]++
		}
	}
	b.fill(counts, start, step)
	return b
}

func (b *bars) fill(counts []map[string]int, start time.Time, step time.Duration) {
	totals := make([]int, len(counts))
	for i, c := range counts {
		for _, n := range c {
			totals[i] += n
		}
	}
	b.Most = max(slices.Max(totals), 1)
	pitch := barsWidth / len(counts)
	layout := "01-02 15:04"
	if step >= 24*time.Hour {
		layout = "01-02"
	}
	for i, c := range counts {
		at := start.Add(time.Duration(i) * step).UTC()
		one := bar{X: i * pitch, Width: max(pitch-3, 2), Text: fmt.Sprintf("%s: %d", at.Format(layout), totals[i])}
		y := barsHeight
		for _, name := range []string{"low", "medium", "high", "critical"} {
			if c[name] > 0 {
				height := max(c[name]*(barsHeight-6)/b.Most, 2)
				y -= height
				one.Parts = append(one.Parts, barPart{name, y, height})
			}
		}
		b.Bars = append(b.Bars, one)
		if i%max(len(counts)/6, 1) == 0 {
			b.Ticks = append(b.Ticks, tick{i * pitch, at.Format(layout)})
		}
	}
}

// heat is the week of an identity: seven days of twenty-four hours.
type heat struct {
	Cells   []cell
	Hours   []tick
	Days    []lane
	Summary string
}

type cell struct {
	X, Y, Level int
	Text        string
}

const (
	cellWidth  = 34
	cellHeight = 22
	heatLeft   = 44
	heatTop    = 20
	heatLevels = 4
)

var weekdays = [7]string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// drawHeat draws how often each hour of the week was seen.
func drawHeat(hours [168]int) *heat {
	most := slices.Max(hours[:])
	if most == 0 {
		return nil
	}
	h := &heat{Summary: usualHours(hours)}
	for day, name := range weekdays {
		y := heatTop + day*cellHeight
		h.Days = append(h.Days, lane{name, y + cellHeight - 7})
		for hour := range 24 {
			n := hours[day*24+hour]
			h.Cells = append(h.Cells, cell{
				X: heatLeft + hour*cellWidth, Y: y, Level: (n*heatLevels + most - 1) / most,
				Text: fmt.Sprintf("%s %02d:00 UTC: seen on %d days", name, hour, n),
			})
		}
	}
	for hour := 0; hour < 24; hour += 3 {
		h.Hours = append(h.Hours, tick{heatLeft + hour*cellWidth, fmt.Sprintf("%02d", hour)})
	}
	return h
}

// usualHours says in words when most of it happens: the shortest run of hours of the day that holds nine tenths, and the days.
func usualHours(hours [168]int) string {
	var byHour [24]int
	var byDay [7]int
	total := 0
	for i, n := range hours {
		byHour[i%24] += n
		byDay[i/24] += n
		total += n
	}
	from, length := 0, 24
	for start := range 24 {
		sum := 0
		for n := range 24 {
			if sum += byHour[(start+n)%24]; sum*10 >= total*9 {
				if n+1 < length {
					from, length = start, n+1
				}
				break
			}
		}
	}
	var days []string
	for i, n := range byDay {
		if n*20 >= total {
			days = append(days, weekdays[i])
		}
	}
	text := strings.Join(days, " ")
	if length < 20 {
		text += fmt.Sprintf(", mostly %02d:00 to %02d:00 UTC", from, (from+length)%24)
	} else {
		text += ", around the clock"
	}
	return text
}

// risk is an identity's risk over time: each alert adds its score, and half of it is gone after identity.HalfLife.
type risk struct {
	Width, Height int
	Line, Area    string
	Alerts        []riskAlert
	Ticks         []tick
	Scale         []lane
	Most          int
}

type riskAlert struct {
	X, Y  float64
	ID    string
	Level string
	Text  string
}

const (
	riskWidth  = 960
	riskHeight = 150
	riskLeft   = 40
	riskSteps  = 240
)

// drawRisk draws alerts and signals, the youngest first, until a time.
func drawRisk(alerts []alertView, until time.Time) *risk {
	if len(alerts) == 0 {
		return nil
	}
	first, last := alerts[len(alerts)-1].At.Add(-6*time.Hour), alerts[0].At.Add(36*time.Hour)
	if until.After(last) {
		last = until
	}
	span := last.Sub(first)
	at := func(t time.Time) (sum float64) {
		for i := range alerts {
			if age := t.Sub(alerts[i].At); age >= 0 {
				sum += float64(alerts[i].Score) * math.Exp2(-age.Hours()/identity.HalfLife.Hours())
			}
		}
		return sum
	}
	times := riskTimes(alerts, first, span)
	most := 100.0
	for _, t := range times {
		most = max(most, at(t))
	}
	r := &risk{Width: riskWidth, Height: riskHeight + 20, Most: int(most)}
	x := func(t time.Time) float64 {
		return riskLeft + float64(riskWidth-riskLeft-10)*float64(t.Sub(first))/float64(span)
	}
	y := func(v float64) float64 { return riskHeight - (riskHeight-12)*v/most }
	var line []point
	for _, t := range times {
		line = append(line, point{x(t), y(at(t))})
	}
	r.Line = linePath(line)
	r.Area = r.Line + fmt.Sprintf("L%.1f %dL%.1f %dZ", x(last), riskHeight, x(first), riskHeight)
	for i := range alerts {
		a := &alerts[i]
		r.Alerts = append(r.Alerts, riskAlert{x(a.At), y(at(a.At)), a.ID, level(a.Severity), timeText(a.At) + ": " + a.Doc.Event.Reason})
	}
	for i := range 6 {
		t := first.Add(span * time.Duration(i) / 6)
		r.Ticks = append(r.Ticks, tick{int(x(t)), t.UTC().Format("01-02 15:04")})
	}
	step := 50.0
	for most/step > 4 {
		step *= 2
	}
	for v := 0.0; v <= most; v += step {
		r.Scale = append(r.Scale, lane{fmt.Sprint(v), int(y(v))})
	}
	return r
}

// riskTimes are the times at which the curve is drawn: evenly, and just before and at each alert.
func riskTimes(alerts []alertView, first time.Time, span time.Duration) (times []time.Time) {
	for i := range riskSteps + 1 {
		times = append(times, first.Add(span*time.Duration(i)/riskSteps))
	}
	for i := range alerts {
		times = append(times, alerts[i].At.Add(-time.Millisecond), alerts[i].At)
	}
	slices.SortFunc(times, time.Time.Compare)
	return times
}
