package scenario

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/idwatch/idwatch/detections"
)

// lateness is how late records may arrive without a difference.
const lateness = 15 * time.Minute

// arrival is an act on its way to the engine.
type arrival struct {
	act *detections.Act
	at  time.Time
}

// Orders lets acts arrive in several orders at a running engine, and says in which documents that differs from a replay.
// It also returns how many alerts and signals the replay gives.
func Orders(house *detections.Context, acts []*detections.Act, orders int) (found int, wrong []string) {
	engine := detections.NewReplay(house, nil)
	for _, a := range acts {
		engine.Take(a)
	}
	engine.Run()
	first := outcome(engine)
	for seed := range uint64(orders) {
		again, err := live(house, nil, acts, seed)
		if err != nil {
			return len(first.docs), []string{err.Error()}
		}
		if wrong := first.differs(again); len(wrong) > 0 {
			return len(first.docs), append([]string{fmt.Sprintf("seed %d: other documents than in order", seed)}, wrong...)
		}
	}
	return len(first.docs), nil
}

// live lets acts arrive as they do in the world: each some minutes late, several at once, some twice; with odd seeds the
// engine ends now and then and goes on from its snapshot. What was told last of each alert has to be what a replay finds.
func live(house *detections.Context, added *detections.Added, acts []*detections.Act, seed uint64) (*run, error) {
	r := newRun()
	settings := detections.LiveSettings{Context: house, Added: added, Lateness: lateness, Namespace: "default", Publish: r.told}
	engine := detections.NewLive(settings)
	var batch []*detections.Act
	for _, next := range arrivals(acts, seed) {
		batch = append(batch, next.act)
		if chance(seed, next.act, "batch")%4 > 0 && len(batch) < 7 {
			continue
		}
		engine.Observe(batch, next.at)
		batch = nil
		if seed%2 == 1 && chance(seed, next.act, "cut")%32 == 0 {
			var err error
			if engine, err = cut(engine, settings); err != nil {
				return nil, err
			}
		}
	}
	if len(batch) > 0 {
		engine.Observe(batch, batch[len(batch)-1].Time.Add(lateness))
	}
	engine.Finish()
	return r, nil
}

// cut ends an engine and begins another one where it was.
func cut(engine *detections.Live, settings detections.LiveSettings) (*detections.Live, error) {
	var state bytes.Buffer
	if err := engine.Snapshot(&state); err != nil {
		return nil, err
	}
	return detections.Restore(&state, settings)
}

// chance is a number that depends on the seed, the act and what it is for alone: without another act, all others fare the
// same, so that a stream in which something goes wrong can be made smaller.
func chance(seed uint64, a *detections.Act, purpose string) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, seed, a.ID, purpose)
	return rand.New(rand.NewPCG(h.Sum64(), seed)).Uint64()
}

// told takes a revision of an alert.
func (r *run) told(d *detections.Document) {
	if d.Withdrawn || d.Alert.Folded != "" {
		delete(r.docs, d.Alert.ID)
		delete(r.bodies, d.Alert.ID)
		return
	}
	r.put(*d)
}

// arrivals delays every act by less than the lateness limit and repeats one in four.
func arrivals(acts []*detections.Act, seed uint64) []arrival {
	var all []arrival
	for _, a := range acts {
		for _, purpose := range []string{"first", "again"} {
			late := chance(seed, a, purpose)
			if purpose == "first" || late%4 == 0 {
				all = append(all, arrival{a, a.Time.Add(time.Duration(late>>8) % (lateness - time.Second))})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return a.at.Compare(b.at) })
	return all
}
