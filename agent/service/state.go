package service

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/idwatch/idwatch/agent/pipeline"
)

const (
	stateEvery = time.Minute
	// stateShare bounds the time that saving takes: one part in so many.
	stateShare = 20
)

// startPipeline starts a pipeline that remembers what the last one did. A state that cannot be read is set aside.
func startPipeline(settings pipeline.Settings, path string, log *slog.Logger) (*pipeline.Pipeline, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return pipeline.New(settings)
	}
	if err != nil {
		return nil, fmt.Errorf("open state: %w", err)
	}
	defer file.Close()
	remembering := *settings.Detect
	remembering.State = file
	with := settings
	with.Detect = &remembering
	p, err := pipeline.New(with)
	if !errors.Is(err, pipeline.ErrState) {
		return p, err
	}
	log.Error("state is damaged or of another version, detections start anew", "err", err, "kept", path+".damaged")
	if err := os.Rename(path, path+".damaged"); err != nil {
		return nil, fmt.Errorf("set state aside: %w", err)
	}
	return pipeline.New(settings)
}

// keepState saves the detections' memory until ctx ends.
func (s *Service) keepState(ctx context.Context) {
	pause := time.NewTimer(stateEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		began := time.Now()
		s.saveState()
		pause.Reset(max(stateEvery, stateShare*time.Since(began)))
	}
}

// saveState saves the detections' memory. Its failure is no reason to end: the old one stays.
func (s *Service) saveState() {
	err := writeState(s.statePath(), s.pipeline)
	s.saved.note(err)
	if err != nil {
		s.log.Error("state not saved", "err", err)
	}
}

func (s *Service) statePath() string { return filepath.Join(s.config.DataDir, "state") }

// writeState puts the file into its place only when all of it is on disk.
func writeState(path string, p *pipeline.Pipeline) (err error) {
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(path + ".new")
		}
	}()
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<20)
	if err := p.Snapshot(out); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
