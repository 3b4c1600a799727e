package directory

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/crmsync/crmsync/pipeline"
)

// decoder yields the rows of one file as texts.
type decoder interface {
	// next sets the texts of the fields that the row has; the others stay as they are. It returns where the row begins: the line,
	// or the row's number in a Parquet file, from 1. io.EOF ends the file; a *badRow is about one row, and reading goes on.
	next(cells []string) (line int64, err error)
	// columns are the names seen so far, in their order.
	columns() []string
	// finish checks, after the last row, what could not be checked before, and closes the file.
	finish() error
	close() error
}

// badRow says why a row is refused. It never holds a value.
type badRow struct {
	field  string // "" when no single field is at fault
	reason string
	lines  int64 // lines that the row takes up, when more than one
}

func (b *badRow) Error() string {
	if b.field == "" {
		return b.reason
	}
	return b.field + ": " + b.reason
}

// maxRecord bounds one CSV record or JSON line. What is longer is a quote that was never closed, or no such file.
const maxRecord = 16 << 20

var errTooLong = errors.New("record is longer than 16 MiB; a quote is probably not closed, or this is no text file")

// open returns the decoder of a file; choose tells its layout by its columns.
func (f *file) open(ctx context.Context, task pipeline.Task, choose func(columns []string) *layout) (_ decoder, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", f.name, err)
		}
	}()
	in, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.Close())
		}
	}()
	if f.kind == parquetFile {
		return newParquet(in, f.size, task, choose)
	}
	if f.size == 0 {
		return nil, errors.New("file is empty; export it again, or remove it if there is nothing to export")
	}
	var r io.Reader = &meter{ctx: ctx, r: in, task: task}
	if f.gzipped {
		if r, err = gzip.NewReader(bufio.NewReaderSize(r, 64<<10)); err != nil {
			return nil, err
		}
	}
	text, err := plainText(r)
	if err != nil {
		return nil, err
	}
	if f.kind == ndjsonFile {
		return newNDJSON(text, in, choose)
	}
	return newCSV(text, in, choose)
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// plainText skips the mark that some programs put before UTF-8, and refuses UTF-16.
func plainText(r io.Reader) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	start, err := b.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(start, byteOrderMark):
		if _, err := b.Discard(len(byteOrderMark)); err != nil {
			return nil, err
		}
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
		return nil, errors.New("file is UTF-16; save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")")
	}
	return b, nil
}
