package enrich

import (
	"strings"
	"unicode/utf8"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/idwatch/idwatch/parsers/ecs"
)

const (
	// DefaultAgents is how many user agents are remembered: a few thousand cover a large company, at about 1 kB each.
	DefaultAgents = 4096

	// agentBytes is how much of a user agent is looked at; CloudTrail, too, cuts them there, and ordinary ones have
	// up to 500 bytes. The limit bounds the key of a cache entry and what a user agent that was never seen can cost,
	// since matching takes time in proportion to the text: 10 to 100 µs for an ordinary one, 1 to 4 ms for the worst
	// that we could make up. Nothing else is bounded, as a document must not depend on how busy we are.
	agentBytes = 1024

	other = "Other" // what a program or device is called that no rule knows
)

// UserAgents parses user agents as Elasticsearch's user_agent processor does and remembers the answers. It is safe
// for concurrent use. A nil UserAgents parses without remembering.
type UserAgents struct {
	known *lru.Cache[string, *ecs.Agent]
}

// NewUserAgents returns a parser that remembers up to size user agents, and at least one.
func NewUserAgents(size int) *UserAgents {
	known, err := lru.New[string, *ecs.Agent](max(size, 1))
	if err != nil {
		panic(err) // for a size below one only
	}
	return &UserAgents{known: known}
}

// Parse says what the user agent is. The answer is shared and must not be changed. raw may be a view over a buffer
// that is used again.
func (u *UserAgents) Parse(raw string) *ecs.Agent {
	raw = cut(raw, agentBytes)
	if u == nil {
		return describe(strings.Clone(raw))
	}
	if agent, ok := u.known.Get(raw); ok {
		return agent
	}
	key := strings.Clone(raw) // the answer holds parts of the key, too
	agent := describe(key)
	u.known.Add(key, agent)
	return agent
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// describe asks the rules and renders their answer.
func describe(text string) *ecs.Agent {
	found := defaultRules().find(text)
	a := &ecs.Agent{
		Name: orOther(found[program].name), Version: found[program].version,
		OSName: found[system].name, OSVersion: found[system].version,
		Device: orOther(found[device].name),
	}
	if a.OSName != "" && a.OSVersion != "" {
		a.OSFull = a.OSName + " " + a.OSVersion
	}
	a.JSON = renderAgent(a)
	return a
}

func orOther(name string) string {
	if name == "" {
		return other
	}
	return name
}

func renderAgent(a *ecs.Agent) []byte {
	var w ecs.Writer
	w.Str("name", a.Name)
	w.Str("version", a.Version)
	mark := w.Open("device")
	w.Str("name", a.Device)
	w.Close(mark)
	mark = w.Open("os")
	w.Str("name", a.OSName)
	w.Str("version", a.OSVersion)
	w.Str("full", a.OSFull)
	w.Close(mark)
	return w.B
}
