// Package service makes a running pipeline of a configuration. The agent and the plugin are two doors to it.
package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/idwatch/idwatch/agent/audit"
	"github.com/idwatch/idwatch/agent/coldstore"
	"github.com/idwatch/idwatch/agent/config"
	housecontext "github.com/idwatch/idwatch/agent/context"
	"github.com/idwatch/idwatch/agent/control"
	"github.com/idwatch/idwatch/agent/deadletter"
	"github.com/idwatch/idwatch/agent/geoip"
	"github.com/idwatch/idwatch/agent/httpd"
	"github.com/idwatch/idwatch/agent/pipeline"
	"github.com/idwatch/idwatch/agent/source"
	"github.com/idwatch/idwatch/agent/status"
	"github.com/idwatch/idwatch/agent/store"
	"github.com/idwatch/idwatch/agent/watch"
	"github.com/idwatch/idwatch/detections"
	"github.com/idwatch/idwatch/parsers"
	"github.com/idwatch/idwatch/parsers/enrich"
)

const (
	refreshEvery = 30 * time.Second // how often databases are looked at for changes
	drainFor     = 10 * time.Second // how long an ending agent goes on delivering
)

// Service is a running pipeline with all that belongs to it.
type Service struct {
	config *config.Config
	log    *slog.Logger

	lock     *lock
	places   *geoip.DB
	dead     *deadletter.Store
	cold     *coldstore.Store
	output   output
	store    *store.Store // nil when it is off, or cannot be opened
	pipeline *pipeline.Pipeline
	feed     *pipeline.Feed

	rules     folder            // of users' rules
	positions *source.Positions // nil until inputs are read
	network   Opener            // nil without inputs that talk to others
	reading   func()            // called once inputs are open; nil for nothing
	listener  *httpd.Server     // nil when it is off
	started   time.Time
	control   *control.Server // nil when it is off
	sources   *watch.Sources
	inputs    inputList
	govern    government
	saved     savedState
	unwritten string // why the last status could not be written

	stop   context.CancelFunc // ends the background work
	work   sync.WaitGroup
	closed sync.Once
}

// Open takes the data directory and starts a pipeline. The caller hands it records with Put, or has the configuration's
// inputs read with Run, and ends it with Close.
func Open(c *config.Config, log *slog.Logger) (*Service, error) {
	s := &Service{config: c, log: log, stop: func() {}, started: time.Now()}
	if err := s.open(); err != nil {
		s.release()
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.work.Go(func() { s.refresh(ctx) })
	s.work.Go(func() { s.keepState(ctx) })
	s.work.Go(func() { s.keepMemory(ctx) })
	s.work.Go(func() { s.keepStatus(ctx) })
	s.work.Go(s.retryNoted)
	s.work.Go(func() { s.runGovernment(ctx) })
	if s.listener != nil {
		s.work.Go(func() { s.listener.Run(ctx) })
	}
	if s.control != nil {
		s.work.Go(func() { s.control.Run(ctx) })
	}
	return s, nil
}

func (s *Service) open() (err error) {
	c := s.config
	SparingMemory()
	if s.lock, err = takeLock(c.DataDir); err != nil {
		return err
	}
	if s.places, err = geoip.Open(c.GeoIP.City, c.GeoIP.ASN); err != nil {
		return fmt.Errorf("geoip: %w", err)
	}
	if s.dead, err = deadletter.Open(filepath.Join(c.DataDir, "deadletter"), int64(c.DeadLetter.MaxBytes)); err != nil {
		return fmt.Errorf("dead letters: %w", err)
	}
	if s.cold, err = coldstore.Open(filepath.Join(c.DataDir, "cold"), int64(c.Cache.Disk)); err != nil {
		return fmt.Errorf("cold store: %w", err)
	}
	if s.output, err = openOutput(c, s.log); err != nil {
		return err
	}
	if s.govern.house, err = openContext(c); err != nil {
		return err
	}
	if err = s.openGovernment(); err != nil {
		return err
	}
	added, err := s.openRules()
	if err != nil {
		return err
	}
	s.openStore()
	s.sources = watch.New(s.before(), c.GeoIP.City != "")
	s.pipeline, err = pipeline.New(pipeline.Settings{
		Dir:        c.DataDir,
		SpoolBytes: int64(c.Spool.MaxBytes),
		Parse: parsers.Options{
			Namespace:        c.Namespace(),
			PreserveOriginal: c.PreserveOriginal(),
			Enrich:           enrich.New(s.places),
			Streams:          allowedStreams(c),
		},
		Output:     s.output,
		Dead:       graveyard{s.dead},
		Detect:     &pipeline.Detection{Context: s.withWindows(s.govern.house), Added: added, Lateness: c.Lateness, Bounds: detections.Bounds{Identities: c.Cache.Identities, Bytes: int64(c.Cache.Bytes), Open: c.Cache.Open}, Cold: s.cold},
		QueueBytes: int64(c.Queue.MaxBytes),
		Tap:        s.taps(),
		Logger:     s.log,
	})
	if err != nil {
		return err
	}
	s.noteDeclared(audit.Who{Name: "start"})
	if s.listener, err = s.openListener(); err != nil {
		return err
	}
	if s.feed, err = s.pipeline.From(c.Source); err != nil {
		return err
	}
	s.openControl()
	return nil
}

// before is what the last process knew of the sources.
func (s *Service) before() []status.Source {
	st, err := status.Read(s.config.DataDir)
	if err != nil {
		return nil // there was none, or it is damaged: habits are learned anew
	}
	return st.Sources
}

// Put takes records from outside, such as the plugin's. See pipeline.Feed.
func (s *Service) Put(ctx context.Context, records [][]byte, safe func()) error {
	return s.feed.Put(ctx, records, safe)
}

// Stats are the pipeline's counters.
func (s *Service) Stats() *pipeline.Stats { return s.pipeline.Stats() }

// Balance tells what became of all records, and where engine and sender are.
func (s *Service) Balance() pipeline.Balance { return s.pipeline.Balance() }

// Run reads the configuration's inputs until ctx ends, or until all of them have ended, and closes the service.
func (s *Service) Run(ctx context.Context) error {
	err := s.readInputs(ctx)
	drain, cancel := context.WithTimeout(context.Background(), drainFor)
	defer cancel()
	return errors.Join(err, s.Close(drain))
}

// Reload reads again what can change without a restart.
func (s *Service) Reload() error {
	_, err := s.ReloadBy(audit.Signal)
	return err
}

// refresh looks at files that may change until ctx ends.
func (s *Service) refresh(ctx context.Context) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := errors.Join(s.places.Refresh(), s.refreshRules()); err != nil {
				s.log.Warn("files not read again", "err", err)
			}
		}
	}
}

// Close takes no more, delivers what it can until ctx ends, and gives the data directory back. The rest stays in the spool.
func (s *Service) Close(ctx context.Context) (err error) {
	s.closed.Do(func() {
		s.stop()
		s.work.Wait()
		err = s.pipeline.Close(ctx)
		if err != nil {
			err = fmt.Errorf("close pipeline: %w", err)
		}
		s.saved.note(err)
		s.writeStatus(false)
		s.release()
	})
	return err
}

// release closes what was opened, in the other order.
func (s *Service) release() {
	if s.pipeline != nil { // in case that it was not closed: opening may have failed behind it
		ctx, now := context.WithCancel(context.Background())
		now()
		if err := s.pipeline.Close(ctx); err != nil {
			s.log.Error("pipeline not closed", "err", err)
		}
	}
	if s.positions != nil { // after the pipeline has said what is safe
		if err := s.positions.Close(); err != nil {
			s.log.Error("positions not saved", "err", err)
		}
	}
	if s.store != nil {
		if err := s.store.Close(); err != nil {
			s.log.Error("local store not closed", "err", err)
		}
	}
	s.closeGovernment()
	if s.output != nil {
		if err := s.output.Close(context.Background()); err != nil {
			s.log.Error("output not closed", "err", err)
		}
	}
	if s.cold != nil {
		if err := s.cold.Close(); err != nil {
			s.log.Error("cold store not closed", "err", err)
		}
	}
	if s.dead != nil {
		if err := s.dead.Close(); err != nil {
			s.log.Error("dead letters not closed", "err", err)
		}
	}
	if s.places != nil {
		s.places.Close()
	}
	if s.lock != nil {
		s.lock.release()
	}
}

// openContext reads the context file, or answers with the context of a house that says nothing.
func openContext(c *config.Config) (*detections.Context, error) {
	if c.Context == "" {
		return detections.DefaultContext(), nil
	}
	return housecontext.Load(c.Context)
}
