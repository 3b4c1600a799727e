package roi

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// source is a data set of touches: where its id and kind are, and what its ids are prefixed with.
type source struct {
	ds       *schemas.Dataset
	id, kind string
	prefix   string
}

var sources = []source{
	{schemas.Usage, "usage_id", "kind", "usage:"},
	{schemas.Activities, "activity_id", "type", "activity:"},
}

// hit is a deal that a touch bears on.
type hit struct {
	deal  int32
	level byte
}

// finder finds the deals that a touch bears on. It is not safe for use by several goroutines.
type finder struct {
	deals *deals
	reach *reach
	hits  []hit
	seen  []uint32 // per deal, the number of the touch that last hit it
	n     uint32
}

func newFinder(d *deals, r *reach) *finder {
	return &finder{deals: d, reach: r, seen: make([]uint32, len(d.all))}
}

// find returns the deals in whose window the touch lies, each once at its strongest level; the result is valid until the next call.
func (f *finder) find(member, company string, at int64) []hit {
	f.hits = f.hits[:0]
	if f.n++; f.n == 0 {
		clear(f.seen)
		f.n = 1
	}
	if member != "" {
		if p := f.reach.people.find(member); p >= 0 {
			for _, n := range f.reach.roles.of(p) {
				if d := &f.deals.all[n]; d.from <= at && at <= d.to {
					f.hit(n, levelRole)
				}
			}
			f.hitAccounts(f.reach.employers.of(p), at, levelAccount)
		}
	}
	if company != "" {
		if c := f.reach.companies.find(company); c >= 0 {
			f.hitAccounts(f.reach.accounts.of(c), at, levelCompany)
		}
	}
	return f.hits
}

func (f *finder) hitAccounts(accounts []int32, at int64, level byte) {
	for _, a := range accounts {
		f.deals.during(a, at, func(n int32) { f.hit(n, level) })
	}
}

// hit notes a deal unless a stronger level has. Levels come strongest first.
func (f *finder) hit(n int32, level byte) {
	if f.seen[n] != f.n {
		f.seen[n] = f.n
		f.hits = append(f.hits, hit{n, level})
	}
}

// publishTouches streams all touches past the finder, adds them to the deals' tallies and publishes those that count.
func publishTouches(ctx context.Context, run *pipeline.Run, d *deals, r *reach) error {
	out, err := newOutput(ctx, run, schemas.ROITouches)
	if err != nil {
		return err
	}
	f := newFinder(d, r)
	for _, s := range sources {
		if err := f.stream(ctx, run, s, out); err != nil {
			return out.abort(err)
		}
	}
	return out.publish(ctx, run)
}

func (f *finder) stream(ctx context.Context, run *pipeline.Run, s source, out *output) error {
	reader, err := run.Read(ctx, s.ds, s.id, s.kind, "seat_id", "member_id", "company_id", "occurred_at")
	if err != nil {
		return err
	}
	var total int64
	if e, ok := run.Entry(s.ds); ok {
		total = max(0, e.Rows)
	}
	task := run.Progress.Start("touches: "+s.ds.Name, total, "rows")
	defer task.Done()
	return columnar.Each(ctx, reader, func(rec arrow.Record) error {
		rows, err := f.record(ctx, rec, s, out)
		run.Count("touches.read", int64(rows))
		task.Add(int64(rows))
		return err
	})
}

func (f *finder) record(ctx context.Context, rec arrow.Record, s source, out *output) (int, error) {
	ids, kinds, seats := columnar.Strings(rec, s.id), columnar.Strings(rec, s.kind), columnar.Strings(rec, "seat_id")
	members, companies := columnar.Strings(rec, "member_id"), columnar.Strings(rec, "company_id")
	times := columnar.Times(rec, "occurred_at")
	for i := range ids.Len() {
		when := times.Value(i)
		at := when.UnixMilli()
		for _, h := range f.find(members.Value(i), companies.Value(i), at) {
			d := &f.deals.all[h.deal]
			d.add(at, d.created, h.level)
			out.String(0, f.deals.ids.at(h.deal))
			out.String(1, s.prefix+ids.Value(i))
			out.String(2, kinds.Value(i))
			out.String(3, levelNames[h.level-levelRole])
			out.String(4, seats.Value(i))
			if !members.IsNull(i) {
				out.String(5, members.Value(i))
			}
			if !companies.IsNull(i) {
				out.String(6, companies.Value(i))
			}
			out.Time(7, when)
			out.Float(8, daysBefore(at, d.created))
			out.Bool(9, at < d.created)
			out.Bool(10, true)
			if err := out.endRow(ctx); err != nil {
				return i, err
			}
		}
	}
	return ids.Len(), nil
}

var levelNames = [...]string{"a", "b", "c"}

// daysBefore is how many days the first instant lies before the second.
func daysBefore(at, created int64) float64 { return float64(created-at) / dayMillis }

func toTime(millis int64) time.Time { return time.UnixMilli(millis).UTC() }
