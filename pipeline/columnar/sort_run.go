package columnar

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// run is a scratch file of sorted rows, as an Arrow stream. The file has no name any more, so it vanishes with the process.
type run struct {
	file  *os.File
	level int // how many times its rows were merged
}

func (r *run) close() error {
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	if err := f.Close(); err != nil {
		return fmt.Errorf("close scratch file: %w", err)
	}
	return nil
}

// maxFanIn bounds how many runs are merged at once, and so how many files are open.
const maxFanIn = 64

// runBytes is the size of a record in a run: small enough that one of each run, read and decoded, fits into half of the budget.
func (s *Sorter) runBytes() int64 { return min(max(s.o.Budget/256, 16<<10), 1<<20) }

// fanIn is how many runs are merged at once.
func (s *Sorter) fanIn() int { return int(min(max(s.o.Budget/2/(3*s.runBytes()), 2), maxFanIn)) }

// spill writes the rows in memory as a run, and merges runs when many have gathered: those merged equally often lie side by side, so
// the order of writing is kept.
func (s *Sorter) spill(ctx context.Context) error {
	s.endChunk()
	if len(s.full) == 0 {
		return nil
	}
	if err := s.writeRun(ctx, s.inMemory(BatchRows, s.runBytes()), 0, len(s.runs), len(s.runs)); err != nil {
		return err
	}
	s.full, s.size = nil, 0
	for _, v := range s.vecs {
		if v.dict != nil {
			v.forget()
		}
	}
	for {
		n, level := 0, s.runs[len(s.runs)-1].level
		for n < len(s.runs) && s.runs[len(s.runs)-1-n].level == level {
			n++
		}
		if n < s.fanIn() {
			return nil
		}
		if err := s.mergeRuns(ctx, len(s.runs)-n, len(s.runs)); err != nil {
			return err
		}
	}
}

// mergeRuns makes the runs [from, to) one.
func (s *Sorter) mergeRuns(ctx context.Context, from, to int) error {
	level := 0
	for _, r := range s.runs[from:to] {
		level = max(level, r.level+1)
	}
	merged, err := s.merge(s.runs[from:to])
	if err != nil {
		return err
	}
	return s.writeRun(ctx, merged, level, from, to)
}

// writeRun writes a stream as a run and puts it in the place of the runs [from, to), whose files the stream closes.
func (s *Sorter) writeRun(ctx context.Context, r RecordReader, level, from, to int) (err error) {
	f, err := s.scratchFile()
	if err != nil {
		return errors.Join(err, r.Close())
	}
	if err = s.copyTo(ctx, f, r); err != nil {
		return errors.Join(err, f.Close())
	}
	s.runs = append(s.runs[:from], append([]*run{{file: f, level: level}}, s.runs[to:]...)...)
	return nil
}

func (s *Sorter) scratchFile() (*os.File, error) {
	if err := os.MkdirAll(s.o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make scratch folder: %w", err)
	}
	f, err := os.CreateTemp(s.o.Dir, "sort-*.arrow")
	if err != nil {
		return nil, fmt.Errorf("make scratch file: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("unlink scratch file: %w", err), f.Close())
	}
	return f, nil
}

// copyTo writes the stream to the file.
func (s *Sorter) copyTo(ctx context.Context, f *os.File, r RecordReader) error {
	buffered := bufio.NewWriterSize(f, 256<<10)
	var out io.Writer = buffered
	var sealed io.WriteCloser
	if s.o.Seal != nil {
		var err error
		if sealed, err = s.o.Seal.Seal(buffered); err != nil {
			return errors.Join(fmt.Errorf("seal scratch file: %w", err), r.Close())
		}
		out = sealed
	}
	counted := &counter{w: out}
	w := ipc.NewWriter(counted, ipc.WithSchema(r.Schema()), ipc.WithAllocator(s.o.Allocator))
	err := Each(ctx, r, func(rec arrow.Record) error { return w.Write(rec) })
	err = errors.Join(err, w.Close())
	if sealed != nil {
		err = errors.Join(err, sealed.Close())
	}
	if err = errors.Join(err, buffered.Flush()); err != nil {
		return fmt.Errorf("write scratch file: %w", err)
	}
	s.spilled.Add(counted.n)
	return nil
}

// merge streams runs as one; the stream closes their files.
func (s *Sorter) merge(runs []*run) (RecordReader, error) {
	sources := make([]Source, len(runs))
	for i, r := range runs {
		in, err := s.openRun(r)
		if err != nil {
			for _, opened := range sources[:i] {
				err = errors.Join(err, opened.Reader.Close())
			}
			return nil, err
		}
		sources[i] = Source{Reader: in}
	}
	batch := int64(BatchBytes)
	if batch > s.o.Budget/8 {
		batch = s.o.Budget / 8
	}
	return Merge(s.ds, sources, MergeOptions{
		Columns: s.o.Columns, Key: s.o.Key, KeepAll: s.o.KeepAll, BatchBytes: batch, Allocator: s.o.Allocator,
	}), nil
}

func (s *Sorter) openRun(r *run) (RecordReader, error) {
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read scratch file: %w", err)
	}
	var in io.Reader = bufio.NewReaderSize(r.file, 64<<10)
	if s.o.Seal != nil {
		var err error
		if in, err = s.o.Seal.Unseal(in); err != nil {
			return nil, fmt.Errorf("unseal scratch file: %w", err)
		}
	}
	stream, err := ipc.NewReader(in, ipc.WithAllocator(s.o.Allocator))
	if err != nil {
		return nil, fmt.Errorf("read scratch file: %w", err)
	}
	return &runReader{run: r, stream: stream}, nil
}

type runReader struct {
	run    *run
	stream *ipc.Reader
}

func (r *runReader) Schema() *arrow.Schema { return r.stream.Schema() }

func (r *runReader) Next(ctx context.Context) (arrow.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rec, err := r.stream.Read()
	if err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		return nil, fmt.Errorf("read scratch file: %w", err)
	}
	rec.Retain()
	return rec, nil
}

func (r *runReader) Close() error {
	if r.run == nil {
		return nil
	}
	r.stream.Release()
	err := r.run.close()
	r.run = nil
	return err
}
