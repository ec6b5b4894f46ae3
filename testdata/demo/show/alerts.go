package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// alert is what one line of the list tells.
type alert struct {
	Timestamp string `json:"@timestamp"`
	Event     struct {
		Severity  int
		RiskScore float64 `json:"risk_score"`
		Reason    string
	}
	Rule struct{ Name string }
}

// listAlerts prints the alerts in the order of time.
func listAlerts(name string) error {
	var all []alert
	err := lines(name, func(line []byte) bool {
		var a alert
		if json.Unmarshal(line, &a) == nil {
			all = append(all, a)
		}
		return true
	})
	slices.SortFunc(all, func(a, b alert) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	fmt.Printf("\n%-48s %7d\n", "alerts", len(all))
	for _, a := range all {
		fmt.Printf("  %.16s  %2d  %3.0f  %s\n%30s%s\n", a.Timestamp, a.Event.Severity, a.Event.RiskScore, a.Rule.Name, "", a.Event.Reason)
	}
	return err
}
