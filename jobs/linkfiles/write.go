package linkfiles

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/renameio/v2"
	"github.com/sourcegraph/conc/stream"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/cluster"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

// outputOf defines the rows that are written: the same columns for the same kind of job, whatever it finds, and then a column for
// each comparison with the name of its level, missing when a side has no value.
func (j *Job) outputOf(features []linkage.Feature, dedupe bool) *schemas.Dataset {
	ds := &schemas.Dataset{Name: "links", Key: []string{"left_id", "right_id"}, Fields: []schemas.Field{
		{Name: "left_id", Type: schemas.String},
		{Name: "right_id", Type: schemas.String},
		{Name: "probability", Type: schemas.Float64},
		{Name: "weight", Type: schemas.Float64},
		{Name: "decision", Type: schemas.String, Flags: schemas.Repeats},
	}}
	switch {
	case dedupe:
		ds.Fields = append(ds.Fields, schemas.Field{Name: "cluster", Type: schemas.String, Flags: schemas.Nullable})
	case !j.Many:
		ds.Fields = append(ds.Fields, schemas.Field{Name: "duplicate_of", Type: schemas.String, Flags: schemas.Nullable})
	}
	for _, f := range features {
		ds.Fields = append(ds.Fields, schemas.Field{Name: f.Name, Type: schemas.String, Flags: schemas.Nullable | schemas.Repeats})
	}
	return ds
}

// write writes the matches beside the file and puts them in its place when they are complete.
func (j *Job) write(ctx context.Context, res *linkage.Result, clusters *cluster.Clusters) (err error) {
	f, err := renameio.NewPendingFile(j.Out, renameio.WithPermissions(0o600))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Cleanup()) }()
	rows := rows{j.outputOf(res.Features, clusters != nil), res, clusters, j.Many, max(1, j.Workers)}
	to := rows.csv
	if strings.EqualFold(filepath.Ext(j.Out), ".parquet") {
		to = rows.parquet
	}
	if err := to(ctx, f); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}

// rows are what is written.
type rows struct {
	*schemas.Dataset
	res      *linkage.Result
	clusters *cluster.Clusters // nil for two files
	many     bool
	workers  int
}

// start fills in the texts of a row that come before those of its comparisons, but for the probability and the weight, and returns how
// many there are.
func (r rows) start(m *linkage.Match, texts []string) int {
	texts[0], texts[1], texts[4] = m.Left, m.Right, m.Decision
	switch {
	case r.clusters != nil:
		texts[5] = r.clusterOf(m)
	case !r.many:
		texts[5] = m.DuplicateOf
	default:
		return 5
	}
	return 6
}

// levels fills in the names of a pattern's levels.
func (r rows) levels(p feature.Pattern, texts []string) {
	for c, f := range r.res.Features {
		texts[c] = f.Levels[p.Level(c)]
	}
}

// clusterOf is the cluster that both records are in, "" when there is none.
func (r rows) clusterOf(m *linkage.Match) string {
	if name := r.clusters.Name(m.Left); name == r.clusters.Name(m.Right) {
		return name
	}
	return ""
}

// precise cuts a probability to what is written.
func precise(p float64) float64 { return math.Round(p*1e9) / 1e9 }

// written is how many rows are turned into text at a time.
const written = 4096

// csv turns rows into text on several goroutines and writes them in their order.
func (r rows) csv(ctx context.Context, to io.Writer) error {
	head := csv.NewWriter(to)
	if err := head.Write(r.Names()); err != nil {
		return err
	}
	head.Flush()
	failed := head.Error()
	s := stream.New().WithMaxGoroutines(r.workers)
	pool := sync.Pool{New: func() any { return r.newLines() }}
	for matches := range slices.Chunk(r.res.Matches, written) {
		if ctx.Err() != nil {
			break
		}
		s.Go(func() stream.Callback {
			piece := pool.Get().(*lines)
			piece.Reset()
			err := piece.add(matches)
			return func() {
				failed = cmp.Or(failed, err)
				if failed == nil {
					_, failed = piece.WriteTo(to)
				}
				pool.Put(piece)
			}
		})
	}
	s.Wait()
	return cmp.Or(failed, ctx.Err())
}

// lines are rows as CSV. What a row says of its comparisons is what thousands of others say, and is written out once.
type lines struct {
	rows
	bytes.Buffer
	w     *csv.Writer // to the buffer
	row   []string
	known map[feature.Pattern]string // the levels of a pattern as CSV, with the end of the line
}

func (r rows) newLines() *lines {
	t := &lines{rows: r, row: make([]string, len(r.Fields)), known: map[feature.Pattern]string{}}
	t.w = csv.NewWriter(&t.Buffer)
	return t
}

func (t *lines) add(matches []linkage.Match) error {
	for i := range matches {
		m := &matches[i]
		n := t.start(m, t.row)
		t.row[2], t.row[3] = strconv.FormatFloat(precise(m.Probability), 'f', -1, 64), strconv.FormatFloat(m.Weight, 'f', -1, 64)
		if err := t.write(t.row[:n]); err != nil {
			return err
		}
		if n == len(t.row) {
			continue
		}
		levels, ok := t.known[m.Pattern]
		if !ok {
			at := t.Len()
			t.levels(m.Pattern, t.row[n:])
			if err := t.write(t.row[n:]); err != nil {
				return err
			}
			levels = string(t.Bytes()[at:])
			t.known[m.Pattern] = levels
			t.Truncate(at)
		}
		t.Truncate(t.Len() - len("\n")) // the row goes on
		_ = t.WriteByte(',')
		_, _ = t.WriteString(levels) // a buffer takes everything
	}
	return nil
}

// write adds fields to the buffer, with the end of the line.
func (t *lines) write(fields []string) error {
	err := t.w.Write(fields)
	t.w.Flush()
	return cmp.Or(err, t.w.Error())
}

func (r rows) parquet(ctx context.Context, to io.Writer) error {
	w := columnar.NewWriter(to, r.Dataset, columnar.WriterOptions{})
	b := columnar.NewBuilder(memory.DefaultAllocator, r.Dataset)
	defer b.Release()
	flush := func() error {
		rec := b.NewRecord()
		defer rec.Release()
		return errors.Join(ctx.Err(), w.Write(rec))
	}
	texts := make([]string, len(r.Fields))
	var err error
	for i := range r.res.Matches {
		m := &r.res.Matches[i]
		n := r.start(m, texts)
		r.levels(m.Pattern, texts[n:])
		for i, text := range texts {
			if text != "" {
				b.String(i, text)
			}
		}
		b.Float(2, precise(m.Probability))
		b.Float(3, m.Weight)
		if err = b.EndRow(); err == nil && b.Full() {
			err = flush()
		}
		if err != nil {
			break
		}
	}
	if err == nil && b.Len() > 0 {
		err = flush()
	}
	return errors.Join(err, w.Close())
}
