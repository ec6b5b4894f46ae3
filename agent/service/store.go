package service

import (
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/config"
	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/ecs"
)

// StoreDir is where the local store of a configuration stands.
func StoreDir(c *config.Config) string { return filepath.Join(c.DataDir, "store") }

// openStore opens the local store. Delivery does not depend on it: when it cannot be opened, that is said and all else goes on.
func (s *Service) openStore() {
	c := s.config.Store
	if !c.Enabled {
		return
	}
	opened, err := store.Open(store.Settings{Dir: StoreDir(s.config), MaxBytes: int64(c.MaxBytes), MaxAge: c.MaxAge, Alerts: c.Alerts, Log: s.log})
	if err != nil {
		s.log.Error("local store not opened: alerts and records are not kept on this machine", "err", err)
		return
	}
	s.store = opened
}

// tap is what the pipeline shows records and alerts to; nil without a store.
func (s *Service) tap() pipeline.Tap {
	if s.store == nil {
		return nil
	}
	return s.store
}

// remaker makes the documents of records again, as they went out.
type remaker struct {
	mu      sync.Mutex
	options parsers.Options
	parsers map[string]*parsers.Parser // by source
}

// sourcesOf are the sources by which a record of a dataset may have been read, the likeliest first.
func sourcesOf(dataset string) []string {
	for prefix, source := range map[string]string{"okta.": "okta", "azure.": "entra", "aws.": "cloudtrail", "hashicorp_vault.": "vault"} {
		if strings.HasPrefix(dataset, prefix) {
			return []string{parsers.Auto, source, parsers.ECSDelivered}
		}
	}
	return []string{parsers.ECSDelivered}
}

// remake makes a record's document. It answers false for what no longer is a record, as another version may find.
func (r *remaker) remake(dataset string, text []byte) (ecs.Doc, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, source := range sourcesOf(dataset) {
		parser := r.parsers[source]
		if parser == nil {
			options := r.options
			options.Source = source
			made, err := parsers.New(options)
			if err != nil {
				continue
			}
			parser = made
			r.parsers[source] = parser
		}
		docs := parser.Append(nil, text, time.Time{})
		if len(docs) == 1 && strings.HasPrefix(docs[0].Stream, "logs-"+dataset+"-") {
			return docs[0], true
		}
	}
	return ecs.Doc{}, false
}
