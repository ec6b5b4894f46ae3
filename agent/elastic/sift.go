package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/tidwall/gjson"
)

// siftIDs is how many ids are looked up at a time. A search returns 10,000 documents at most.
const siftIDs = 5000

var errSift = errors.New("documents not looked up")

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
			p := d.lookUp(ctx, stream, some, there)
			if p == nil {
				continue
			}
			if ctx.Err() != nil {
				s.gate.abandoned()
				return nil, errSift
			}
			s.gate.failed(soon, 0)
			s.trouble.begin(p.kind(), p)
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
func (d *delivery) lookUp(ctx context.Context, stream string, part []int, there map[int]bool) *problem {
	c := cluster{&d.sender.settings, d.sender.client}
	at := make(map[string]int, len(part))
	ids := make([]string, len(part))
	for k, i := range part {
		ids[k], at[d.docs[i].ID] = d.docs[i].ID, i
	}
	var p *problem
	query, err := json.Marshal(object{"size": len(ids), "_source": false, "query": object{"ids": object{"values": ids}}})
	if err != nil {
		return d.sender.settings.problem(poisoned, "%v", err)
	}
	for _, step := range []struct {
		path string
		body []byte
	}{{"/" + stream + "/_refresh", nil}, {"/" + stream + "/_search?filter_path=hits.hits._id", query}} {
		status, header, text, err := c.call(ctx, http.MethodPost, step.path, step.body)
		switch {
		case errors.As(err, &p):
			return p
		case err != nil:
			return d.sender.settings.explain(err)
		case status == http.StatusNotFound:
			return nil // the stream is not there yet
		case status == http.StatusForbidden:
			d.sender.blind.Do(func() {
				d.sender.settings.Log.Warn("documents whose answer was lost cannot be looked for: give the key the rights read and maintenance", "index", stream)
			})
		case status/100 != 2:
			return d.sender.settings.explainStatus(status, header, errorType(text))
		}
		for _, hit := range gjson.GetBytes(text, "hits.hits.#._id").Array() {
			if i, asked := at[hit.Str]; asked {
				there[i] = true
			}
		}
	}
	return nil
}
