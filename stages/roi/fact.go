package roi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/roi/stat"
)

// fact is one opportunity as the totals see it.
type fact struct {
	influenced, sourced bool
	closed, won         bool
	revenue             float64
	hasRevenue          bool
	quarter             string
	life                stat.Lifetime
}

// publishFacts joins the opportunities with the tallies of their touches, and adds those in the pipeline to the totals.
func publishFacts(ctx context.Context, run *pipeline.Run, d *deals, r rules) (*totals, error) {
	owners, err := readOwners(ctx, run)
	if err != nil {
		return nil, err
	}
	columns := []string{"Id", "AccountId", "OwnerId", "StageName", "IsClosed", "IsWon", r.revenue, "CreatedDate", "CloseDate"}
	reader, err := run.Read(ctx, r.opportunity, columns...)
	if err != nil {
		return nil, err
	}
	out, err := newOutput(ctx, run, schemas.ROIOpportunities)
	if err != nil {
		return nil, errors.Join(err, reader.Close())
	}
	sum := newTotals()
	n := 0
	err = columnar.Each(ctx, reader, func(rec arrow.Record) error {
		ids, accounts, owner := columnar.Strings(rec, "Id"), columnar.Strings(rec, "AccountId"), columnar.Strings(rec, "OwnerId")
		stages, revenue := columnar.Strings(rec, "StageName"), columnar.Floats(rec, r.revenue)
		closed, won := columnar.Bools(rec, "IsClosed"), columnar.Bools(rec, "IsWon")
		created, closes := columnar.Times(rec, "CreatedDate"), columnar.Times(rec, "CloseDate")
		for i := range ids.Len() {
			t := &d.all[n].tally
			n++
			f := fact{
				influenced: t.touches > 0, sourced: t.sourced, closed: closed.Value(i), won: closed.Value(i) && won.Value(i),
				revenue: revenue.Value(i), hasRevenue: !revenue.IsNull(i), quarter: quarterOf(closes.Value(i)),
			}
			f.life = lifetime(created.Value(i), closes.Value(i), f.closed, r.asOf)
			inPipeline := r.inPipeline(stages.Value(i), f.closed)
			if inPipeline {
				sum.add(f)
			}
			out.String(0, ids.Value(i))
			if !accounts.IsNull(i) {
				out.String(1, accounts.Value(i))
			}
			out.String(2, owner.Value(i))
			out.Bool(3, owners[owner.Value(i)])
			out.String(4, stages.Value(i))
			out.Bool(5, f.closed)
			out.Bool(6, f.won)
			if f.hasRevenue {
				out.Float(7, f.revenue)
			}
			out.Time(8, created.Value(i))
			out.Time(9, closes.Value(i))
			out.Bool(10, inPipeline)
			out.String(11, f.quarter)
			if f.closed {
				out.Int(12, f.life.Days)
			}
			out.Int(13, t.touches)
			if t.touches > 0 {
				out.Time(14, toTime(t.first))
				out.Time(15, toTime(t.last))
			}
			out.Bool(16, t.sourced)
			out.Bool(17, t.sourcedStrict)
			out.Bool(18, f.influenced)
			out.Bool(19, t.influencedStrict)
			if err := out.endRow(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, out.abort(err)
	}
	return sum, out.publish(ctx, run)
}

// inPipeline reports whether a deal has entered the pipeline. One that closed went through it, whatever its last stage.
func (r rules) inPipeline(stage string, closed bool) bool {
	return len(r.stages) == 0 || closed || r.stages[stage]
}

// lifetime is how long a deal took to close, or has been open so far.
func lifetime(created, closeDate time.Time, closed bool, asOf time.Time) stat.Lifetime {
	if closed {
		return stat.Lifetime{Days: daysBetween(created, closeDate), Ended: true}
	}
	return stat.Lifetime{Days: daysBetween(created, asOf)}
}

func quarterOf(day time.Time) string {
	return fmt.Sprintf("%04d-Q%d", day.Year(), (int(day.Month())+2)/3)
}

// readOwners returns the CRM users who hold an active seat.
func readOwners(ctx context.Context, run *pipeline.Run) (map[string]bool, error) {
	reader, err := run.Read(ctx, schemas.SeatUsers, "seat_id", "user_id", "active")
	if err != nil {
		return nil, err
	}
	owners := map[string]bool{}
	return owners, columnar.Each(ctx, reader, func(rec arrow.Record) error {
		users, active := columnar.Strings(rec, "user_id"), columnar.Bools(rec, "active")
		for i := range users.Len() {
			if active.Value(i) && users.Value(i) != "" {
				owners[strings.Clone(users.Value(i))] = true
			}
		}
		return nil
	})
}
