package escalate

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// Message is what is told of an alert: its summary, and nothing of the records behind it.
type Message struct {
	Alert    string    `json:"alert_id"`
	Revision int       `json:"revision"`
	Time     time.Time `json:"time"`
	Rule     string    `json:"rule_id"`
	Name     string    `json:"rule_name"`
	Severity int       `json:"severity"`
	Score    int       `json:"risk_score"`
	Reason   string    `json:"reason"`
	Identity string    `json:"identity"`
	Kind     string    `json:"identity_kind,omitempty"`
	Owner    string    `json:"owner,omitempty"`
	Target   string    `json:"target,omitempty"` // who is told
	Step     int       `json:"step,omitempty"`   // from 1
	Steps    int       `json:"steps,omitempty"`
	Host     string    `json:"host,omitempty"` // which machine tells
}

const maxReason = 500

// read takes the summary out of an alert's document, and says whether that ends the alert.
func read(body []byte) (m Message, steps []string, over, ok bool) {
	var d struct {
		Time  time.Time `json:"@timestamp"`
		Event struct {
			ID, Kind, Reason string
			Severity         int
			Score            float64 `json:"risk_score"`
		}
		Rule struct{ ID, Name string }
		Own  struct {
			Revision  int
			Withdrawn bool
			Folded    string `json:"folded_into"`
			Identity  struct {
				ID, Kind, Owner string
				Escalation      []string
			}
		} `json:"idwatch"`
	}
	if json.Unmarshal(body, &d) != nil || d.Event.ID == "" || d.Event.Kind != "alert" {
		return m, nil, false, false
	}
	host, _ := os.Hostname()
	own := &d.Own
	m = Message{
		Alert: d.Event.ID, Revision: own.Revision, Time: d.Time, Rule: d.Rule.ID, Name: d.Rule.Name, Severity: d.Event.Severity,
		Score: int(d.Event.Score), Reason: cut(d.Event.Reason, maxReason), Identity: own.Identity.ID, Kind: own.Identity.Kind, Owner: own.Identity.Owner, Host: host,
	}
	return m, own.Identity.Escalation, own.Withdrawn || own.Folded != "", true
}

func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// Kinds of bodies.
const (
	Generic = "generic"
	Slack   = "slack"
)

// body is what a target of a kind gets.
func (m *Message) body(kind string) ([]byte, error) {
	if kind != Slack {
		return json.Marshal(m)
	}
	return json.Marshal(map[string]string{"text": m.slack()})
}

// slackEscapes are the three that Slack asks for; without them a name could make links and mentions.
var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slack is the message in Slack's mark-up.
func (m *Message) slack() string {
	plain := func(text string) string {
		return slackEscapes.Replace(strings.Map(func(r rune) rune {
			if strings.ContainsRune("*_~`\n\r", r) {
				return ' ' // marks of theirs
			}
			return r
		}, text))
	}
	owner := "nobody is named as owner"
	if m.Owner != "" {
		owner = "owner " + plain(m.Owner)
	}
	return fmt.Sprintf("*%s* (score %d)\n%s\nwho: %s (%s)\nwhen: %s\nalert %s, step %d of %d, told by %s",
		plain(m.Name), m.Score, plain(m.Reason), plain(m.Identity), owner, m.Time.UTC().Format("2006-01-02 15:04:05 UTC"), m.Alert, m.Step, m.Steps, plain(m.Host))
}
