package rows

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// ErrColumns says that the header is not what was asked for.
var ErrColumns = errors.New("the columns are not those that were asked for")

// RowError says which value of which record could not be taken.
type RowError struct {
	// Line and Record are where the record begins and its number, the header being record 1; zero for JSON.
	Line, Record int64
	// Dataset and Field name the value; ID is the record's Id, if it was read.
	Dataset, Field, ID string
	Err                error
}

func (e *RowError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.%s", e.Dataset, e.Field)
	if e.ID != "" {
		b.WriteString(" of " + e.ID)
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, " (line %d, record %d)", e.Line, e.Record)
	}
	return b.String() + ": " + e.Err.Error()
}
func (e *RowError) Unwrap() error { return e.Err }

// setter puts a value that is not empty into column i of a builder.
type setter func(b *columnar.Builder, i int, cell []byte) error

func setterOf(t schemas.Type) setter {
	switch t {
	case schemas.Bool:
		return func(b *columnar.Builder, i int, cell []byte) error {
			x, err := parseBool(cell)
			if err == nil {
				b.Bool(i, x)
			}
			return err
		}
	case schemas.Int64:
		return func(b *columnar.Builder, i int, cell []byte) error {
			x, err := parseInt(cell)
			if err == nil {
				b.Int(i, x)
			}
			return err
		}
	case schemas.Float64:
		return func(b *columnar.Builder, i int, cell []byte) error {
			x, err := parseFloat(cell)
			if err == nil {
				b.Float(i, x)
			}
			return err
		}
	case schemas.Date:
		return func(b *columnar.Builder, i int, cell []byte) error {
			x, err := parseDate(cell)
			if err == nil {
				b.Time(i, x)
			}
			return err
		}
	case schemas.Timestamp:
		return func(b *columnar.Builder, i int, cell []byte) error {
			x, err := parseTime(cell)
			if err == nil {
				b.Time(i, x)
			}
			return err
		}
	default:
		return func(b *columnar.Builder, i int, cell []byte) error { b.Bytes(i, cell); return nil }
	}
}

// column is a field that is read, and where it goes.
type column struct {
	field schemas.Field
	to    int // column of the builder
	set   setter
}

func columnsOf(ds *schemas.Dataset, columns, targets []string) []column {
	cols := make([]column, len(columns))
	for k, name := range columns {
		f := ds.Field(name)
		cols[k] = column{f, slices.Index(targets, name), setterOf(f.Type)}
	}
	return cols
}

// wrong explains a value that could not be taken; the value is shown unless it is personal data or long.
func (c *column) wrong(ds *schemas.Dataset, id string, cell []byte, err error) *RowError {
	if !c.field.Personal() && len(cell) <= 40 {
		err = fmt.Errorf("%q %w", cell, err)
	} else {
		err = fmt.Errorf("the value %w", err)
	}
	return &RowError{Dataset: ds.Name, Field: c.field.Name, ID: id, Err: err}
}

// Decoder reads CSV with a header row into a builder.
type Decoder struct {
	ds      *schemas.Dataset
	csv     *Reader
	columns []column // in the header's order
	id      int      // the header's column of Id, or -1
	rows    int64
	aside   Aside
}

// Aside takes a record that lacks a required field, which can then be gone on without. Its error ends the reading. Records without an Id
// are not set aside: nobody could tell which they are.
type Aside func(*RowError) error

// take offers an error to a and returns what remains of it.
func (a Aside) take(e *RowError) error {
	if a == nil || e.ID == "" || !errors.Is(e, columnar.ErrRequired) {
		return e
	}
	return a(e)
}

// SetAside has records that lack a required field given to a; without it they end the reading.
func (d *Decoder) SetAside(a Aside) { d.aside = a }

// NewDecoder reads the header, which must name exactly the wanted columns of the data set, in any order. targets are the columns
// of the builders that will be filled; those that are not wanted stay null. An answer without any text has no rows.
func NewDecoder(src io.Reader, ds *schemas.Dataset, wanted, targets []string) (*Decoder, error) {
	d := &Decoder{ds: ds, csv: NewReader(src), id: -1}
	header, err := d.csv.Next()
	if err == io.EOF {
		return d, nil
	}
	if err != nil {
		return nil, err
	}
	byName := map[string]column{}
	for _, c := range columnsOf(ds, wanted, targets) {
		byName[strings.ToLower(c.field.Name)] = c
	}
	for k, name := range header {
		c, ok := byName[strings.ToLower(string(name))]
		if !ok {
			return nil, fmt.Errorf("%s: column %q: %w", ds.Name, name, ErrColumns)
		}
		delete(byName, strings.ToLower(string(name)))
		if c.field.Name == "Id" {
			d.id = k
		}
		d.columns = append(d.columns, c)
	}
	for _, c := range byName {
		return nil, fmt.Errorf("%s: column %s is missing: %w", ds.Name, c.field.Name, ErrColumns)
	}
	return d, nil
}

// Rows is the number of records read so far, those set aside included.
func (d *Decoder) Rows() int64 { return d.rows }

// Fill reads records into the builder until it is full. The error is io.EOF when there are no more records; the builder may then
// hold the last ones.
func (d *Decoder) Fill(b *columnar.Builder) error {
	for !b.Full() {
		cells, err := d.csv.Next()
		if err != nil {
			return err
		}
		for k := range d.columns {
			c := &d.columns[k]
			if len(cells[k]) == 0 || c.to < 0 {
				continue
			}
			if err := c.set(b, c.to, cells[k]); err != nil {
				b.DropRow()
				return d.at(c.wrong(d.ds, d.idOf(cells), cells[k], err))
			}
		}
		d.rows++
		if err := b.EndRow(); err != nil {
			e := &RowError{Dataset: d.ds.Name, Field: "record", ID: d.idOf(cells), Err: err}
			e.Line, e.Record = d.csv.Line(), d.csv.Record()
			if err := d.aside.take(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Decoder) idOf(cells [][]byte) string {
	if d.id < 0 {
		return ""
	}
	return string(cells[d.id])
}

func (d *Decoder) at(e *RowError) error {
	e.Line, e.Record = d.csv.Line(), d.csv.Record()
	return e
}
