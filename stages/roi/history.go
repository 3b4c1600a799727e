package roi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// The ways in which an entry into the pipeline is known.
const (
	basisNone byte = iota
	basisCreation
	basisObserved
	basisFirstSeen
)

var basisNames = [...]string{"", "creation", "observed", "first_seen"}

// entry is when a deal entered the pipeline: at one of these instants or between them, in Unix milliseconds.
type entry struct {
	after, by int64
	basis     byte
}

// historian compares the deals' stages with those of the last sync and keeps what changed.
type historian struct {
	rules rules
	// looked is the instant up to which the last sync had read the deals, look the one of this run.
	looked, look time.Time
	out          *pipeline.Output
	old          *stageCursor
	// there are the deals that the last sync saw; nil when there was none.
	there   *cursor
	entries []entry
}

// publishHistory adds the stages that this run sees for the first time to their history, and returns when each deal entered the
// pipeline.
func publishHistory(ctx context.Context, run *pipeline.Run, r rules, deals int) (_ []entry, err error) {
	h := &historian{rules: r, look: run.AsOf, entries: make([]entry, 0, deals)}
	if e, ok := run.Entry(schemas.Opportunity); ok && !e.Watermark.IsZero() {
		h.look = e.Watermark
	}
	before, had := run.Entry(schemas.OpportunityStages)
	if had {
		h.looked = before.Watermark
		if h.old, err = openStages(ctx, run); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, h.old.Close()) }()
	}
	if prev, ok := run.Previous(schemas.Opportunity); ok && had {
		reader, err := run.Store().Read(ctx, schemas.Opportunity, prev, "Id")
		if err != nil {
			return nil, err
		}
		h.there = newCursor(reader, "Id")
		defer func() { err = errors.Join(err, h.there.close()) }()
	}
	if h.look.Before(h.looked) {
		h.look = h.looked
	}
	if h.out, err = pipeline.NewOutput(ctx, run, schemas.OpportunityStages); err != nil {
		return nil, err
	}
	if err := h.stream(ctx, run); err != nil {
		return nil, h.out.Abort(err)
	}
	if had && h.out.Rows == 0 {
		before.Watermark = h.look
		run.PublishEntry(schemas.OpportunityStages, before)
		return h.entries, h.out.Abort(nil)
	}
	return h.entries, h.out.Publish(ctx, pipeline.WithWatermark(h.look))
}

func (h *historian) stream(ctx context.Context, run *pipeline.Run) error {
	reader, err := run.Read(ctx, h.rules.opportunity, "Id", "StageName", "IsClosed", "CreatedDate", "LastModifiedDate")
	if err != nil {
		return err
	}
	return columnar.Each(ctx, reader, func(rec arrow.Record) error {
		ids, stages, closed := columnar.Strings(rec, "Id"), columnar.Strings(rec, "StageName"), columnar.Bools(rec, "IsClosed")
		created, modified := columnar.Times(rec, "CreatedDate"), columnar.Times(rec, "LastModifiedDate")
		for i := range ids.Len() {
			s := seen{stages.Value(i), closed.Value(i), created.Value(i), modified.Value(i)}
			if err := h.deal(ctx, ids.Value(i), s); err != nil {
				return fmt.Errorf("stages of %s: %w", ids.Value(i), err)
			}
		}
		return nil
	})
}

// seen is a deal as this run sees it.
type seen struct {
	stage             string
	closed            bool
	created, modified time.Time
}

func (h *historian) deal(ctx context.Context, id string, now seen) error {
	e := entry{after: math.MaxInt64}
	var last string
	var since time.Time
	var wasClosed, known bool
	if h.old != nil {
		for {
			found, err := h.old.at(ctx, id)
			if err != nil {
				return err
			}
			if !found {
				break
			}
			known, last, since, wasClosed = true, h.old.stage(), h.old.by.Value(h.old.Row), h.old.closed.Value(h.old.Row)
			h.enter(&e, last, wasClosed, h.old.after.Value(h.old.Row), since, h.old.first.Value(h.old.Row))
			if err := h.old.Next(ctx); err != nil {
				return err
			}
		}
	}
	if !known || last != now.stage || wasClosed != now.closed {
		after, err := h.since(ctx, id, since, known, now.created)
		if err != nil {
			return err
		}
		// A change of stage modifies the record: it is no later than the last modification.
		by := later(earlier(now.modified, h.look), after)
		h.enter(&e, now.stage, now.closed, after, by, !known)
		h.out.String(0, id)
		h.out.Time(1, by)
		h.out.String(2, now.stage)
		h.out.Time(3, after)
		h.out.Bool(4, now.closed)
		h.out.Bool(5, !known)
		if err := h.out.EndRow(ctx); err != nil {
			return err
		}
	}
	if len(h.rules.stages) == 0 {
		e = entry{now.created.UnixMilli(), now.created.UnixMilli(), basisCreation}
	}
	h.entries = append(h.entries, e)
	return nil
}

// since is the instant after which a deal's stage may have changed: up to which the last sync had read, if it saw the deal then. One that
// was gone, or set aside, may have changed before; so may one that no sync saw.
func (h *historian) since(ctx context.Context, id string, last time.Time, known bool, created time.Time) (time.Time, error) {
	if !known {
		return created, nil
	}
	if h.there != nil {
		seen, err := h.there.seek(ctx, id)
		if !seen || err != nil {
			return last, err
		}
	}
	return h.looked, nil
}

// enter notes the first time that the deal was seen in the pipeline.
func (h *historian) enter(e *entry, stage string, closed bool, after, by time.Time, first bool) {
	if e.basis != basisNone || !h.rules.inPipeline(stage, closed) {
		return
	}
	*e = entry{after.UnixMilli(), by.UnixMilli(), basisObserved}
	if first {
		e.basis = basisFirstSeen
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// stageCursor steps through the history by opportunity.
type stageCursor struct {
	*columnar.Walker
	ids, stages   columnar.StringColumn
	after, by     columnar.TimeColumn
	closed, first columnar.BoolColumn
}

func openStages(ctx context.Context, run *pipeline.Run) (*stageCursor, error) {
	reader, err := run.Read(ctx, schemas.OpportunityStages)
	if err != nil {
		return nil, err
	}
	c := &stageCursor{}
	c.Walker = columnar.NewWalker(reader, func(rec arrow.Record) {
		c.ids, c.stages = columnar.Strings(rec, "opportunity_id"), columnar.Strings(rec, "stage")
		c.after, c.by = columnar.Times(rec, "since_after"), columnar.Times(rec, "since_by")
		c.closed, c.first = columnar.Bools(rec, "is_closed"), columnar.Bools(rec, "seen_first")
	})
	if err := c.Next(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// at reports whether the current row is of the opportunity, after passing over those of opportunities before it, which are gone.
func (c *stageCursor) at(ctx context.Context, id string) (bool, error) {
	for !c.Done() {
		if is := c.ids.Value(c.Row); is >= id {
			return is == id, nil
		}
		if err := c.Next(ctx); err != nil {
			return false, err
		}
	}
	return false, nil
}

// stage is the stage of the current row; it outlives the row.
func (c *stageCursor) stage() string { return strings.Clone(c.stages.Value(c.Row)) }
