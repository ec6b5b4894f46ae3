package service

import (
	"sync"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/rules"
	"github.com/idwatch/idwatch/detections"
)

// folder is the folder of users' rules as it was read last.
type folder struct {
	mu    sync.Mutex
	stamp uint64
}

// openRules reads the users' rules: nil when there is no folder of them. Rules that are wrong are told and left out.
func (s *Service) openRules() (*detections.Added, error) {
	if s.config.Rules == "" {
		return nil, nil
	}
	stamp := rules.Stamp(s.config.Rules)
	set, err := rules.Load(s.config.Rules)
	if err != nil {
		return nil, err
	}
	s.rules.stamp = stamp
	rules.Log(s.log, set)
	return set.Added(), nil
}

// reloadRules has the pipeline go on with the rules as they are now. When the folder cannot be read the old ones stay.
func (s *Service) reloadRules() error {
	s.rules.mu.Lock()
	defer s.rules.mu.Unlock()
	added, err := s.openRules()
	if err != nil || added == nil {
		return err
	}
	s.pipeline.Add(added)
	return nil
}

// refreshRules is reloadRules when a file has changed.
func (s *Service) refreshRules() error {
	if s.config.Rules == "" {
		return nil
	}
	s.rules.mu.Lock()
	same := rules.Stamp(s.config.Rules) == s.rules.stamp
	s.rules.mu.Unlock()
	if same {
		return nil
	}
	if err := s.reloadRules(); err != nil {
		return err
	}
	s.noteDeclared(audit.FileChange)
	return nil
}
