package roi

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/sourcegraph/conc/stream"
	"github.com/zeebo/xxh3"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi/stat"
)

// fact is one opportunity in the pipeline as the totals see it.
type fact struct {
	place
	revenue                         float64
	lot                             uint64 // decides who is drawn in the matched comparison
	days                            int32  // from creation to close, or so far
	quarter, owner, currency        int32
	existing, early                 bool
	influenced, sourced             bool
	influencedStrict, sourcedStrict bool
	closed, won, hasRevenue         bool
}

// life is how long the deal took to close, or has been open so far.
func (f *fact) life() stat.Lifetime { return stat.Lifetime{Days: int64(f.days), Ended: f.closed} }

// facts joins the opportunities with the tallies of their touches.
type facts struct {
	rules   rules
	deals   *deals
	places  *places
	entries []entry
	holding *holding
	totals  *totals
	rows    *rowsOf
	next    int // number of the deal that comes next
}

// prepare reads and publishes what the facts need besides the touches.
func (f *facts) prepare(ctx context.Context, run *pipeline.Run) (err error) {
	if f.places, err = readPlaces(ctx, run, f.deals); err != nil {
		return fmt.Errorf("read accounts: %w", err)
	}
	if f.entries, err = publishHistory(ctx, run, f.rules, len(f.deals.all)); err != nil {
		return fmt.Errorf("history of stages: %w", err)
	}
	if f.holding, err = readHolding(ctx, run); err != nil {
		return fmt.Errorf("read seats: %w", err)
	}
	return nil
}

// publishFacts publishes what is known of each opportunity, and adds those in the pipeline to the totals.
func publishFacts(ctx context.Context, run *pipeline.Run, f *facts) error {
	columns := f.rules.columns("Id", "AccountId", "OwnerId", "StageName", "IsClosed", "CreatedDate", "CloseDate")
	reader, err := run.Read(ctx, f.rules.opportunity, distinct(columns)...)
	if err != nil {
		return err
	}
	out, err := newOrdered(ctx, run, schemas.ROIOpportunities)
	if err != nil {
		return errors.Join(err, reader.Close())
	}
	f.rows = newRowsOf(schemas.ROIOpportunities)
	writing := stream.New().WithMaxGoroutines(1) // while the next record is being made
	var failed atomic.Pointer[error]
	err = columnar.Each(ctx, reader, func(rec arrow.Record) error {
		if err := failed.Load(); err != nil {
			return *err
		}
		if err := f.record(rec); err != nil {
			return err
		}
		done := f.rows.take()
		writing.Go(func() stream.Callback {
			return func() { // in order, one at a time
				defer parts{touches: done}.release()
				if failed.Load() != nil {
					return
				}
				if err := out.write(ctx, done); err != nil {
					failed.Store(&err)
				}
			}
		})
		return nil
	})
	writing.Wait()
	if first := failed.Load(); err == nil && first != nil {
		err = *first
	}
	if err != nil {
		return out.abort(err)
	}
	return out.publish(ctx, run)
}

func (f *facts) record(rec arrow.Record) error {
	ids, accounts, owner := columnar.Strings(rec, "Id"), columnar.Strings(rec, "AccountId"), columnar.Strings(rec, "OwnerId")
	stages, closed := columnar.Strings(rec, "StageName"), columnar.Bools(rec, "IsClosed")
	created, closes := columnar.Times(rec, "CreatedDate"), columnar.Times(rec, "CloseDate")
	out := f.rows
	for i := range ids.Len() {
		d := &f.deals.all[f.next]
		at := f.places.of(d.account)
		x := fact{
			place: at, revenue: d.revenue, hasRevenue: d.hasRevenue, lot: xxh3.HashString(ids.Value(i)), currency: d.currency,
			days: lasted(created.Value(i), closes.Value(i), closed.Value(i), f.rules.asOf), existing: f.deals.existing(d), early: f.deals.early[f.next],
			influenced: d.touches > 0, sourced: d.sourced, influencedStrict: d.influencedStrict, sourcedStrict: d.sourcedStrict,
			closed: closed.Value(i), won: d.won, owner: f.totals.owners.add(owner.Value(i)), quarter: f.totals.quarters.add(quarterOf(closes.Value(i))),
		}
		e := f.entries[f.next]
		f.next++
		if d.inPipeline {
			f.totals.facts = append(f.totals.facts, x)
		}
		out.String(0, ids.Value(i))
		if !accounts.IsNull(i) {
			out.String(1, accounts.Value(i))
		}
		out.String(2, owner.Value(i))
		out.Bool(3, f.holding.active[owner.Value(i)])
		out.String(4, stages.Value(i))
		out.Bool(5, x.closed)
		out.Bool(6, x.won)
		if x.hasRevenue {
			out.Float(7, x.revenue)
		}
		out.Time(8, created.Value(i))
		out.Time(9, closes.Value(i))
		out.Bool(10, d.inPipeline)
		out.String(11, f.totals.quarters.at(x.quarter))
		if x.closed {
			out.Int(12, int64(x.days))
		}
		out.Int(13, d.touches)
		if d.touches > 0 {
			out.Time(14, toTime(d.first))
			out.Time(15, toTime(d.last))
		}
		for k, yes := range []bool{x.sourced, x.sourcedStrict, x.influenced, x.influencedStrict, x.early} {
			out.Bool(16+k, yes)
		}
		out.String(21, f.deals.currencies.at(d.currency))
		out.String(22, f.places.sizes.at(at.size))
		out.String(23, f.places.industries.at(at.industry))
		out.String(24, f.places.regions.at(at.region))
		out.String(25, businessName(x.existing))
		if d.inPipeline && e.basis != basisNone {
			out.Time(26, toTime(e.after))
			out.Time(27, toTime(e.by))
			out.String(28, basisNames[e.basis])
		}
		if d.activity != never {
			out.Time(29, toTime(d.activity))
		}
		if err := out.endRow(); err != nil {
			return err
		}
	}
	return nil
}

func businessName(existing bool) string {
	if existing {
		return "existing"
	}
	return "new"
}

// lasted is how many days a deal took to close, or has been open. One that is closed did so by as_of, whatever its close date says.
func lasted(created, closeDate time.Time, closed bool, asOf time.Time) int32 {
	if closed {
		return int32(daysBetween(created, earlier(closeDate, asOf)))
	}
	return int32(daysBetween(created, asOf))
}

func quarterOf(day time.Time) string {
	return fmt.Sprintf("%04d-Q%d", day.Year(), (int(day.Month())+2)/3)
}
