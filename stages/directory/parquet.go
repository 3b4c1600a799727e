package directory

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// parquetDecoder reads a Parquet file of any schema, made by whatever program. Columns inside groups are named with dots; the values
// of a list are joined by schemas.ListSeparator.
type parquetDecoder struct {
	file   *os.File
	names  []string
	leaves []leaf // by column index
	groups []parquet.RowGroup
	rows   parquet.Rows // of the row group that is read
	buf    []parquet.Row
	have   []parquet.Row // rows of buf not yet handed out
	n      int64
	total  int64 // rows that the file says it has

	task        pipeline.Task
	bytesPerRow float64
	reported    int64
}

// leaf is a column of the file.
type leaf struct {
	field int // -1: not used
	text  func(parquet.Value) string
}

// batch is how many rows are decoded at once.
const batch = 512

func newParquet(f *os.File, size int64, task pipeline.Task, choose func([]string) *layout) (_ *parquetDecoder, err error) {
	defer caught(&err)
	if err := sound(f, size); err != nil {
		return nil, fmt.Errorf("no readable Parquet file: %w", err)
	}
	pf, err := parquet.OpenFile(f, size, &parquet.FileConfig{SkipPageIndex: true, SkipBloomFilters: true})
	if err != nil {
		return nil, fmt.Errorf("no readable Parquet file: %w: %w", err, columnar.ErrCorrupt)
	}
	d := &parquetDecoder{file: f, groups: pf.RowGroups(), buf: make([]parquet.Row, batch), task: task, total: pf.NumRows()}
	if d.total > 0 {
		d.bytesPerRow = float64(size) / float64(d.total)
	}
	paths := pf.Schema().Columns()
	found := make([]parquet.LeafColumn, len(paths))
	d.names = make([]string, len(paths))
	for i, path := range paths {
		found[i], _ = pf.Schema().Lookup(path...)
		d.names[i] = columnName(path, found[i].MaxRepetitionLevel > 0)
	}
	at, err := choose(d.names).header(d.names)
	if err != nil {
		return nil, err
	}
	d.leaves = make([]leaf, len(paths))
	for i, field := range at {
		l := leaf{field: field}
		if field >= 0 {
			if l.text = speller(found[i].Node.Type()); l.text == nil {
				return nil, fmt.Errorf("column %q is of type %s, which cannot be read; export it as text", d.names[i], found[i].Node.Type())
			}
		}
		d.leaves[i] = l
	}
	return d, nil
}

// sound has columnar check the file's footer before it is decoded, since a damaged one can ask for any amount of memory. It opens the
// file as a data set that has no column in common with it, so nothing else is looked at.
func sound(f io.ReaderAt, size int64) error {
	none := &schemas.Dataset{Name: "probe", Fields: []schemas.Field{{Name: "\x00", Type: schemas.String, Flags: schemas.Nullable}}}
	r, err := columnar.NewReader(f, size, none, columnar.ReaderOptions{})
	if err != nil {
		return err
	}
	return r.Close()
}

// columnName joins a path by dots, without the groups that only make a list.
func columnName(path []string, repeated bool) string {
	if !repeated {
		return strings.Join(path, ".")
	}
	parts := path[:1:1]
	for _, p := range path[1:] {
		switch p {
		case "list", "bag", "element", "array", "array_element", "item":
		default:
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ".")
}

func (d *parquetDecoder) columns() []string { return d.names }

func (d *parquetDecoder) next(cells []string) (_ int64, err error) {
	defer caught(&err)
	for len(d.have) == 0 {
		if err := d.fill(); err != nil {
			return 0, err
		}
	}
	row := d.have[0]
	d.have = d.have[1:]
	d.n++
	for _, v := range row {
		l := d.leaves[v.Column()]
		if l.field < 0 || v.IsNull() {
			continue
		}
		text := l.text(v)
		if v.RepetitionLevel() > 0 && cells[l.field] != "" {
			text = cells[l.field] + schemas.ListSeparator + text
		}
		cells[l.field] = text
	}
	return d.n, nil
}

// fill decodes the next rows.
func (d *parquetDecoder) fill() error {
	if now := int64(float64(d.n) * d.bytesPerRow); now > d.reported {
		d.task.Add(now - d.reported)
		d.reported = now
	}
	for d.rows == nil {
		if len(d.groups) == 0 && d.n != d.total {
			return fmt.Errorf("%d rows instead of %d: %w", d.n, d.total, columnar.ErrCorrupt)
		}
		if len(d.groups) == 0 {
			return io.EOF
		}
		d.rows, d.groups = d.groups[0].Rows(), d.groups[1:]
	}
	n, err := d.rows.ReadRows(d.buf)
	d.have = d.buf[:n]
	if err == io.EOF || err == nil && n == 0 {
		err = d.rows.Close()
		d.rows = nil
	}
	if err != nil {
		return fmt.Errorf("after row %d: %w: %w", d.n, err, columnar.ErrCorrupt)
	}
	return nil
}

func (d *parquetDecoder) finish() error { return d.close() }

func (d *parquetDecoder) close() (err error) {
	defer func() { err = errors.Join(err, d.file.Close()) }()
	defer caught(&err)
	if d.rows == nil {
		return nil
	}
	rows := d.rows
	d.rows = nil
	return rows.Close()
}

// caught turns a panic of the Parquet library, which damaged files bring about, into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("parquet file is damaged: %v: %w", p, columnar.ErrCorrupt)
	}
}

// speller returns how values of a type are spelled as text, nil for types that are not read.
func speller(t parquet.Type) func(parquet.Value) string {
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.DecimalType, *format.TimeType, *format.UUIDType, *format.Float16Type:
			return nil
		case *format.DateType:
			return func(v parquet.Value) string { return day(int64(v.Int32())) }
		case *format.TimestampType:
			unit := l.Unit.Value.Duration()
			return func(v parquet.Value) string { return instant(v.Int64(), unit) }
		case *format.IntType:
			if !l.IsSigned {
				return func(v parquet.Value) string { return unsigned(v) }
			}
		}
	}
	switch t.Kind() {
	case parquet.Boolean:
		return func(v parquet.Value) string { return strconv.FormatBool(v.Boolean()) }
	case parquet.Int32:
		return func(v parquet.Value) string { return strconv.FormatInt(int64(v.Int32()), 10) }
	case parquet.Int64:
		return func(v parquet.Value) string { return strconv.FormatInt(v.Int64(), 10) }
	case parquet.Int96:
		return func(v parquet.Value) string { return julian(v.Int96()) }
	case parquet.Float:
		return func(v parquet.Value) string { return strconv.FormatFloat(float64(v.Float()), 'f', -1, 32) }
	case parquet.Double:
		return func(v parquet.Value) string { return strconv.FormatFloat(v.Double(), 'f', -1, 64) }
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return func(v parquet.Value) string { return string(v.ByteArray()) }
	default:
		return nil
	}
}

func unsigned(v parquet.Value) string {
	if v.Kind() == parquet.Int32 {
		return strconv.FormatUint(uint64(v.Uint32()), 10)
	}
	return strconv.FormatUint(v.Uint64(), 10)
}

func day(n int64) string { return time.Unix(n*86400, 0).UTC().Format(time.DateOnly) }

func instant(n int64, unit time.Duration) string {
	var t time.Time
	switch unit {
	case time.Millisecond:
		t = time.UnixMilli(n)
	case time.Microsecond:
		t = time.UnixMicro(n)
	default:
		t = time.Unix(0, n)
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// julian spells the 96-bit timestamps of older programs: nanoseconds of the day, and the Julian day number.
func julian(v deprecated.Int96) string {
	const epoch = 2440588 // 1970-01-01
	nanos := int64(uint64(v[1])<<32 | uint64(v[0]))
	return time.Unix((int64(v[2])-epoch)*86400, nanos).UTC().Format(time.RFC3339Nano)
}
