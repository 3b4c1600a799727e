package columnar

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
)

// Walker steps through the rows of a stream, one record in memory at a time. Call Next before the first row. It is for one goroutine.
type Walker struct {
	// Row is the current row of the record that bind was given last.
	Row    int
	reader RecordReader
	bind   func(rec arrow.Record)
	rec    arrow.Record
	done   bool
}

// NewWalker returns a walker before the first row. bind is called with each record when its rows begin, to take its columns; they are
// valid until the next call. A nil reader has no rows.
func NewWalker(r RecordReader, bind func(rec arrow.Record)) *Walker {
	return &Walker{Row: -1, reader: r, bind: bind, done: r == nil}
}

// Done reports whether the rows have ended.
func (w *Walker) Done() bool { return w.done }

// Next steps to the next row; Done tells whether there was none.
func (w *Walker) Next(ctx context.Context) error {
	w.Row++
	for !w.done && (w.rec == nil || w.Row >= int(w.rec.NumRows())) {
		w.release()
		rec, err := w.reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			w.done = true
			return nil
		}
		if err != nil {
			return err
		}
		w.rec, w.Row = rec, 0
		w.bind(rec)
	}
	return nil
}

func (w *Walker) release() {
	if w.rec != nil {
		w.rec.Release()
		w.rec = nil
	}
}

// Close ends the walk and closes its reader.
func (w *Walker) Close() error {
	w.release()
	w.done = true
	if w.reader == nil {
		return nil
	}
	return w.reader.Close()
}
