package service

import (
	"runtime"
	"testing"
)

func TestGrowthOfTheHeap(t *testing.T) {
	for _, c := range []struct {
		share         float64
		present, want int
	}{
		{0, sparingGrowth, sparingGrowth},
		{0.04, sparingGrowth, sparingGrowth},
		{0.2, sparingGrowth, usualGrowth},
		{0.08, usualGrowth, usualGrowth}, // still much
		{0.04, usualGrowth, usualGrowth}, // it would be 0.1 with the other one
		{0.01, usualGrowth, sparingGrowth},
	} {
		if got := growthFor(c.share, c.present); got != c.want {
			t.Errorf("share %v at %d: got %d, want %d", c.share, c.present, got, c.want)
		}
	}
}

func TestCollectingIsCounted(t *testing.T) {
	before := collecting()
	kept := make([][]byte, 0, 200)
	for range 200 {
		kept = append(kept, make([]byte, 1<<16))
		runtime.GC()
	}
	runtime.KeepAlive(kept)
	if after := collecting(); after <= before {
		t.Errorf("got %v s after 200 collections, %v before", after, before)
	}
}
