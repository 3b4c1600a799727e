package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/crmsync/crmsync/jobs"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/control"
)

// effect says when a decision made now counts, and what can be done about it.
type effect struct {
	// From is the run that takes the decision up: always one that begins after it.
	From string `json:"takes_effect"`
	// Running says that a sync is at work, so that none can be started now.
	Running bool   `json:"sync_running"`
	Advice  string `json:"advice"`
}

// effectNow looks at the latest sync. A run reads decisions once, at its beginning, so that it can be repeated.
func (s *session) effectNow() (effect, error) {
	now := effect{From: "the next sync", Advice: "none is running: `crmsync sync` takes it up now"}
	m, err := s.home.Latest(jobs.SyncName, nil)
	if errors.Is(err, pipeline.ErrNoRun) {
		return now, nil
	}
	if err != nil || m.State == pipeline.StateSucceeded || m.State == pipeline.StateAbandoned {
		return now, err
	}
	lock, err := s.home.TryLock(jobs.SyncName, "review")
	var locked *pipeline.LockedError
	if errors.As(err, &locked) {
		return effect{"the sync after the one that is running", true, fmt.Sprintf("%s runs now (process %d since %s) and may have read the decisions before this one",
			m.RunID, locked.Holder.PID, locked.Holder.Started.UTC().Format(time.TimeOnly))}, nil
	}
	if err == nil {
		err = lock.Unlock()
	}
	if err != nil {
		return now, err
	}
	read := m.Stage((&control.Stage{}).Name())
	tooOld := s.cfg.Run.ResumeWithin > 0 && time.Since(m.Started) > s.cfg.Run.ResumeWithin
	if tooOld || read == nil || read.State != pipeline.StateSucceeded {
		return now, nil
	}
	return effect{"the next sync that begins anew", false, fmt.Sprintf("%s did not end, and `crmsync sync` resumes it with the decisions that it read then; "+
		"`crmsync sync --fresh` abandons it and takes this one up now", m.RunID)}, nil
}
