package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// jobTries is how often a job is made anew when Salesforce gives it up, loses it, or its rows do not add up.
const jobTries = 2

// deleteTimeout bounds the wish to leave nothing behind.
const deleteTimeout = 20 * time.Second

// byBulk reads the rows as a Bulk job.
func (r *reading) byBulk(ctx context.Context) error {
	for n := 1; ; n++ {
		err := r.byJob(ctx)
		if err == nil {
			return nil
		}
		switch {
		case errors.Is(err, salesforce.ErrNotFound), errors.Is(err, salesforce.ErrJobFailed), errors.Is(err, salesforce.ErrRowCount):
			// Another job may do better.
		case errors.Is(err, salesforce.ErrJobAborted):
			n = jobTries // whoever did so had a reason
		case errors.Is(err, salesforce.ErrJobStuck):
			n = jobTries
			err = errors.Join(err, r.s.Client.AbortQueryJob(ctx, r.state.Job.ID))
		default:
			return err // the job can be gone on with
		}
		err = errors.Join(err, r.discard(ctx))
		if n >= jobTries || ctx.Err() != nil {
			return err
		}
		r.run.Log.Warn("query job is made anew", "object", r.q.ds.Object, "error", err)
	}
}

// discard forgets a job that is of no use, and frees what it holds in the org.
func (r *reading) discard(ctx context.Context) error {
	r.deleteJob(ctx)
	return r.reset()
}

// deleteJob frees the job's result in the org, which would else be kept for a week. It is done also when the caller gave up, and is
// no reason to fail; false says that the job is still there.
func (r *reading) deleteJob(ctx context.Context) bool {
	if r.state.Job.ID == "" {
		return true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteTimeout)
	defer cancel()
	if err := r.s.Client.DeleteQueryJob(ctx, r.state.Job.ID); err != nil && !errors.Is(err, salesforce.ErrNotFound) {
		r.run.Log.Warn("query job was not deleted; Salesforce deletes it after 7 days", "object", r.q.ds.Object, "job_id", r.state.Job.ID,
			"error", err)
		return false
	}
	if err := r.s.journal.remove(r.state.Job.ID); err != nil {
		r.run.Log.Warn("the journal of query jobs was not written", "object", r.q.ds.Object, "error", err)
	}
	return true
}

// byJob makes a job, or goes on with the one of the checkpoint.
func (r *reading) byJob(ctx context.Context) error {
	if r.state.Job.ID == "" {
		if err := ctx.Err(); err != nil {
			return err
		}
		// Once asked for, the job's id is waited for, so that a run which is stopped here leaves no job that nobody knows of.
		job, err := r.s.Client.CreateQueryJob(context.WithoutCancel(ctx), r.q.soql, r.q.all)
		if err != nil {
			return err
		}
		if err := r.s.journal.add(job, r.run.ID); err != nil {
			return err
		}
		r.state.Job = job
		if err := r.save(); err != nil {
			return err
		}
	}
	// A complete job is looked at again as well: it may have expired since the run was stopped.
	job, err := r.s.Client.WaitQueryJob(ctx, r.state.Job.ID, nil)
	if err != nil {
		return err
	}
	r.state.Job, r.state.Complete = job, true
	r.task.SetTotal(job.Records)
	if err := r.listPages(ctx); err != nil {
		return err
	}
	for _, p := range r.state.Pages {
		r.task.Add(p.Rows)
	}
	if err := r.readPages(ctx); err != nil {
		return err
	}
	if err := r.sum(ctx); err != nil {
		return err
	}
	r.state.Done = true
	if err := r.save(); err != nil {
		return err
	}
	return r.free(ctx)
}

// free deletes the job of a reading that is done, and forgets it; a run that is resumed tries again.
func (r *reading) free(ctx context.Context) error {
	if !r.deleteJob(ctx) {
		return nil
	}
	r.state.Job = salesforce.Job{}
	return r.save()
}

// listPages asks for the pages' addresses when that pays, and else begins with the first page.
func (r *reading) listPages(ctx context.Context) error {
	st := &r.state
	if len(st.Pages) > 0 {
		return nil
	}
	if st.Job.Records > int64(r.s.PageRows) && r.s.PagesAtOnce > 1 && !st.OneByOne {
		refs, err := r.s.Client.ListPages(ctx, st.Job)
		switch {
		case errors.Is(err, salesforce.ErrNotFound):
			// The job was there a moment ago, so it is the list that is not offered.
		case err != nil:
			return err
		default:
			st.Listed, st.Known = true, true
			for _, ref := range refs {
				st.Pages = append(st.Pages, page{Ref: ref})
			}
		}
	}
	if !st.Known {
		st.Pages = []page{{}}
	}
	return r.save()
}

// readPages reads what has not been read yet: listed pages side by side, others one after the other.
func (r *reading) readPages(ctx context.Context) error {
	if !r.state.Listed {
		for i := 0; i < len(r.state.Pages); i++ {
			if err := r.readPage(ctx, i); err != nil {
				return err
			}
		}
		return nil
	}
	p := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError().WithMaxGoroutines(r.s.PagesAtOnce)
	var used quota
	for i := range r.state.Pages {
		p.Go(func(ctx context.Context) error { return used.later(r.readPage(ctx, i)) })
	}
	return used.end(p.Wait())
}

func (r *reading) readPage(ctx context.Context, i int) error {
	r.mu.Lock()
	pg, job := r.state.Pages[i], r.state.Job
	r.mu.Unlock()
	if pg.Done {
		return nil
	}
	name := r.partName(i)
	var kept page
	got, err := r.s.Client.ReadPage(ctx, job, pg.Ref, r.s.PageRows, func(body io.Reader) (_ int64, err error) {
		kept, err = r.decode(body, name)
		return kept.Rows, err
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	pg.Done, pg.Rows, pg.Part, pg.Aside = true, kept.Rows, kept.Part, kept.Aside
	r.state.Pages[i] = pg
	if !r.state.Known {
		if got.Last {
			r.state.Known = true
		} else {
			if got.Next == pg.Ref {
				return fmt.Errorf("page %d of job %s names itself as the next one: %w", i, job.ID, salesforce.ErrRowCount)
			}
			r.state.Pages = append(r.state.Pages, page{Ref: got.Next})
		}
	}
	r.task.Add(got.Rows)
	return r.save()
}

// sum checks that the pages hold as many rows as the job said. A list of pages that does not is not asked for again.
func (r *reading) sum(ctx context.Context) error {
	var n int64
	for _, p := range r.state.Pages {
		n += p.Rows
	}
	r.state.Rows = n
	if n == r.state.Job.Records {
		return nil
	}
	if r.state.Listed {
		r.run.Log.Warn("the listed pages do not add up, so pages are read one after the other", "object", r.q.ds.Object,
			"rows", n, "expected", r.state.Job.Records)
		r.state.Pages, r.state.Listed, r.state.Known, r.state.OneByOne = nil, false, false, true
		if err := r.listPages(ctx); err != nil {
			return err
		}
		if err := r.readPages(ctx); err != nil {
			return err
		}
		return r.sum(ctx)
	}
	return fmt.Errorf("job %s: %d rows of %d: %w", r.state.Job.ID, n, r.state.Job.Records, salesforce.ErrRowCount)
}
