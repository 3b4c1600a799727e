package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// partWriter writes the rows of a layer, or its tombstones, as one file or as several parts. The files lie aside until name gives
// them their names.
type partWriter struct {
	store   *Store
	ds      *schemas.Dataset
	runID   string
	dir     string // where the files lie aside
	what    string // base, delta or tombstones: the file's name
	kind    string
	columns []string

	file   *os.File
	sum    hash.Hash
	out    *counter
	sealed io.WriteCloser // nil: plain
	rows   *columnar.Writer
	done   []File
	aside  []string // paths of the files begun
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// write appends the rows of a record; the first one creates the file.
func (p *partWriter) write(rec arrow.Record) error {
	if rec.NumRows() == 0 {
		return nil
	}
	if p.rows != nil && p.out.n >= p.store.o.MaxFileBytes {
		if err := p.finish(); err != nil {
			return err
		}
	}
	if p.rows == nil {
		if err := p.begin(); err != nil {
			return err
		}
	}
	return p.rows.Write(rec)
}

func (p *partWriter) begin() error {
	name := p.store.fileName(p.runID, p.what, len(p.done)+1)
	path := filepath.Join(p.dir, name)
	f, err := p.store.disk.create(path)
	if err != nil {
		return err
	}
	p.file, p.sum = f, sha256.New()
	p.out = &counter{w: io.MultiWriter(f, p.sum)}
	var out io.Writer = p.out
	if id := p.store.identity; id != nil {
		if p.sealed, err = age.Encrypt(p.out, id.Recipient()); err != nil {
			return err
		}
		out = p.sealed
	}
	p.rows = columnar.NewWriter(out, p.ds, columnar.WriterOptions{Columns: p.columns})
	p.aside = append(p.aside, path)
	return nil
}

// written is how many rows were written so far.
func (p *partWriter) written() int64 {
	var n int64
	for _, f := range p.done {
		n += f.Rows
	}
	if p.rows != nil {
		n += p.rows.Rows()
	}
	return n
}

// finish completes the current file: its bytes are on the disk when it returns.
func (p *partWriter) finish() error {
	if p.rows == nil {
		return nil
	}
	if err := p.rows.Close(); err != nil {
		return err
	}
	if p.sealed != nil {
		if err := p.sealed.Close(); err != nil {
			return err
		}
	}
	if err := p.store.disk.sync(p.file); err != nil {
		return err
	}
	f := p.file
	p.file = nil
	if err := p.store.disk.close(f); err != nil {
		return err
	}
	name := filepath.Base(f.Name())
	p.done = append(p.done, File{
		Path: p.ds.Name + "/" + name, Kind: p.kind, Rows: p.rows.Rows(), Bytes: p.out.n, SHA256: hex.EncodeToString(p.sum.Sum(nil)),
	})
	p.rows, p.sealed = nil, nil
	return nil
}

// name gives the finished files their names.
func (p *partWriter) name() error {
	for i, from := range p.aside {
		if err := p.store.disk.rename(from, p.store.Path(p.done[i])); err != nil {
			return err
		}
	}
	return nil
}

// abandon closes what is open; the files lie aside, whose folder the caller removes.
func (p *partWriter) abandon() error {
	if p.file == nil {
		return nil
	}
	err := p.file.Close()
	p.file, p.rows = nil, nil
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
