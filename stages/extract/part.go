package extract

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/pipeline/columnar"
)

// errPart says that a part is not what its checkpoint says.
var errPart = errors.New("scratch file is damaged")

// partWriter writes records as an Arrow stream, aside. Finish gives the file its name, synced; Abort removes it.
type partWriter struct {
	path   string
	file   *os.File
	buffer *bufio.Writer
	sealed io.WriteCloser
	stream *ipc.Writer
}

func newPart(path string, schema *arrow.Schema, seal columnar.Seal, mem memory.Allocator) (*partWriter, error) {
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make part: %w", err)
	}
	w := &partWriter{path: path, file: f, buffer: bufio.NewWriterSize(f, 256<<10)}
	var out io.Writer = w.buffer
	if seal != nil {
		if w.sealed, err = seal.Seal(w.buffer); err != nil {
			return nil, errors.Join(fmt.Errorf("seal part: %w", err), w.Abort())
		}
		out = w.sealed
	}
	w.stream = ipc.NewWriter(out, ipc.WithSchema(schema), ipc.WithAllocator(mem))
	return w, nil
}

// Write adds a record, which the caller keeps.
func (w *partWriter) Write(rec arrow.Record) error {
	if err := w.stream.Write(rec); err != nil {
		return fmt.Errorf("write part: %w", err)
	}
	return nil
}

// Finish makes the part durable under its name.
func (w *partWriter) Finish() error {
	err := w.close()
	if err == nil {
		err = w.buffer.Flush()
	}
	if err == nil {
		err = w.file.Sync()
	}
	if err = errors.Join(err, w.file.Close()); err == nil {
		err = os.Rename(w.file.Name(), w.path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(w.path))
	}
	if err != nil {
		return fmt.Errorf("finish part: %w", err)
	}
	return nil
}

func (w *partWriter) close() error {
	err := w.stream.Close()
	if w.sealed != nil {
		err = errors.Join(err, w.sealed.Close())
	}
	return err
}

// Abort removes what was written.
func (w *partWriter) Abort() error {
	var err error
	if w.stream != nil {
		err = w.stream.Close()
	}
	return errors.Join(err, w.file.Close(), os.Remove(w.file.Name()))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// eachOfPart calls fn for every record of a part, which is released after.
func eachOfPart(ctx context.Context, path string, seal columnar.Seal, mem memory.Allocator, fn func(arrow.Record) error) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open part: %w: %w", errPart, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var in io.Reader = bufio.NewReaderSize(f, 64<<10)
	if seal != nil {
		if in, err = seal.Unseal(in); err != nil {
			return fmt.Errorf("unseal part: %w: %w", errPart, err)
		}
	}
	stream, err := ipc.NewReader(in, ipc.WithAllocator(mem))
	if err != nil {
		return fmt.Errorf("read part: %w: %w", errPart, err)
	}
	defer stream.Release()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec, err := stream.Read() // valid until the next Read, which releases it
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read part: %w: %w", errPart, err)
		}
		if err := fn(rec); err != nil {
			return err
		}
	}
}
