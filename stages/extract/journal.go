package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/google/renameio/v2"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// journal keeps the query jobs that this contract made and has not deleted, so that a run which is killed and never resumed leaves none
// behind. A job is in it before it is used, and before the checkpoint that names it. Losing the journal costs nothing but the patience of
// Salesforce, which deletes jobs after 7 days. It is safe for concurrent use.
type journal struct {
	path string

	mu   sync.Mutex
	jobs []journalled
}

// journalled is a job in the journal, and the run that made it.
type journalled struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	CreatedBy string `json:"created_by"`
	Run       string `json:"run"`
}

const journalName = "query-jobs.json"

// openJournal reads the contract's journal. One that can't be read is begun anew.
func openJournal(run *pipeline.Run) (*journal, error) {
	dir, err := run.Cache()
	if err != nil {
		return nil, err
	}
	j := &journal{path: filepath.Join(dir, journalName)}
	b, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read journal of query jobs: %w", err)
	}
	if err := json.Unmarshal(b, &j.jobs); err != nil {
		run.Log.Warn("the journal of query jobs is damaged, so it is begun anew; Salesforce deletes what is left after 7 days", "error", err)
		j.jobs = nil
	}
	return j, nil
}

func (j *journal) add(job salesforce.Job, run string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.jobs = append(j.jobs, journalled{job.ID, job.Object, job.CreatedBy, run})
	return j.save()
}

func (j *journal) remove(id string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := len(j.jobs)
	j.jobs = slices.DeleteFunc(j.jobs, func(e journalled) bool { return e.ID == id })
	if len(j.jobs) == n {
		return nil
	}
	return j.save()
}

// others are the jobs of runs other than the named one.
func (j *journal) others(run string) (list []journalled) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.jobs {
		if e.Run != run {
			list = append(list, e)
		}
	}
	return list
}

func (j *journal) save() error {
	b, err := json.Marshal(j.jobs)
	if err == nil {
		err = renameio.WriteFile(j.path, b, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write journal of query jobs: %w", err)
	}
	return nil
}

// endOrphans ends the jobs that earlier runs left: those of the journal that the org still has, made by the same user about the same
// object. Listing the org's jobs costs one call, and none is made while the journal holds nothing; ending one costs another, or two if
// it is running. It is no reason to fail: what is not ended now stays in the journal.
func (s *Stage) endOrphans(ctx context.Context, run *pipeline.Run) {
	left := s.journal.others(run.ID)
	if len(left) == 0 {
		return
	}
	if err := s.endJobs(ctx, run, left); err != nil {
		run.Log.Warn("query jobs of earlier runs were not deleted; the next run tries again, and Salesforce deletes them after 7 days",
			"jobs", len(left), "error", err)
	}
}

func (s *Stage) endJobs(ctx context.Context, run *pipeline.Run, left []journalled) error {
	jobs, complete, err := s.Client.QueryJobs(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range left {
		at := slices.IndexFunc(jobs, func(j salesforce.Job) bool { return j.ID == e.ID })
		var job salesforce.Job
		switch {
		case at >= 0:
			job = jobs[at]
		case !complete: // it is among those that were not listed, if it is there
			job, err = s.Client.QueryJob(ctx, e.ID)
			if err != nil && !errors.Is(err, salesforce.ErrNotFound) {
				errs = append(errs, err)
				continue
			}
		}
		if job.ID == e.ID && job.Object == e.Object && job.CreatedBy == e.CreatedBy {
			if err := s.endJob(ctx, job); err != nil {
				errs = append(errs, err)
				continue
			}
			run.Count("orphans", 1)
			run.Log.Info("a query job that an earlier run left was deleted", "object", e.Object, "job_id", e.ID, "of", e.Run)
		}
		errs = append(errs, s.journal.remove(e.ID))
	}
	return errors.Join(errs...)
}

func (s *Stage) endJob(ctx context.Context, job salesforce.Job) error {
	s.Client.Recall(job)
	if !job.Ended() {
		if err := s.Client.AbortQueryJob(ctx, job.ID); err != nil && !errors.Is(err, salesforce.ErrNotFound) {
			return err
		}
	}
	if err := s.Client.DeleteQueryJob(ctx, job.ID); err != nil && !errors.Is(err, salesforce.ErrNotFound) {
		return err
	}
	return nil
}
