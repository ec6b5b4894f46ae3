package service

import (
	"time"

	"github.com/idwatch/idwatch/agent/deadletter"
)

// graveyard keeps dead letters on disk.
type graveyard struct{ store *deadletter.Store }

// Bury implements pipeline.Graveyard.
func (g graveyard) Bury(source, reason string, text []byte) error {
	return g.store.Put(deadletter.Entry{Time: time.Now(), Input: source, Reason: reason, Raw: text})
}

// Sync implements pipeline.Graveyard.
func (g graveyard) Sync() error { return g.store.Sync() }
