package writeback

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// Bounds of one Bulk job. Salesforce takes 100 MB; less is enough for its own batches of 10,000 rows, and is held in memory here.
const (
	defaultPartBytes = 16 << 20
	defaultPartRows  = 10_000
)

// bulkTries is how often a row goes out in a Bulk job before it goes with a call, whose answer tells more.
const bulkTries = 2

// lane collects records of one object until they are known to be a backlog.
type lane struct {
	rows  []outgoing
	bytes int
	parts int // sent
}

func (l *lane) take() []outgoing {
	rows := l.rows
	l.rows, l.bytes, l.parts = nil, 0, l.parts+1
	return rows
}

// drain decides on all rows that are due and sends those that may go: backlogs in Bulk jobs, all others with calls of up to 200.
func (c *cycle) drain(ctx context.Context) error {
	now := c.AsOf
	lanes := map[string]*lane{}
	if c.Policy.Enabled {
		var err error
		if now, err = c.Client.ServerTime(ctx); err != nil {
			return err
		}
		if lanes, err = c.lanes(ctx, now); err != nil {
			return err
		}
	} else {
		c.result.Off = reasonOff // and nothing is asked of the org
	}
	var ready []outgoing
	flush := func(least int) error {
		for len(ready) >= least {
			n := min(len(ready), salesforce.MaxCollection)
			if err := c.send(ctx, ready[:n]); err != nil {
				return err
			}
			ready = ready[n:]
		}
		return nil
	}
	for last := (candidate{}); ; {
		page, err := c.box.candidates(ctx, now, last)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		last = page[len(page)-1]
		going, err := c.decide(ctx, page)
		if err != nil {
			return err
		}
		for _, g := range going {
			l := lanes[g.content.Object]
			if l == nil || !bulkable(g) {
				ready = append(ready, g)
				continue
			}
			l.rows, l.bytes = append(l.rows, g), l.bytes+g.content.size()
			if l.bytes >= c.partBytes || len(l.rows) >= c.partRows {
				if err := c.sendBulk(ctx, g.content.Object, l.take()); err != nil {
					return err
				}
			}
		}
		if err := flush(salesforce.MaxCollection); err != nil {
			return err
		}
	}
	for _, object := range slices.Sorted(maps.Keys(lanes)) {
		l := lanes[object]
		if len(l.rows) > c.Policy.BulkAbove || l.parts > 0 && len(l.rows) > salesforce.MaxCollection {
			if err := c.sendBulk(ctx, object, l.take()); err != nil {
				return err
			}
		}
		ready = append(ready, l.rows...)
	}
	if err := flush(1); err != nil || len(c.jobs) == 0 {
		return err
	}
	if err := c.collect(ctx, c.jobs, c.Patience); err != nil {
		return err
	}
	return c.ask(ctx) // about what the jobs did not tell
}

// lanes makes one for each object of which so many rows are waiting that they may be a backlog.
func (c *cycle) lanes(ctx context.Context, now time.Time) (map[string]*lane, error) {
	lanes := map[string]*lane{}
	if c.Policy.BulkAbove == 0 || c.DryRun {
		return lanes, nil
	}
	tasks, notes, err := c.box.due(ctx, now)
	if err != nil {
		return nil, err
	}
	for object, n := range map[string]int{objectTask: tasks, objectNote: notes} {
		if n > c.Policy.BulkAbove {
			lanes[object] = &lane{}
		}
	}
	return lanes, nil
}

// bulkable leaves out what an upload can't say, and rows that Bulk jobs left undone.
func bulkable(g outgoing) bool {
	return g.Attempts < bulkTries && g.content.Subject != salesforce.IngestNull && g.content.Text != salesforce.IngestNull
}

// decide sorts a page into what goes out, what waits and what is refused.
func (c *cycle) decide(ctx context.Context, page []candidate) ([]outgoing, error) {
	waits, refusals := map[string]string{}, map[string]string{}
	var going []outgoing
	for i := range page {
		row := &page[i]
		d := c.Policy.decide(row)
		if d == (decision{}) {
			facts, err := c.org(ctx)
			if err != nil {
				return nil, err
			}
			c.result.Off = facts.off
			if d.wait = facts.lacks(row.Kind, c.RecordTypes); d.wait == "" {
				g := outgoing{candidate: *row, content: build(row, facts, c.Status)}
				g.Body = "" // the content has it
				if facts.uniqueField != "" && g.content.Object == objectTask {
					g.unique = uniqueValue(c.Contract, row.ActivityID, facts.uniqueLength)
				}
				going = append(going, g)
				continue
			}
		}
		switch {
		case d.refuse != "":
			refusals[row.ActivityID] = d.refuse
			c.result.Refused++
		default:
			c.result.Held++
			if d.wait != row.Reason {
				waits[row.ActivityID] = d.wait
			}
		}
	}
	if c.DryRun {
		for _, g := range going {
			c.result.Planned = append(c.result.Planned, Planned{g.ActivityID, g.Kind, c.record(g), g.content.Cut})
		}
		return nil, nil
	}
	if err := errors.Join(c.box.hold(ctx, "waiting", waits), c.box.hold(ctx, "refused", refusals)); err != nil {
		return nil, err
	}
	c.at(pointDecided)
	return going, nil
}

// due counts the waiting rows that are due, by the object that they become.
func (o *outbox) due(ctx context.Context, now time.Time) (tasks, notes int, err error) {
	err = o.conn.QueryRow(ctx, `SELECT count(*) FILTER (WHERE kind <> $3), count(*) FILTER (WHERE kind = $3) FROM crmsync.writebacks
		WHERE contract = $1 AND state = 'waiting' AND (next_attempt_at IS NULL OR next_attempt_at <= $2)`, o.contract, now, kindNote).Scan(&tasks, &notes)
	if err != nil {
		return 0, 0, fmt.Errorf("count the outbox: %w", err)
	}
	return tasks, notes, nil
}
