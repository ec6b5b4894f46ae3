package detections_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// firstSeenRows are the rows of the catalogue that rest on "never before".
var firstSeenRows = []string{
	"AU7", "AU10", "AU21", "AU28", "SE15", "CR13", "CR19", "NH3", "NH4", "NH12", "NH13", "NH14", "NH17", "XS12", "XS17", "XS20", "XS21",
}

// crowd runs acts of many identities through an engine and keeps what is found new.
type crowd struct {
	engine *detections.Live
	found  map[string]bool // "rule about identity"
	batch  []*detections.Act
	made   int
	now    time.Time
}

// newCrowd returns an engine with room for a thousand identities.
func newCrowd() *crowd {
	c := &crowd{found: map[string]bool{}, now: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	c.engine = detections.NewLive(detections.LiveSettings{
		Context: detections.DefaultContext(), Lateness: 15 * time.Minute, Bounds: detections.Bounds{Identities: 1000}, Publish: func(d *detections.Document) {
			if slices.ContainsFunc(d.Alert.Rule.Covers, func(row string) bool { return slices.Contains(firstSeenRows, row) }) {
				c.found[d.Alert.Rule.ID+" about "+d.Alert.Who] = true
			}
		},
	})
	return c
}

// act has an identity do something from a network of its own.
func (c *crowd) act(who int, operation string) {
	c.made++
	name := fmt.Sprintf("arn:aws:iam::123456789012:role/job-%d", who)
	a := &detections.Act{
		ID: fmt.Sprintf("CROWD%08d", c.made), Index: "logs-aws.cloudtrail-default", Time: c.now, Dataset: "aws.cloudtrail", Activity: ecs.APICall,
		Action: operation, Outcome: "success", Actor: ecs.Identity{ID: name, Kind: ecs.Workload}, Name: name, Operation: operation,
		Addr: netip.AddrFrom4([4]byte{10, byte(who >> 16), byte(who >> 8), byte(who)}), Region: "eu-central-1", Account: "123456789012", Resource: "queue",
	}
	c.batch = append(c.batch, a)
	if len(c.batch) == 100 {
		c.send()
	}
}

// send hands over what was done.
func (c *crowd) send() {
	c.engine.Observe(c.batch, c.now)
	c.batch = nil
}

// news are the findings of all that was done.
func (c *crowd) news() map[string]bool {
	c.send()
	c.engine.Finish()
	return c.found
}

// TestHabitsAfterAFlood: identities known for long, then a flood of 100,000 others through the same thousand places; what the known
// ones have always done is no news afterwards.
func TestHabitsAfterAFlood(t *testing.T) {
	const known, flood = 300, 100_000
	c := newCrowd()
	for range 30 { // three times a day
		for who := range known {
			c.act(who, fmt.Sprintf("sqs:Call%d", who%5))
		}
		c.now = c.now.Add(8 * time.Hour)
	}
	for who := range flood {
		c.act(known+who, "sts:GetCallerIdentity")
		c.now = c.now.Add(time.Second)
	}
	for who := range known {
		c.act(who, fmt.Sprintf("sqs:Call%d", who%5))
	}
	news := c.news()
	if got := c.engine.Forgotten().Identities; got < flood-1000 {
		t.Errorf("only %d identities had to be forgotten: nothing is shown", got)
	}
	if len(news) > 0 {
		t.Errorf("%d identities did what is new to them, such as %s", len(news), anyOf(news))
	}
}

// TestNewIsStillFound: the same identities without a flood, of which one does something else.
func TestNewIsStillFound(t *testing.T) {
	c := newCrowd()
	for range 30 {
		for who := range 20 {
			c.act(who, "sqs:ReceiveMessage")
		}
		c.now = c.now.Add(8 * time.Hour)
	}
	c.act(7, "secretsmanager:ListSecrets")
	if len(c.news()) == 0 {
		t.Error("a machine of ten days' standing called something new, and nobody said so")
	}
}

// TestManyHabits: more habits than are remembered of one identity. None of them is ever new.
func TestManyHabits(t *testing.T) {
	c := newCrowd()
	for round := range 400 {
		c.act(1, fmt.Sprintf("service%d:Call", round%100))
		c.now = c.now.Add(time.Hour)
	}
	clear(c.news()) // the first hundred may be news, as long as nothing was forgotten
	for round := range 200 {
		c.act(1, fmt.Sprintf("service%d:Call", round%100))
		c.now = c.now.Add(time.Hour)
	}
	if news := c.news(); len(news) > 0 {
		t.Errorf("old habits are called new: %s", anyOf(news))
	}
}

func anyOf(set map[string]bool) string {
	for what := range set {
		return what
	}
	return ""
}
