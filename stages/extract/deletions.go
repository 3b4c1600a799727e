package extract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/snapshot"
)

const (
	// idsAtOnce is how many ids one statement may name, so that its address stays below the 16 KB that Salesforce takes.
	idsAtOnce = 300
	// fewIDs are asked for by statements that name them; more are left to a sweep, or to a full read.
	fewIDs = 10 * idsAtOnce
	// manyLogged is the number of deletions beyond which log and recycle bin are not compared: no list of them is held in memory.
	manyLogged = 50_000
)

// sweepDue reports whether the latest comparison of all ids was too long ago.
func (s *Stage) sweepDue(run *pipeline.Run, prev snapshot.Entry) bool {
	return s.SweepEvery > 0 && run.AsOf.Sub(prev.Swept) >= s.SweepEvery
}

// deletions asks the org's log what was deleted in the window besides what is in the recycle bin, and reports whether all ids have to be
// compared: because it is time, because records were deleted for good, or because nothing else tells of deletions.
func (u *update) deletions(ctx context.Context) (sweep bool, err error) {
	sweep = u.s.sweepDue(u.run, u.p.prev)
	if !u.p.logged {
		return sweep || u.p.deletes == nil, nil
	}
	log, err := u.s.Client.Deleted(ctx, u.p.ds.Object, u.p.from, u.p.watermark)
	if errors.Is(err, salesforce.ErrLog) {
		// Too many deletions are a reason to look at all ids; an object without a log is not, while the recycle bin tells.
		var refused *salesforce.APIError
		sweep = sweep || u.p.deletes == nil || errors.As(err, &refused) && refused.HasCode("EXCEEDED_ID_LIMIT")
		u.log.Info("the log of deleted records does not answer", "sweep", sweep, "error", err)
		return sweep, nil
	}
	if err != nil {
		return false, err
	}
	// What a sweep has seen to be gone needs no other.
	if !log.Earliest.Before(u.p.from) && !log.Earliest.Before(u.p.prev.Swept) {
		u.log.Info("records were deleted for good, so all ids are compared", "since", log.Earliest)
		return true, nil
	}
	// The org looks at whole minutes, and the next window begins before this one ends.
	if behind := u.p.watermark.Truncate(time.Minute).Sub(log.Covered); behind > u.s.Overlap+time.Minute {
		u.log.Info("the log of deleted records is incomplete, so all ids are compared", "covered", log.Covered)
		return true, nil
	}
	if sweep || len(log.Deleted) > manyLogged {
		return sweep || u.p.deletes == nil, nil
	}
	return u.lookUp(ctx, log.Deleted)
}

// lookUp finds which records the log names that the recycle bin does not hold, and whether they are gone: an id in the log alone is
// no proof, since the record may have come back.
func (u *update) lookUp(ctx context.Context, list []salesforce.DeletedRecord) (sweep bool, err error) {
	ids := make(map[string]bool, len(list))
	for _, d := range list {
		ids[d.ID] = true
	}
	forget := func(rec arrow.Record) error {
		known := columnar.Strings(rec, "Id")
		for i := range known.Len() {
			delete(ids, known.Value(i))
		}
		return nil
	}
	if u.binned != nil && len(ids) > 0 {
		if err := u.binned.each(ctx, forget); err != nil {
			return false, err
		}
	}
	if len(ids) > fewIDs {
		return true, nil
	}
	asked := make([]string, 0, len(ids))
	for id := range ids {
		asked = append(asked, id)
	}
	slices.Sort(asked)
	n := 0
	for chunk := range slices.Chunk(asked, idsAtOnce) {
		q := u.p.ids
		q.key, q.bulk, q.soql = fmt.Sprintf("%s-asked-%03d", q.key, n), false, q.ds.SOQL(idIn(chunk))
		n++
		live, err := u.s.read(ctx, u.run, u.task, q)
		if err != nil {
			return false, err
		}
		if err := live.each(ctx, forget); err != nil {
			return false, err
		}
	}
	for _, id := range asked {
		if ids[id] {
			u.logged = append(u.logged, id)
		}
	}
	return false, nil
}

// deleteAll adds tombstones for the records' ids.
func deleteAll(ctx context.Context, w *snapshot.Writer, rec arrow.Record) error {
	ids := columnar.Strings(rec, "Id")
	for i := range ids.Len() {
		if err := w.Delete(ctx, ids.Value(i)); err != nil {
			return err
		}
	}
	return nil
}
