package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/pipeline/salesforce/rows"
)

// state is how far a reading is; it is the reading's checkpoint.
type state struct {
	// Query is the statement; a checkpoint of another one is of no use.
	Query string `json:"query"`
	// Job is the Bulk job, if there is one; its Records are known once it is complete.
	Job      salesforce.Job `json:"job,omitzero"`
	Complete bool           `json:"complete,omitempty"`
	// Pages are the result pages known so far; Known says that these are all.
	Pages []page `json:"pages,omitempty"`
	Known bool   `json:"known,omitempty"`
	// Listed says that the org listed the pages; OneByOne that it shall not be asked to.
	Listed   bool `json:"listed,omitempty"`
	OneByOne bool `json:"one_by_one,omitempty"`
	// Done says that every page is in a part, and that they hold Rows rows, as many as the org said.
	Done bool  `json:"done,omitempty"`
	Rows int64 `json:"rows"`
}

// page is one result page. Part is the file that holds its rows; none when it has no rows.
type page struct {
	Ref  salesforce.PageRef `json:"ref"`
	Done bool               `json:"done,omitempty"`
	Rows int64              `json:"rows,omitempty"`
	Part string             `json:"part,omitempty"`
	// Aside are the ids of records that could not be taken; they count among Rows.
	Aside []string `json:"aside,omitempty"`
}

// reading is a query on its way into parts.
type reading struct {
	s    *Stage
	run  *pipeline.Run
	task pipeline.Task
	q    query
	dir  string

	mu    sync.Mutex
	state state
}

// read brings a query's rows into parts, going on where an earlier attempt of the run stopped.
func (s *Stage) read(ctx context.Context, run *pipeline.Run, task pipeline.Task, q query) (*reading, error) {
	dir, err := run.Scratch()
	if err != nil {
		return nil, err
	}
	r := &reading{s: s, run: run, task: task, q: q, dir: dir}
	if _, err := run.LoadCheckpoint(q.key, &r.state); err != nil {
		return nil, err
	}
	if r.state.Query != q.soql {
		// The job of another statement stays in the journal, so that the next run ends it.
		if err := r.reset(); err != nil {
			return nil, err
		}
	}
	if r.state.Job.ID != "" {
		s.Client.Recall(r.state.Job)
	}
	if r.state.Done {
		task.Add(r.state.Rows)
		if r.state.Job.ID != "" { // the run was stopped just before its job was deleted
			return r, r.free(ctx)
		}
		return r, nil
	}
	if !q.bulk && r.state.Job.ID == "" {
		done, err := r.byREST(ctx, s.RESTRows)
		if err != nil || done {
			return r, err
		}
	}
	err = r.byBulk(ctx)
	if errors.Is(err, salesforce.ErrNotBulk) {
		run.Log.Info("the Bulk API does not serve this object, so it is read by REST", "object", q.ds.Object)
		_, err = r.byREST(ctx, -1)
	}
	return r, err
}

// reset forgets what was read so far. The parts stay until the run ends or they are written again.
func (r *reading) reset() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = state{Query: r.q.soql}
	return r.run.Checkpoint(r.q.key, r.state)
}

// save stores the checkpoint; the caller holds the lock or is alone.
func (r *reading) save() error { return r.run.Checkpoint(r.q.key, r.state) }

func (r *reading) partName(n int) string { return fmt.Sprintf("%s-%05d.arrow", r.q.key, n) }

// byREST reads the rows by REST unless there are more than most of them (-1: any number); false says that there are.
func (r *reading) byREST(ctx context.Context, most int64) (bool, error) {
	query := r.s.Client.Query
	if r.q.all {
		query = r.s.Client.QueryAll
	}
	cur, err := query(ctx, r.q.soql)
	if err != nil {
		return false, err
	}
	if most >= 0 && cur.Total > most {
		return false, nil
	}
	r.task.SetTotal(cur.Total)
	total := cur.Total
	st := state{Query: r.q.soql, Done: true, Rows: total, Known: true}
	if total > 0 {
		name := r.partName(0)
		left := &leftovers{r: r}
		n, err := r.write(name, func(b *columnar.Builder, flush func() error) error { return r.batches(ctx, cur, b, left, flush) })
		if err != nil {
			return false, err
		}
		pg := page{Done: true, Rows: n + int64(len(left.ids)), Aside: left.ids}
		if pg.Rows != total {
			return false, fmt.Errorf("%d rows of %d: %w", pg.Rows, total, salesforce.ErrRowCount)
		}
		if n > 0 {
			pg.Part = name
		}
		st.Pages = []page{pg}
	}
	r.task.Add(total)
	r.state = st
	return true, r.save()
}

// batches decodes the batches of a REST query.
func (r *reading) batches(ctx context.Context, cur *salesforce.Cursor, b *columnar.Builder, left *leftovers, flush func() error) error {
	d := rows.NewJSONDecoder(r.q.ds, r.q.columns, r.q.ds.Names())
	d.SetAside(left.take)
	for more := true; more; {
		for _, rec := range cur.Records {
			if err := d.Append(b, rec); err != nil {
				return err
			}
			if b.Full() {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		var err error
		if more, err = cur.Next(ctx); err != nil {
			return err
		}
	}
	return nil
}

// decode writes the rows of a result page into a part and returns what became of them. It is what ReadPage calls, once per attempt.
func (r *reading) decode(body io.Reader, name string) (page, error) {
	left := &leftovers{r: r}
	n, err := r.write(name, func(b *columnar.Builder, flush func() error) error {
		d, err := rows.NewDecoder(body, r.q.ds, r.q.columns, r.q.ds.Names())
		if err == nil {
			d.SetAside(left.take)
		}
		for err == nil {
			if err = d.Fill(b); err == nil {
				err = flush()
			}
		}
		if err == io.EOF {
			return nil
		}
		return err
	})
	if errors.Is(err, rows.ErrCut) {
		err = fmt.Errorf("%w: %w", salesforce.ErrCut, err)
	}
	pg := page{Rows: n + int64(len(left.ids)), Aside: left.ids}
	if n > 0 {
		pg.Part = name
	}
	return pg, err
}

// write makes a part of the rows that fill puts into the builder, and returns their number. Without rows there is no part.
func (r *reading) write(name string, fill func(b *columnar.Builder, flush func() error) error) (n int64, err error) {
	b := columnar.NewBuilder(r.s.Allocator, r.q.ds)
	defer b.Release()
	w, err := newPart(filepath.Join(r.dir, name), b.Schema(), r.s.Seal, r.s.Allocator)
	if err != nil {
		return 0, err
	}
	flush := func() error {
		if b.Len() == 0 {
			return nil
		}
		rec := b.NewRecord()
		defer rec.Release()
		n += rec.NumRows()
		return w.Write(rec)
	}
	if err = fill(b, flush); err == nil {
		err = flush()
	}
	if err != nil || n == 0 {
		return n, errors.Join(err, w.Abort())
	}
	return n, w.Finish()
}

// each calls fn for every record that was read. A part that is not what it should be makes a resumed run read everything again.
func (r *reading) each(ctx context.Context, fn func(arrow.Record) error) error {
	var n int64
	var err error
	for _, p := range r.state.Pages {
		n += int64(len(p.Aside))
		if p.Part == "" {
			continue
		}
		err = eachOfPart(ctx, filepath.Join(r.dir, p.Part), r.s.Seal, r.s.Allocator, func(rec arrow.Record) error {
			n += rec.NumRows()
			return fn(rec)
		})
		if err != nil {
			break
		}
	}
	if err == nil && n != r.state.Rows {
		err = fmt.Errorf("%d rows in scratch files and set aside, %d were read: %w", n, r.state.Rows, errPart)
	}
	if errors.Is(err, errPart) {
		err = errors.Join(err, r.reset())
	}
	return err
}
