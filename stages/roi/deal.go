package roi

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
)

const dayMillis = 24 * 60 * 60 * 1000

// deal is what touches need to know of an opportunity, and what they add up to. Instants are Unix milliseconds.
type deal struct {
	created  int64
	from, to int64 // the window, both ends included
	revenue  float64
	account  int32 // -1: none
	// activity is the first day in the lookback before the creation on which the account had activity in the CRM; never if none is known.
	activity int64
	currency int32
	// hasRevenue and the others are what the opportunity says.
	hasRevenue, won, inPipeline bool
	tally
}

// tally adds up the touches of a deal.
type tally struct {
	// sourced means that some touch came before the deal and its known activity; the strict flags count touches of level a only.
	sourced, sourcedStrict, influencedStrict bool
	touches                                  int64
	first, last                              int64
}

// sources reports whether a touch in the window came before the deal, and no later than the day of the first known activity.
func (d *deal) sources(at int64) bool { return at < d.created && at < d.activity+dayMillis }

// add counts a touch; sources says whether it can have led to the deal.
func (t *tally) add(at int64, sources bool, level byte) {
	if t.touches == 0 || at < t.first {
		t.first = at
	}
	if t.touches == 0 || at > t.last {
		t.last = at
	}
	t.touches++
	strict := level == levelRole
	t.sourced = t.sourced || sources
	t.influencedStrict = t.influencedStrict || strict
	t.sourcedStrict = t.sourcedStrict || sources && strict
}

// window returns the instants between which touches influence a deal: from days before its creation to the end of the day on which
// it closed, never after as_of. A deal that is said to have closed before its creation closed on that day.
func window(created, closeDate time.Time, closed bool, lookback time.Duration, asOf time.Time) (from, to int64) {
	from, to = created.Add(-lookback).UnixMilli(), asOf.UnixMilli()
	if closed {
		to = min(to, closeDay(created, closeDate).UnixMilli()+dayMillis-1)
	}
	return from, to
}

func closeDay(created, closeDate time.Time) time.Time {
	if day := created.UTC().Truncate(24 * time.Hour); closeDate.Before(day) {
		return day
	}
	return closeDate
}

// daysBetween counts calendar days in UTC, none when the second instant is earlier.
func daysBetween(from, to time.Time) int64 {
	days := to.UTC().Truncate(24*time.Hour).Sub(from.UTC().Truncate(24*time.Hour)) / (24 * time.Hour)
	return max(0, int64(days))
}

// deals are all opportunities, numbered in the order of their ids.
type deals struct {
	ids        *table
	accounts   *table
	currencies *table
	all        []deal
	lookback   int64
	// byAccount leads from accounts to their deals, ordered by the start of the window; latestEnd is, for each of these references, the
	// latest end of a window up to it.
	byAccount edges
	latestEnd []int64
	// early says of each deal whether it was touched in the placebo window, which lies as long before the window's start as that does
	// before the creation.
	early []bool
	// firstWon is the day on which each account first won a deal, in Unix milliseconds.
	firstWon []int64
}

func readDeals(ctx context.Context, run *pipeline.Run, r rules) (*deals, error) {
	d := &deals{ids: newTable(), accounts: newTable(), currencies: newTable(), lookback: r.window.Milliseconds()}
	seen := map[string]bool{}
	columns := r.columns("Id", "AccountId", "CreatedDate", "CloseDate", "IsClosed", "IsWon", "StageName", r.revenue)
	reader, err := run.Read(ctx, r.opportunity, distinct(columns)...)
	if err != nil {
		return nil, err
	}
	err = columnar.Each(ctx, reader, func(rec arrow.Record) error {
		ids, accounts := columnar.Strings(rec, "Id"), columnar.Strings(rec, "AccountId")
		created, closes, closed := columnar.Times(rec, "CreatedDate"), columnar.Times(rec, "CloseDate"), columnar.Bools(rec, "IsClosed")
		won, stages, revenue, currency := columnar.Bools(rec, "IsWon"), columnar.Strings(rec, "StageName"), columnar.Floats(rec, r.revenue), r.currencyOf(rec)
		for i := range ids.Len() {
			n := d.ids.add(ids.Value(i))
			if stage := stages.Value(i); r.stages[stage] && !seen[stage] {
				seen[strings.Clone(stage)] = true
			}
			from, to := window(created.Value(i), closes.Value(i), closed.Value(i), r.window, r.asOf)
			x := deal{
				created: created.Value(i).UnixMilli(), from: from, to: to, revenue: revenue.Value(i), hasRevenue: !revenue.IsNull(i), account: -1, activity: never,
				currency: d.currencies.add(currency(i)), won: closed.Value(i) && won.Value(i), inPipeline: r.inPipeline(stages.Value(i), closed.Value(i)),
			}
			if a := accounts.Value(i); a != "" {
				x.account = d.accounts.add(a)
				d.byAccount.add(x.account, n)
				d.noteWon(x, closeDay(created.Value(i), closes.Value(i)).UnixMilli())
			}
			d.all = append(d.all, x)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.seal()
	for _, stage := range r.unseen(seen) {
		run.Count("roi.unseen_stage."+stage, 1)
	}
	return d, nil
}

// never is later than all dates, and leaves room for a day more.
const never = math.MaxInt64 / 2

// noteWon keeps the first day on which a deal's account won one.
func (d *deals) noteWon(x deal, day int64) {
	for int(x.account) >= len(d.firstWon) {
		d.firstWon = append(d.firstWon, never)
	}
	if x.won {
		d.firstWon[x.account] = min(d.firstWon[x.account], day)
	}
}

// existing reports whether the deal's account had won another one on a day before its creation.
func (d *deals) existing(x *deal) bool {
	return x.account >= 0 && d.firstWon[x.account]+dayMillis <= x.created
}

func (d *deals) seal() {
	d.early = make([]bool, len(d.all))
	d.byAccount.seal(d.accounts.len())
	d.latestEnd = make([]int64, len(d.byAccount.refs))
	for a := range int32(d.accounts.len()) {
		of := d.byAccount.of(a)
		slices.SortFunc(of, func(x, y int32) int { return cmp.Or(cmp.Compare(d.all[x].from, d.all[y].from), cmp.Compare(x, y)) })
		base := d.byAccount.start[a]
		for i, n := range of {
			end := d.all[n].to
			if i > 0 {
				end = max(end, d.latestEnd[base+int32(i)-1])
			}
			d.latestEnd[base+int32(i)] = end
		}
	}
}

// during calls fn for the deals of an account whose window, or placebo window before it, holds the instant.
func (d *deals) during(account int32, at int64, fn func(n int32)) {
	of := d.byAccount.of(account)
	begun, _ := slices.BinarySearchFunc(of, at+d.lookback+1, func(n int32, at int64) int { return cmp.Compare(d.all[n].from, at) })
	base := d.byAccount.start[account]
	for i := begun - 1; i >= 0 && d.latestEnd[base+int32(i)] >= at; i-- {
		if d.all[of[i]].to >= at {
			fn(of[i])
		}
	}
}

func (d *deals) bytes() int64 {
	return d.ids.bytes() + d.accounts.bytes() + d.byAccount.bytes() + int64(8*cap(d.latestEnd)+8*cap(d.firstWon)+cap(d.early)+104*cap(d.all))
}

// distinct leaves out names that came before, such as a revenue field that is read anyway.
func distinct(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
