package roi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// activitySources are the records whose latest activity is one of an account.
var activitySources = []struct {
	ds      *schemas.Dataset
	account string
}{
	{schemas.Contact, "AccountId"},
	{schemas.Lead, "ConvertedAccountId"},
	{schemas.Opportunity, "AccountId"},
}

// publishActivity adds the days of activity that this run sees to those that earlier ones saw, and notes for each deal, if there are any,
// the first one in the lookback before its creation. The CRM tells of each record's latest activity only: the days before it are known from earlier runs.
func publishActivity(ctx context.Context, run *pipeline.Run, d *deals) (err error) {
	seen, err := sortActivity(ctx, run)
	if err != nil {
		return err
	}
	now := newDayCursor(seen)
	defer func() { err = errors.Join(err, now.Close()) }()
	old := newDayCursor(nil)
	before, had := run.Entry(schemas.CRMActivity)
	if had {
		reader, err := run.Read(ctx, schemas.CRMActivity)
		if err != nil {
			return err
		}
		old = newDayCursor(reader)
		defer func() { err = errors.Join(err, old.Close()) }()
	}
	out, err := pipeline.NewOutput(ctx, run, schemas.CRMActivity)
	if err != nil {
		return err
	}
	a := &accountDays{deals: d}
	if err := a.merge(ctx, old, now, out); err != nil {
		return out.Abort(err)
	}
	if had && out.Rows == 0 {
		run.PublishEntry(schemas.CRMActivity, before)
		return out.Abort(nil)
	}
	return out.Publish(ctx)
}

// sortActivity returns the accounts and days of the records' latest activities, each pair once.
func sortActivity(ctx context.Context, run *pipeline.Run) (_ columnar.RecordReader, err error) {
	dir, err := run.Scratch()
	if err != nil {
		return nil, err
	}
	sorter := columnar.NewSorter(schemas.CRMActivity, columnar.SorterOptions{Budget: run.Budget / 4, Dir: dir})
	b := columnar.NewBuilder(memory.DefaultAllocator, schemas.CRMActivity)
	defer b.Release()
	flush := func() error {
		rec := b.NewRecord()
		defer rec.Release()
		return sorter.Write(ctx, rec)
	}
	for _, s := range activitySources {
		reader, err := run.Read(ctx, s.ds, s.account, "LastActivityDate")
		if err != nil {
			return nil, errors.Join(err, sorter.Close())
		}
		if err := columnar.Each(ctx, reader, func(rec arrow.Record) error {
			accounts, days := columnar.Strings(rec, s.account), columnar.Times(rec, "LastActivityDate")
			for i := range accounts.Len() {
				if accounts.Value(i) == "" || days.IsNull(i) || days.Value(i).After(run.AsOf) {
					continue
				}
				b.String(0, accounts.Value(i))
				b.Time(1, days.Value(i))
				if err := b.EndRow(); err != nil {
					return err
				}
				if b.Full() {
					if err := flush(); err != nil {
						return err
					}
				}
			}
			return nil
		}); err != nil {
			return nil, errors.Join(fmt.Errorf("activity of %s: %w", s.ds.Object, err), sorter.Close())
		}
	}
	if err := flush(); err != nil {
		return nil, errors.Join(err, sorter.Close())
	}
	return sorter.Sort(ctx)
}

// accountDays brings together the days of activity of one account after the other.
type accountDays struct {
	deals   *deals
	account string
	days    []int64 // ascending
}

// merge walks the days that were known and those seen now, and writes those that are new.
func (a *accountDays) merge(ctx context.Context, old, now *dayCursor, out *pipeline.Output) error {
	for _, c := range []*dayCursor{old, now} {
		if err := c.Next(ctx); err != nil {
			return err
		}
	}
	for !old.Done() || !now.Done() {
		c := old.compare(now)
		at := now
		if c <= 0 {
			at = old
		}
		a.note(at.account(), at.day())
		if c > 0 {
			out.String(0, now.account())
			out.Time(1, now.day())
			if err := out.EndRow(ctx); err != nil {
				return err
			}
		}
		if c <= 0 {
			if err := old.Next(ctx); err != nil {
				return err
			}
		}
		if c >= 0 {
			if err := now.Next(ctx); err != nil {
				return err
			}
		}
	}
	a.settle()
	return nil
}

func (a *accountDays) note(account string, day time.Time) {
	if account != a.account {
		a.settle()
		a.account = strings.Clone(account)
	}
	a.days = append(a.days, day.UnixMilli())
}

// settle tells the account's deals.
func (a *accountDays) settle() {
	if a.deals == nil {
		a.days = a.days[:0]
		return
	}
	if n := a.deals.accounts.find(a.account); n >= 0 && len(a.days) > 0 {
		for _, i := range a.deals.byAccount.of(n) {
			d := &a.deals.all[i]
			if at, _ := slices.BinarySearch(a.days, d.created-a.deals.lookback); at < len(a.days) && a.days[at] < d.created {
				d.activity = a.days[at]
			}
		}
	}
	a.days = a.days[:0]
}

// dayCursor steps through accounts and days.
type dayCursor struct {
	*columnar.Walker
	accounts columnar.StringColumn
	days     columnar.TimeColumn
}

func newDayCursor(r columnar.RecordReader) *dayCursor {
	c := &dayCursor{}
	c.Walker = columnar.NewWalker(r, func(rec arrow.Record) {
		c.accounts, c.days = columnar.Strings(rec, "account_id"), columnar.Times(rec, "day")
	})
	return c
}

func (c *dayCursor) account() string { return c.accounts.Value(c.Row) }
func (c *dayCursor) day() time.Time  { return c.days.Value(c.Row) }

// compare orders the current rows; the end is after all.
func (c *dayCursor) compare(o *dayCursor) int {
	switch {
	case c.Done():
		return 1
	case o.Done():
		return -1
	case c.account() != o.account():
		return strings.Compare(c.account(), o.account())
	}
	return c.day().Compare(o.day())
}
