package detections

import (
	"slices"
	"strconv"
	"strings"
)

// counterfactual is the smallest change that would have kept the score below the threshold: the least part that is enough by itself, else the
// fewest parts that are together. That scores end at 100 is no part: it would have ended less.
func counterfactual(a *Alert, threshold int) string {
	if a.Signal {
		return ""
	}
	sum, without := 0, make([]Part, 0, len(a.Parts))
	for _, p := range a.Parts {
		if p.Name == limitPart {
			continue
		}
		sum += p.Points
		if p.Points > 0 {
			without = append(without, p)
		}
	}
	slices.SortStableFunc(without, func(p, q Part) int { return q.Points - p.Points })
	n := 0
	for left := sum; n < len(without) && left >= threshold; n++ {
		left -= without[n].Points
	}
	without = without[:n]
	if n == 1 {
		for _, p := range a.Parts {
			if p.Name != limitPart && p.Points < without[0].Points && sum-p.Points < threshold {
				without[0] = p
			}
		}
	}
	var reasons []string
	for _, p := range without {
		sum -= p.Points
		reasons = append(reasons, strconv.Quote(p.Reason))
	}
	return "without " + strings.Join(reasons, " and ") + " the score would have been " + strconv.Itoa(min(max(sum, 0), 100)) + ", below the threshold of " + strconv.Itoa(threshold)
}
