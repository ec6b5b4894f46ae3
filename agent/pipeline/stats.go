package pipeline

import "sync/atomic"

// Stats count records since the start. In is the sum of Delivered, Refused and Unsent and of what waits.
type Stats struct {
	In        atomic.Int64 // records taken, envelopes counted by what is in them
	Delivered atomic.Int64 // documents the output has, dead letters of unreadable texts included
	Refused   atomic.Int64 // documents that the output will never take
	Unsent    atomic.Int64 // documents that were not sent when the pipeline stopped
	Dead      atomic.Int64 // texts that are no record and documents that were refused
	Alerts    atomic.Int64 // alerts published, revisions counted
	Signals   atomic.Int64 // signals published, revisions counted
	Context   atomic.Int64 // ECS documents that were context only: none of the above counts them
	Unburied  atomic.Int64 // of these, those whose bytes could not be kept on disk
}
