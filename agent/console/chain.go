package console

import (
	"time"

	"github.com/idwatch/idwatch/agent/store"
)

// chain is the picture of an alert's evidence: a lane for each source, time from left to right. Acts that stand too close to be told apart are
// moved apart; their order stays.
type chain struct {
	Width, Height int
	Lanes         []lane
	Acts          []chainAct
	Path          string // of the line from act to act
	Ticks         []tick
	Bottom        int
	Span          time.Duration
}

type lane struct {
	Name string
	Y    int
}

type chainAct struct {
	store.Evidence
	Number, X, Y int
	Anchor       bool
}

type tick struct {
	X    int
	Text string
}

// Sizes in the picture's own units.
const (
	chainWidth  = 960
	chainLeft   = 150
	chainRight  = chainWidth - 24
	laneHeight  = 46
	laneTop     = 30
	actGap      = 22
	tickGap     = 84
	chainMargin = 16 // between the lanes' beginning and the first act
)

// drawChain draws evidence, which is in event-time order.
func drawChain(evidence []store.Evidence, anchor time.Time) *chain {
	if len(evidence) == 0 {
		return nil
	}
	c := &chain{Width: chainWidth}
	lanes := map[string]int{}
	for _, e := range evidence {
		if _, have := lanes[e.Dataset]; !have {
			y := laneTop + len(c.Lanes)*laneHeight
			lanes[e.Dataset] = y
			c.Lanes = append(c.Lanes, lane{e.Dataset, y})
		}
	}
	c.Bottom = laneTop + (len(c.Lanes)-1)*laneHeight + laneHeight/2
	c.Height = c.Bottom + 26
	first, last := evidence[0].Time, evidence[len(evidence)-1].Time
	c.Span = last.Sub(first)
	anchored := false
	for i, x := range places(evidence) {
		act := chainAct{Evidence: evidence[i], Number: i + 1, X: x, Y: lanes[evidence[i].Dataset]}
		if !anchored && act.Time.Equal(anchor) {
			act.Anchor, anchored = true, true
		}
		c.Acts = append(c.Acts, act)
	}
	c.Path = pathThrough(c.Acts)
	c.Ticks = ticks(c.Acts, c.Span)
	return c
}

// places are the acts' places from left to right.
func places(evidence []store.Evidence) []int {
	n := len(evidence)
	xs := make([]int, n)
	left, width := chainLeft+chainMargin, chainRight-chainLeft-2*chainMargin
	first, span := evidence[0].Time, evidence[n-1].Time.Sub(evidence[0].Time)
	gap := min(actGap, width/max(n-1, 1))
	for i, e := range evidence {
		xs[i] = left
		if span > 0 {
			xs[i] += int(float64(width) * float64(e.Time.Sub(first)) / float64(span))
		}
		if i > 0 {
			xs[i] = max(xs[i], xs[i-1]+gap)
		}
	}
	for i := n - 1; i >= 0; i-- { // what was moved beyond the end comes back
		xs[i] = min(xs[i], left+width-(n-1-i)*gap)
	}
	return xs
}

func pathThrough(acts []chainAct) string {
	points := make([]point, len(acts))
	for i := range acts {
		points[i] = point{float64(acts[i].X), float64(acts[i].Y)}
	}
	return linePath(points)
}

// ticks names the times of as many acts as there is room for, the first and the last among them.
func ticks(acts []chainAct, span time.Duration) (list []tick) {
	layout := "15:04:05"
	if span > 20*time.Hour {
		layout = "01-02 15:04"
	}
	last := acts[len(acts)-1]
	for i, a := range acts {
		ends := i == 0 || i == len(acts)-1
		free := len(list) == 0 || a.X-list[len(list)-1].X >= tickGap
		if free && (ends || last.X-a.X >= tickGap) {
			list = append(list, tick{a.X, a.Time.UTC().Format(layout)})
		}
	}
	return list
}

// scoreBar is a part of a score, drawn behind the parts before it.
type scoreBar struct {
	store.Part
	From, Width int // in hundredths of the whole picture
	Negative    bool
}

// drawScore draws the parts one behind the other, as far as they lead.
func drawScore(parts []store.Part) []scoreBar {
	most, sum := 1, 0
	for _, p := range parts {
		sum += p.Points
		most = max(most, sum)
	}
	list := make([]scoreBar, 0, len(parts))
	at := 0
	for _, p := range parts {
		bar := scoreBar{Part: p, Negative: p.Points < 0}
		from, to := min(at, at+p.Points), max(at, at+p.Points)
		bar.From, bar.Width = max(from, 0)*100/most, max((to-max(from, 0))*100/most, 1)
		list = append(list, bar)
		at += p.Points
	}
	return list
}
