package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/tidwall/gjson"
)

// siftIDs is how many ids are looked up at a time. A search returns 10,000 documents at most.
const siftIDs = 5000

var (
	errSift = errors.New("documents not looked up")
	// errGap is errSift where the cluster answers and a part of the stream is not there.
	errGap = errors.New("a part of the data stream cannot be searched")
)

// gapsFor is how long documents wait for shards that look-ups miss. After that they are sent: what was on those shards may be there twice.
const gapsFor = 5 * time.Minute

// gaps are since when look-ups in a stream miss shards, by stream.
type gaps struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// note takes note of a look-up and reports whether to wait for what it missed.
func (g *gaps) note(stream string, missed bool) (wait bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !missed {
		delete(g.since, stream)
		return false
	}
	if _, there := g.since[stream]; !there {
		g.since[stream] = time.Now()
	}
	return time.Since(g.since[stream]) < gapsFor
}

// sift leaves out of a part what the cluster has, where it may have got a request whose answer was lost. The gate's slot is the caller's; with
// an error it is left. Where the key may not search all of the part is sent: then the same id can be there twice after a rollover.
func (d *delivery) sift(ctx context.Context, part []int) (rest []int, err error) {
	s := d.sender
	byStream := map[string][]int{}
	for _, i := range part {
		byStream[d.docs[i].Stream] = append(byStream[d.docs[i].Stream], i)
	}
	there := map[int]bool{}
	for stream, of := range byStream {
		for from := 0; from < len(of); from += siftIDs {
			some := of[from:min(from+siftIDs, len(of))]
			err := d.lookUp(ctx, stream, some, there)
			if err == nil {
				continue
			}
			var p *problem
			switch {
			case ctx.Err() != nil:
				s.gate.abandoned()
			case errors.As(err, &p):
				s.gate.failed(soon, 0)
				s.trouble.begin(p.kind(), p)
			default: // others need not wait for this stream
				s.gate.succeeded(false)
				return nil, err
			}
			return nil, errSift
		}
	}
	for _, i := range part {
		if !there[i] {
			rest = append(rest, i)
		}
	}
	s.counters.duplicates.Add(int64(len(there)))
	s.counters.delivered.Add(int64(len(there)))
	return rest, nil
}

// lookUp notes which documents of one stream are there. The stream is refreshed before, or it would not show what came last.
func (d *delivery) lookUp(ctx context.Context, stream string, part []int, there map[int]bool) error {
	s := d.sender
	at := make(map[string]int, len(part))
	ids := make([]string, len(part))
	for k, i := range part {
		ids[k], at[d.docs[i].ID] = d.docs[i].ID, i
	}
	query, err := json.Marshal(object{"size": len(ids), "_source": false, "query": object{"ids": object{"values": ids}}})
	if err != nil {
		return s.settings.problem(poisoned, "%v", err)
	}
	if _, err := d.look(ctx, stream, "_refresh", nil); err != nil {
		return known(err)
	}
	text, err := d.look(ctx, stream, "_search?filter_path=hits.hits._id,_shards", query)
	if err != nil {
		return known(err)
	}
	shards := gjson.GetBytes(text, "_shards")
	missed := shards.Get("successful").Int() < shards.Get("total").Int() // the shards that start do not count as failed
	if s.gaps.note(stream, missed) {
		return errGap
	}
	if missed {
		s.settings.Log.Warn("documents whose answer was lost are sent again though a part of the data stream cannot be searched: find its missing shards",
			"stream", stream, "documents", len(part))
	}
	for _, hit := range gjson.GetBytes(text, "hits.hits.#._id").Array() {
		if i, asked := at[hit.Str]; asked {
			there[i] = true
		}
	}
	return nil
}

// errNothing says that nothing can be found: the stream is not there yet, or the key may not look.
var errNothing = errors.New("nothing to be found")

func known(err error) error {
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// look makes one request of a look-up. Only Elasticsearch itself can say that there is nothing to be found: what is between has said no before.
func (d *delivery) look(ctx context.Context, stream, path string, body []byte) ([]byte, error) {
	s := d.sender
	c := cluster{&s.settings, s.client}
	status, header, text, err := c.call(ctx, http.MethodPost, "/"+stream+"/"+path, body)
	var p *problem
	if err != nil {
		if errors.As(err, &p) {
			return nil, p
		}
		return nil, s.settings.explain(err)
	}
	switch kind := errorType(text); {
	case status/100 == 2:
		return text, nil
	case status == http.StatusNotFound && kind == "index_not_found_exception":
		return nil, errNothing
	case status == http.StatusForbidden && kind == "security_exception":
		s.blind.Do(func() {
			s.settings.Log.Warn("documents whose answer was lost cannot be looked for: give the key the rights read and maintenance", "index", stream)
		})
		return nil, errNothing
	default:
		return nil, s.settings.explainStatus(status, header, kind)
	}
}
