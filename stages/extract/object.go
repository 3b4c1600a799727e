package extract

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/schemas"
)

// update is one object on its way to being up to date.
type update struct {
	s    *Stage
	run  *pipeline.Run
	p    *plan
	task pipeline.Task
	log  *slog.Logger
	haul
}

// haul is what was read of an object in a run.
type haul struct {
	// rows are all rows, or those of the window.
	rows *reading
	// binned are the ids of rows that went to the recycle bin in the window; nil when they were not asked for.
	binned *reading
	// logged are ids that only the log of deleted records names, and that are not there any more.
	logged []string
	// live are all ids that the org has; nil when no sweep is made. Then vanished is the part of those that the snapshot has and the
	// org has not, nVanished their number, and missing the rows that the snapshot lacks.
	live      *reading
	vanished  string
	nVanished int64
	missing   []*reading
	// aside are the ids of records that could not be taken, now or before.
	aside []string
}

// object brings one object up to date.
func (s *Stage) object(ctx context.Context, run *pipeline.Run, ds *schemas.Dataset, sorting chan struct{}) error {
	began := time.Now()
	p, err := s.plan(ctx, run, ds)
	if err != nil {
		return err
	}
	u := &update{s: s, run: run, p: p, log: run.Log.With("object", ds.Object, "dataset", ds.Name)}
	if p.mode == nothing {
		run.PublishEntry(p.ds, p.prev)
		u.log.Info("window is empty, nothing was read", "watermark", p.prev.Watermark)
		return nil
	}
	u.task = run.Progress.Start("read "+ds.Object, 0, "rows")
	defer u.task.Done()
	if err := u.download(ctx); err != nil {
		return err
	}
	select {
	case sorting <- struct{}{}:
		defer func() { <-sorting }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := u.settle(ctx); err != nil {
		return err
	}
	e, err := u.publish(ctx)
	if err != nil {
		return err
	}
	deleted := u.nVanished + int64(len(u.logged))
	if u.binned != nil {
		deleted = max(deleted, u.binned.state.Rows+int64(len(u.logged)))
	}
	run.Count("rows."+ds.Name, u.rows.state.Rows)
	run.Count("deleted."+ds.Name, deleted)
	run.Count("set_aside."+ds.Name, int64(len(e.SetAside)))
	u.log.Info("object was read", "mode", string(p.mode), "rows", u.rows.state.Rows, "changed", e.Changed, "deleted", e.Deleted,
		"watermark", e.Watermark, "dur_ms", time.Since(began).Milliseconds())
	return nil
}

// download reads what the plan asks for, and all ids when a sweep is due.
func (u *update) download(ctx context.Context) (err error) {
	if u.rows, err = u.s.read(ctx, u.run, u.task, u.p.rows); err != nil {
		return err
	}
	if u.p.deletes != nil {
		if u.binned, err = u.s.read(ctx, u.run, u.task, *u.p.deletes); err != nil {
			return err
		}
	}
	if u.p.mode != changes {
		return nil
	}
	sweep, err := u.deletions(ctx)
	if err != nil {
		return err
	}
	if sweep {
		u.live, err = u.s.read(ctx, u.run, u.task, u.p.ids)
	}
	return err
}

// settle checks that what was read is whole, and compares it with the snapshot where that is asked for.
func (u *update) settle(ctx context.Context) error {
	for _, r := range []**reading{&u.rows, &u.binned, &u.live} {
		if err := u.distinct(ctx, r); err != nil {
			return err
		}
	}
	u.aside = u.rows.aside()
	if u.live != nil {
		if err := u.sweep(ctx); err != nil {
			return err
		}
	}
	if u.p.mode == full {
		return u.stillThere(u.p.prev.Rows - u.rows.state.Rows)
	}
	return nil
}

// distinct reads again what came with records twice.
func (u *update) distinct(ctx context.Context, r **reading) error {
	if *r == nil {
		return nil
	}
	for n := 1; ; n++ {
		err := u.s.distinct(ctx, u.run, *r)
		if err == nil {
			return nil
		}
		if !errors.Is(err, salesforce.ErrRowCount) || n >= jobTries {
			return err
		}
		u.log.Warn("records came twice, so all are read again", "error", err)
		if *r, err = u.s.read(ctx, u.run, u.task, (*r).q); err != nil {
			return err
		}
	}
}

// ErrVanished says that more rows are gone than users delete.
var ErrVanished = errors.New("far fewer records are seen than before, and they are not in the recycle bin: the integration user may have lost View All " +
	"Data, or records were deleted for good; give the permission back, or set salesforce.max_vanished to 1 for one run if that many were deleted")

// fewVanished rows may be gone without being asked about.
const fewVanished = 1000

// stillThere stops a run that would take a lost permission for deletions. n rows are gone without a trace.
func (u *update) stillThere(n int64) error {
	before := u.p.prev.Rows
	if n <= fewVanished || before <= 0 || float64(n) <= u.s.MaxVanished*float64(before) {
		return nil
	}
	return fmt.Errorf("%d of %d rows: %w", n, before, ErrVanished)
}
