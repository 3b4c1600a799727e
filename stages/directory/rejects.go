package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/dustin/go-humanize"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// rejects writes the data set of refused rows. Those of data sets that did not change are taken over from the run before.
type rejects struct {
	run         *pipeline.Run
	fingerprint string
	reuse       *snapshot.Entry
	w           *snapshot.Writer
	b           *columnar.Builder
}

func newRejects(ctx context.Context, run *pipeline.Run, plan []step) (*rejects, error) {
	r := &rejects{run: run}
	reused := map[string]bool{}
	for _, p := range plan {
		r.fingerprint += p.fingerprint + " "
		if p.reuse != nil {
			reused[p.ds.Name] = true
		}
	}
	r.fingerprint = strings.TrimSpace(r.fingerprint)
	prev, ok := run.Previous(schemas.Rejects)
	if ok && len(reused) == len(plan) {
		r.reuse = &prev
		return r, r.countReused(ctx, prev, reused, nil)
	}
	w, err := run.Create(ctx, schemas.Rejects)
	if err != nil {
		return nil, err
	}
	r.w, r.b = w, columnar.NewBuilder(memory.DefaultAllocator, schemas.Rejects)
	if len(reused) > 0 {
		if err := r.countReused(ctx, prev, reused, r.keep); err != nil {
			return nil, errors.Join(err, r.abort())
		}
	}
	return r, nil
}

// countReused counts the earlier rejects of unchanged data sets and hands each to keep.
func (r *rejects) countReused(ctx context.Context, prev snapshot.Entry, reused map[string]bool, keep func(context.Context, arrow.Record, int) error) error {
	reader, err := r.run.Store().Read(ctx, schemas.Rejects, prev)
	if err != nil {
		return fmt.Errorf("read earlier rejects: %w", err)
	}
	for name := range reused {
		r.run.Count("rejected."+name, 0)
	}
	return columnar.Each(ctx, reader, func(rec arrow.Record) error {
		names := columnar.Strings(rec, "dataset")
		for i := range names.Len() {
			name := names.Value(i)
			if !reused[name] {
				continue
			}
			r.run.Count("rejected."+name, 1)
			if keep == nil {
				continue
			}
			if err := keep(ctx, rec, i); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *rejects) keep(ctx context.Context, rec arrow.Record, i int) error {
	text := func(name string) string { return columnar.Strings(rec, name).Value(i) }
	return r.add(ctx, text("dataset"), text("file"), columnar.Ints(rec, "line").Value(i), &badRow{field: text("field"), reason: text("reason")})
}

func (r *rejects) add(ctx context.Context, dataset, file string, line int64, bad *badRow) error {
	r.b.String(0, dataset)
	r.b.String(1, file)
	r.b.Int(2, line)
	if bad.field != "" {
		r.b.String(3, bad.field)
	}
	r.b.String(4, bad.reason)
	if err := r.b.EndRow(); err != nil {
		return fmt.Errorf("keep reject: %w", err)
	}
	if r.b.Full() {
		return flush(ctx, r.w, r.b)
	}
	return nil
}

func (r *rejects) publish(ctx context.Context) error {
	if r.reuse != nil {
		r.run.PublishEntry(schemas.Rejects, *r.reuse)
		return nil
	}
	if err := flush(ctx, r.w, r.b); err != nil {
		return err
	}
	_, err := r.run.Publish(ctx, schemas.Rejects, r.w, pipeline.WithFingerprint(r.fingerprint))
	return err
}

// abort frees what publish did not.
func (r *rejects) abort() error {
	if r.w == nil {
		return nil
	}
	r.b.Release()
	return r.w.Abort()
}

func flush(ctx context.Context, w *snapshot.Writer, b *columnar.Builder) error {
	if b.Len() == 0 {
		return nil
	}
	rec := b.NewRecord()
	defer rec.Release()
	return w.Write(ctx, rec)
}

// RejectedError says that more rows of a data set were refused than the limit allows.
type RejectedError struct {
	Dataset        string
	Rows, Rejected int64 // Rows counts the rejected ones too
	Limit          float64
	Reasons        []Reason // the most frequent ones
}

// Reason is why rows were refused, and where the first of them is.
type Reason struct {
	Field, Text string
	Rows        int64
	File        string
	Line        int64
}

func (e *RejectedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s rows were refused (%.1f %%, the limit navigator.max_rejected is %.1f %%):",
		humanize.Comma(e.Rejected), humanize.Comma(e.Rows), 100*float64(e.Rejected)/float64(e.Rows), 100*e.Limit)
	for i, r := range e.Reasons {
		if i > 0 {
			b.WriteByte(';')
		}
		fmt.Fprintf(&b, " %s × ", humanize.Comma(r.Rows))
		if r.Field != "" {
			b.WriteString(r.Field + " ")
		}
		fmt.Fprintf(&b, "%s, first at %s:%d", r.Text, r.File, r.Line)
	}
	return b.String()
}

// tally counts refused rows by reason. Reasons are fixed texts, so it stays small.
type tally struct {
	refused int64 // rows in the data set of rejects
	lost    int64 // the same, but a row that takes up several lines counts as many
	reasons []Reason
}

func (t *tally) add(file string, line int64, bad *badRow) {
	n := max(bad.lines, 1)
	t.refused++
	t.lost += n
	for i := range t.reasons {
		if r := &t.reasons[i]; r.Field == bad.field && r.Text == bad.reason {
			r.Rows += n
			return
		}
	}
	t.reasons = append(t.reasons, Reason{Field: bad.field, Text: bad.reason, Rows: n, File: file, Line: line})
}

// most returns the most frequent reasons.
func (t *tally) most(n int) []Reason {
	out := slices.Clone(t.reasons)
	slices.SortStableFunc(out, func(a, b Reason) int { return int(b.Rows - a.Rows) })
	return out[:min(n, len(out))]
}
