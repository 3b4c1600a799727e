package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

// reader reads the files of one data set into a writer.
type reader struct {
	stage   Stage
	run     *pipeline.Run
	ds      *schemas.Dataset
	w       *snapshot.Writer
	b       *columnar.Builder
	rejects *rejects

	rows, ignored int64
	bad           tally
	unused        map[string]bool // columns that give no field
}

// read reads a data set's files and stages its entry. Without files the data set is empty.
func (s Stage) read(ctx context.Context, run *pipeline.Run, p step, rejects *rejects) (err error) {
	w, err := run.Create(ctx, p.ds)
	if err != nil {
		return err
	}
	r := &reader{stage: s, run: run, ds: p.ds, w: w, b: columnar.NewBuilder(memory.DefaultAllocator, p.ds), rejects: rejects, unused: map[string]bool{}}
	defer func() {
		r.b.Release()
		err = errors.Join(err, w.Abort()) // without effect once published
	}()
	if len(p.files) == 0 {
		run.Count("missing."+p.ds.Name, 1)
		run.Log.Warn("export has no file of this data set; it is published empty", "dataset", p.ds.Name)
	}
	var size int64
	for _, f := range p.files {
		size += f.size
	}
	task := run.Progress.Start("read "+ShortName(p.ds), size, "bytes")
	defer task.Done()
	for _, f := range p.files {
		if err := r.file(ctx, f, task); err != nil {
			return err
		}
	}
	if err := r.judge(); err != nil {
		return err
	}
	if err := flush(ctx, w, r.b); err != nil {
		return err
	}
	e, err := run.Publish(ctx, p.ds, w, pipeline.WithFingerprint(p.fingerprint))
	if err != nil {
		return err
	}
	r.count(e, len(p.files))
	return nil
}

func (r *reader) file(ctx context.Context, f file, task pipeline.Task) error {
	var lay *layout
	d, err := f.open(ctx, task, func(columns []string) *layout {
		lay = layoutOf(r.ds, r.stage.Mapping[ShortName(r.ds)], columns)
		return lay
	})
	if err != nil {
		return err
	}
	cells := make([]string, len(r.ds.Fields))
	for {
		clear(cells)
		line, err := d.next(cells)
		if err == io.EOF {
			break
		}
		var bad *badRow
		if err != nil && !errors.As(err, &bad) {
			return errors.Join(fmt.Errorf("%s: %w", f.name, err), d.close())
		}
		if err := r.row(ctx, lay, f.name, line, cells, bad); err != nil {
			return errors.Join(err, d.close())
		}
	}
	for _, c := range d.columns() {
		if _, used := lay.columns[fold(c)]; !used && fold(c) != "" {
			r.unused[c] = true
		}
	}
	if err := d.finish(); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return f.unchanged()
}

// row takes a row or refuses it.
func (r *reader) row(ctx context.Context, lay *layout, file string, line int64, cells []string, bad *badRow) error {
	ignore := false
	if bad == nil {
		ignore, bad = r.take(lay, cells)
	}
	switch {
	case bad != nil:
		r.b.DropRow()
		r.bad.add(file, line, bad)
		return r.rejects.add(ctx, r.ds.Name, file, line, bad)
	case ignore:
		r.ignored++
		return nil
	}
	r.rows++
	if r.b.Full() {
		return flush(ctx, r.w, r.b)
	}
	return nil
}

func (r *reader) take(lay *layout, cells []string) (ignore bool, bad *badRow) {
	for i, f := range r.ds.Fields {
		var reason string
		if cells[i], reason = clean(cells[i]); reason != "" {
			return false, &badRow{field: f.Name, reason: reason}
		}
	}
	if ignore, bad = lay.settle(cells); ignore || bad != nil {
		return ignore, bad
	}
	for i, f := range r.ds.Fields {
		if cells[i] == "" && !f.Nullable() {
			return false, &badRow{field: f.Name, reason: "required value is missing"}
		}
		if reason := lay.put(r.b, i, cells[i]); reason != "" {
			return false, &badRow{field: f.Name, reason: reason}
		}
	}
	if err := r.b.EndRow(); err != nil {
		return false, &badRow{reason: "values do not fit their fields"}
	}
	return false, nil
}

// judge compares the share of refused rows with the limit.
func (r *reader) judge() error {
	all := r.rows + r.ignored + r.bad.lost
	if float64(r.bad.lost) <= r.stage.MaxRejected*float64(all) {
		return nil
	}
	return &RejectedError{Dataset: r.ds.Name, Rows: all, Rejected: r.bad.lost, Limit: r.stage.MaxRejected, Reasons: r.bad.most(5)}
}

func (r *reader) count(e snapshot.Entry, files int) {
	r.run.Count("files."+r.ds.Name, int64(files))
	r.run.Count("rows."+r.ds.Name, e.Rows)
	r.run.Count("rejected."+r.ds.Name, r.bad.refused)
	if n := r.rows - e.Rows; n > 0 {
		r.run.Count("duplicates."+r.ds.Name, n)
	}
	if r.ignored > 0 {
		r.run.Count("ignored."+r.ds.Name, r.ignored)
	}
	if columns := slices.Sorted(maps.Keys(r.unused)); len(columns) > 0 {
		r.run.Log.Warn("columns are not used; to use one, name it in navigator.mapping", "dataset", r.ds.Name, "count", len(columns), "columns", columns[:min(len(columns), 20)])
	}
	for _, why := range r.bad.most(5) {
		r.run.Log.Warn("rows were refused", "dataset", r.ds.Name, "rows", why.Rows, "field", why.Field, "reason", why.Text, "file", why.File, "line", why.Line)
	}
}
