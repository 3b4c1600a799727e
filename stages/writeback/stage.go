package writeback

import (
	"context"
	"strings"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// Stage runs a cycle as a stage of a job: it reads the activities as of the run, unless the outbox has them already.
type Stage struct {
	// Job is the cycle; the stage fills in Contract, RunID, AsOf, Activities, Source and Log.
	Job Job
	// Done, when set, is given the result, also when the cycle failed.
	Done func(Result)
}

var _ pipeline.Stage = (*Stage)(nil)

// Name implements pipeline.Stage.
func (s *Stage) Name() string { return "writeback" }

// Reads implements pipeline.Stage.
func (s *Stage) Reads() []*schemas.Dataset { return []*schemas.Dataset{schemas.Activities} }

// Writes implements pipeline.Stage.
func (s *Stage) Writes() []*schemas.Dataset { return nil }

// Run implements pipeline.Stage.
func (s *Stage) Run(ctx context.Context, run *pipeline.Run) error {
	j := s.Job
	j.Contract, j.RunID, j.AsOf, j.Log = run.Contract, run.ID, run.AsOf, run.Log
	if e, ok := run.Entry(schemas.Activities); ok {
		var hashes []string
		for _, layer := range e.Layers {
			for _, f := range layer.Files {
				hashes = append(hashes, f.SHA256)
			}
		}
		j.Source = strings.Join(hashes, " ")
	}
	same, err := j.Unchanged(ctx, j.Source)
	if err != nil {
		return err
	}
	if !same {
		if j.Activities, err = run.Read(ctx, schemas.Activities); err != nil {
			return err
		}
	}
	result, err := j.Run(ctx)
	for key, n := range map[string]int{
		"imported": result.Imported, "withdrawn": result.Withdrawn, "written": result.Written, "unassigned": result.Unassigned,
		"found": result.Found, "refused": result.Refused, "delayed": result.Delayed, "failed": result.Failed, "held": result.Held,
		"uncertain": result.Uncertain,
	} {
		run.Count(key, int64(n))
	}
	if s.Done != nil {
		s.Done(result)
	}
	return err
}
