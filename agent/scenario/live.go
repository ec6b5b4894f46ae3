package scenario

import (
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

// live lets acts arrive as they do in the world: each some minutes late, several at once, some twice. What was told last
// of each alert has to be what a replay finds.
func (s *Scenario) live(acts []*detections.Act, seed uint64) *run {
	random := rand.New(rand.NewPCG(seed, uint64(len(acts))))
	r := &run{docs: map[string]detections.Document{}, bodies: map[string]string{}}
	engine := detections.NewLive(detections.LiveSettings{
		Context: s.house, Lateness: lateness, Namespace: "default", Publish: r.told,
	})
	for queue := arrivals(acts, random); len(queue) > 0; {
		n := min(1+random.IntN(7), len(queue))
		batch := make([]*detections.Act, n)
		for i := range batch {
			batch[i] = queue[i].act
		}
		engine.Observe(batch, queue[n-1].at)
		queue = queue[n:]
	}
	engine.Finish()
	return r
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
func arrivals(acts []*detections.Act, random *rand.Rand) []arrival {
	var all []arrival
	for _, a := range acts {
		for first := true; first || random.IntN(4) == 0; first = false {
			all = append(all, arrival{a, a.Time.Add(time.Duration(random.Int64N(int64(lateness - time.Second))))})
		}
	}
	slices.SortStableFunc(all, func(a, b arrival) int { return a.at.Compare(b.at) })
	return all
}
