package torture

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idwatch/idwatch/agent/elastic/estest"
)

// cluster is a server and what is done to it.
type cluster struct {
	*estest.Own
	namespaces []string
	// alone is held while a stream rolls over, and shared while the server may have a request that it works on later, or once more, without
	// anybody being told: the same id in the next index is nothing that a sender could know of.
	alone sync.RWMutex

	mu  sync.Mutex
	did map[string]int
}

// outage is something that happens to the server itself, and is over when it returns.
type outage struct {
	name string
	have func(c *cluster, r *rand.Rand) error
}

// outages are all of them; where there is little time it has to be the first ones.
var outages = []outage{
	{"watermark", (*cluster).fill},
	{"killed", (*cluster).crash},
	{"slow", (*cluster).stumble},
	{"stopped", (*cluster).restart},
	{"delete only", (*cluster).deleteOnly},
}

const fewOutages = 3

// have has one outage come after the other, each of them at least once, until done is closed.
func (c *cluster) have(t *testing.T, list []outage, pause time.Duration, r *rand.Rand, done <-chan struct{}) {
	if err := c.until("streams", func() (bool, error) {
		answer, err := c.ask("GET", "/_all/_settings/index.number_of_shards?expand_wildcards=all", "")
		return strings.Contains(answer, `".ds-logs-`), err
	}); err != nil {
		t.Error(err)
		return
	}
	for round := 0; ; round++ {
		for _, o := range list {
			select {
			case <-done:
				if round > 0 {
					return
				}
			case <-time.After(rand.N(pause)):
			}
			began := time.Now()
			if err := o.have(c, r); err != nil {
				t.Errorf("%s: %v", o.name, err)
				return
			}
			t.Logf("%s, over after %v", o.name, time.Since(began).Round(time.Second))
			c.note(o.name)
		}
	}
}

func (c *cluster) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.did[what]++
}

func (c *cluster) crash(*rand.Rand) error   { return errors.Join(c.Kill(), c.Start()) }
func (c *cluster) restart(*rand.Rand) error { return errors.Join(c.Stop(), c.Start()) }

// stumble has the server stand still for some seconds.
func (c *cluster) stumble(r *rand.Rand) error {
	c.alone.RLock()
	defer c.alone.RUnlock()
	err := c.Pause()
	time.Sleep(time.Duration(2000+r.IntN(6000)) * time.Millisecond)
	err = errors.Join(err, c.Resume())
	time.Sleep(2 * time.Second) // until it has done what it had
	return err
}

// fill has the server find its disk too full, so that it blocks the indices by itself, and then find room again.
func (c *cluster) fill(r *rand.Rand) error {
	err := errors.Join(c.watermarks("1000000gb"), c.until("blocks by the watermark", c.blocked))
	time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
	return errors.Join(err, c.watermarks("1mb"), c.until("no blocks", func() (bool, error) {
		yes, err := c.blocked()
		return !yes, err
	}))
}

// watermarks says below how much free disk the server does what it does at each of its watermarks.
func (c *cluster) watermarks(size string) error {
	var members []string
	for _, name := range []string{"low", "high", "flood_stage"} {
		members = append(members, fmt.Sprintf(`"cluster.routing.allocation.disk.watermark.%s":%q`, name, size))
	}
	_, err := c.ask("PUT", "/_cluster/settings", `{"persistent":{`+strings.Join(members, ",")+`}}`)
	return err
}

const deleteOnly = "index.blocks.read_only_allow_delete"

// blocked reports whether indices are blocked as on a full disk.
func (c *cluster) blocked() (bool, error) {
	answer, err := c.ask("GET", "/_all/_settings/"+deleteOnly+"?expand_wildcards=all", "")
	return strings.Contains(answer, `"read_only_allow_delete":"true"`), err
}

// until waits for something to hold. The server looks at its disk every ten seconds.
func (c *cluster) until(what string, holds func() (bool, error)) error {
	for range 300 {
		if yes, err := holds(); yes || err != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
	return fmt.Errorf("never: %s", what)
}

// deleteOnly blocks all streams by hand, in the way of a full disk.
func (c *cluster) deleteOnly(r *rand.Rand) error {
	var all []string
	for _, namespace := range c.namespaces {
		for _, stream := range streams {
			all = append(all, stream+namespace)
		}
	}
	path := "/" + strings.Join(all, ",") + "/_settings?ignore_unavailable=true"
	_, err := c.ask("PUT", path, `{"`+deleteOnly+`":true}`)
	time.Sleep(time.Duration(r.IntN(4000)) * time.Millisecond)
	_, more := c.ask("PUT", path, `{"`+deleteOnly+`":null}`)
	return errors.Join(err, more)
}

// ask makes a request that has to succeed.
func (c *cluster) ask(method, path, body string) (string, error) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	status, answer, err := c.Ask(ctx, method, path, body)
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("%s %s: %d %.300s", method, path, status, answer)
	}
	return answer, err
}

// disturb makes streams read-only for a while and rolls them over, until done is closed. What the server does not do in an outage is left.
func (c *cluster) disturb(pause time.Duration, r *rand.Rand, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(pause/4 + rand.N(pause)):
		}
		stream := streams[r.IntN(len(streams))] + c.namespaces[r.IntN(len(c.namespaces))]
		c.rollOver(stream)
		if _, err := c.ask("PUT", "/"+stream+"/_settings", `{"index.blocks.write":true}`); err == nil {
			c.note("read-only")
		}
		time.Sleep(time.Duration(r.IntN(1000)) * time.Millisecond)
		c.unblock(stream)
	}
}

func (c *cluster) rollOver(stream string) {
	c.alone.Lock()
	defer c.alone.Unlock()
	if _, err := c.ask("POST", "/"+stream+"/_rollover?wait_for_active_shards=0", ""); err == nil {
		c.note("rollover")
	}
}

// unblock makes a stream writable again, as soon as there is a server.
func (c *cluster) unblock(stream string) {
	for range 600 {
		status, _, err := c.Ask(context.Background(), "PUT", "/"+stream+"/_settings", `{"index.blocks.write":false}`)
		if err == nil && (status == http.StatusOK || status == http.StatusNotFound) {
			return
		}
		time.Sleep(200 * time.Millisecond) // it may be starting
	}
}
