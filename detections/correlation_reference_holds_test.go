package detections_test

import (
	"slices"
	"strconv"
	"time"

	"github.com/idwatch/idwatch/detections"
)

// holds reports whether a correlation's condition is true of what was counted in a window.
func holds(d *detections.Detection, all []counted) bool {
	if len(all) == 0 {
		return false
	}
	k := d.Correlation
	n := 0.0
	switch k.Kind {
	case detections.EventCount:
		n = float64(len(all))
	case detections.ValueCount:
		values := map[string]bool{}
		for _, c := range all {
			for _, v := range c.values {
				values[v] = true
			}
		}
		n = float64(len(values))
	case detections.ValueSum, detections.ValueAvg:
		for _, c := range all {
			own := 0.0
			for _, v := range c.values {
				f, _ := strconv.ParseFloat(v, 64)
				own += f
			}
			n += own
		}
		if k.Kind == detections.ValueAvg {
			n /= float64(len(all))
		}
	case detections.Temporal:
		rules := map[int]bool{}
		for _, c := range all {
			for rule := range c.rules {
				rules[rule] = true
			}
		}
		n = float64(len(rules))
	case detections.TemporalOrdered:
		n = float64(longestChain(all, len(k.Of), 0, time.Time{}))
	}
	if len(k.Limits) == 0 {
		return n >= float64(len(k.Of))
	}
	return !slices.ContainsFunc(k.Limits, func(l detections.Limit) bool {
		return !map[detections.Comparison]bool{"lt": n < l.Number, "lte": n <= l.Number, "gt": n > l.Number, "gte": n >= l.Number, "eq": n == l.Number, "neq": n != l.Number}[l.Is]
	})
}

// longestChain tries every way to find rules from one on in their order, no one before a time.
func longestChain(all []counted, rules, from int, after time.Time) int {
	best := 0
	for rule := from; rule < rules; rule++ {
		for _, c := range all {
			if c.rules[rule] && !c.at.Before(after) {
				best = max(best, 1+longestChain(all, rules, rule+1, c.at))
			}
		}
	}
	return best
}

// inChain reports whether a record stands in some whole chain.
func inChain(all []counted, at, rules int) bool {
	var whole func(rule int, after time.Time, used bool) bool
	whole = func(rule int, after time.Time, used bool) bool {
		if rule == rules {
			return used
		}
		for i, c := range all {
			if c.rules[rule] && !c.at.Before(after) && whole(rule+1, c.at, used || i == at) {
				return true
			}
		}
		return false
	}
	return whole(0, time.Time{}, false)
}
