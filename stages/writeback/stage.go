package writeback

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// Stage runs a cycle as a stage of a job: it reads the activities as of the run, unless the outbox has them already.
type Stage struct {
	// Job is the cycle; the stage fills in Contract, RunID, AsOf, Activities, Links, Source and Log.
	Job Job
	// Done, when set, is given the result, also when the cycle failed.
	Done func(Result)
}

var _ pipeline.Stage = (*Stage)(nil)

// profiles returns the addresses of members' profiles, as far as the directory has them.
func profiles(ctx context.Context, run *pipeline.Run, members map[string]bool) (map[string]string, error) {
	rows, err := run.Read(ctx, schemas.People, "member_id", "profile_url")
	if err != nil {
		return nil, err
	}
	links := map[string]string{}
	err = columnar.Each(ctx, rows, func(rec arrow.Record) error {
		ids, urls := columnar.Strings(rec, "member_id"), columnar.Strings(rec, "profile_url")
		for i := range int(rec.NumRows()) {
			if members[ids.Value(i)] && !urls.IsNull(i) {
				links[strings.Clone(ids.Value(i))] = strings.Clone(urls.Value(i))
			}
		}
		return nil
	})
	return links, err
}

// Name implements pipeline.Stage.
func (s *Stage) Name() string { return "writeback" }

// Reads implements pipeline.Stage. People are read too, where there are any: they tell links.
func (s *Stage) Reads() []*schemas.Dataset {
	return []*schemas.Dataset{schemas.Activities}
}

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
		if run.Has(schemas.People) {
			j.Links = func(ctx context.Context, members map[string]bool) (map[string]string, error) {
				return profiles(ctx, run, members)
			}
		}
	}
	result, err := j.Run(ctx)
	for key, n := range map[string]int{
		"imported": result.Imported, "withdrawn": result.Withdrawn, "written": result.Written, "unassigned": result.Unassigned,
		"found": result.Found, "refused": result.Refused, "delayed": result.Delayed, "failed": result.Failed, "held": result.Held,
		"uncertain": result.Uncertain, "cut": result.Cut, "bulk_jobs": result.BulkJobs,
	} {
		run.Count(key, int64(n))
	}
	if s.Done != nil {
		s.Done(result)
	}
	return err
}
