package service

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// By how many percent the heap grows before the garbage collector runs. What the engine remembers stays for hours and days: as Go has it, a
// process takes twice the memory that it uses.
const (
	sparingGrowth = 40
	usualGrowth   = 100
)

const (
	// busyShare is the part of one processor's time beyond which the collector costs more than the memory that it spares.
	busyShare = 0.05
	busyEvery = 10 * time.Second
)

// SparingMemory has the garbage collector run earlier than Go would have it, unless GOGC says how: it reports which.
func SparingMemory() bool {
	if os.Getenv("GOGC") != "" {
		return false
	}
	debug.SetGCPercent(sparingGrowth)
	return true
}

// keepMemory spares memory, but not while much passes: a process that catches up with a backlog has better use for its time.
func (s *Service) keepMemory(ctx context.Context) {
	if !SparingMemory() {
		return
	}
	look := time.NewTicker(busyEvery)
	defer look.Stop()
	for growth, spent := sparingGrowth, collecting(); ; {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		now := collecting()
		if next := growthFor((now-spent)/busyEvery.Seconds(), growth); next != growth {
			growth = next
			debug.SetGCPercent(growth)
		}
		spent = now
	}
}

// growthFor is the growth for a collector that takes so much of one processor's time at the present one. It goes back when it would not
// take more than busyShare then either.
func growthFor(share float64, present int) int {
	switch {
	case share > busyShare:
		return usualGrowth
	case share*usualGrowth/sparingGrowth < busyShare:
		return sparingGrowth
	}
	return present
}

// collecting is for how many seconds processors have collected garbage.
func collecting() float64 {
	sample := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64 {
		return 0
	}
	return sample[0].Value.Float64()
}
