package columnar

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/crmsync/crmsync/schemas"
)

// The text forms of days and instants.
const (
	dateForm      = "2006-01-02"
	timestampForm = "2006-01-02T15:04:05.000Z"
)

// Text sets column i from its text form: true or false, decimal numbers, 2006-01-02, RFC 3339 instants, text as it is.
func (b *Builder) Text(i int, s string) {
	switch b.cols[i].field.Type {
	case schemas.String, schemas.JSON:
		b.String(i, s)
		return
	case schemas.Bool:
		if v, err := strconv.ParseBool(s); err == nil {
			b.Bool(i, v)
			return
		}
	case schemas.Int64:
		if v, err := strconv.ParseInt(s, 10, 64); err == nil {
			b.Int(i, v)
			return
		}
	case schemas.Float64:
		if v, err := strconv.ParseFloat(s, 64); err == nil {
			b.Float(i, v)
			return
		}
	case schemas.Date:
		if v, err := time.Parse(dateForm, s); err == nil {
			b.Time(i, v)
			return
		}
	case schemas.Timestamp:
		if v, err := time.Parse(time.RFC3339Nano, s); err == nil {
			b.Time(i, v)
			return
		}
	}
	b.refuse(i, fmt.Sprintf("text is not a %s", b.cols[i].field.Type))
}

// TextAt returns a value of a column in its text form; "" and false for a null.
func TextAt(a arrow.Array, i int) (string, bool) {
	if a.IsNull(i) {
		return "", false
	}
	switch a := a.(type) {
	case *array.String:
		return a.Value(i), true
	case *array.Dictionary:
		return TextAt(a.Dictionary(), a.GetValueIndex(i))
	case *array.Boolean:
		return strconv.FormatBool(a.Value(i)), true
	case *array.Int64:
		return strconv.FormatInt(a.Value(i), 10), true
	case *array.Float64:
		return strconv.FormatFloat(a.Value(i), 'g', -1, 64), true
	case *array.Date32:
		return dates{a}.Value(i).Format(dateForm), true
	case *array.Timestamp:
		return timestamps{a}.Value(i).Format(timestampForm), true
	default:
		return a.ValueStr(i), true
	}
}

// WriteCSV writes a stream as CSV for people, with a header line; nulls and empty texts are both empty. It closes the stream.
func WriteCSV(ctx context.Context, w io.Writer, r RecordReader) error {
	out := csv.NewWriter(w)
	if err := out.Write(fieldNames(r.Schema())); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	line := make([]string, r.Schema().NumFields())
	err := Each(ctx, r, func(rec arrow.Record) error {
		for row := range int(rec.NumRows()) {
			for i, a := range rec.Columns() {
				line[i], _ = TextAt(a, row)
			}
			if err := out.Write(line); err != nil {
				return fmt.Errorf("write csv: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}
