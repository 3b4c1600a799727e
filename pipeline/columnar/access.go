package columnar

import (
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// StringColumn reads a String or JSON column. The value of a null is "". A value is valid until its record is released.
type StringColumn interface {
	Len() int
	IsNull(i int) bool
	Value(i int) string
}

// BoolColumn reads a Bool column. The value of a null is false.
type BoolColumn interface {
	Len() int
	IsNull(i int) bool
	Value(i int) bool
}

// IntColumn reads an Int64 column. The value of a null is 0.
type IntColumn interface {
	Len() int
	IsNull(i int) bool
	Value(i int) int64
}

// FloatColumn reads a Float64 column. The value of a null is 0.
type FloatColumn interface {
	Len() int
	IsNull(i int) bool
	Value(i int) float64
}

// TimeColumn reads a Date or Timestamp column, in UTC. The value of a null is the zero time.
type TimeColumn interface {
	Len() int
	IsNull(i int) bool
	Value(i int) time.Time
}

// column finds a column by name; a record without it, or one of another type, is a mistake in the program.
func column(rec arrow.Record, name string) arrow.Array {
	at := rec.Schema().FieldIndices(name)
	if len(at) == 0 {
		panic(fmt.Sprintf("columnar: record has no column %s, only %v", name, fieldNames(rec.Schema())))
	}
	return rec.Column(at[0])
}

func mismatch(name string, a arrow.Array, want string) string {
	return fmt.Sprintf("columnar: column %s is %s, read as %s", name, a.DataType(), want)
}

// Strings reads a text column by name, plain or dictionary-encoded.
func Strings(rec arrow.Record, name string) StringColumn {
	switch a := column(rec, name).(type) {
	case *array.String:
		return texts{a}
	case *array.Dictionary:
		if values, ok := a.Dictionary().(*array.String); ok {
			return coded{a, values, a.Indices().(*array.Int32).Int32Values()}
		}
		panic(mismatch(name, a, "string"))
	default:
		panic(mismatch(name, a, "string"))
	}
}

// Bools reads a Bool column by name.
func Bools(rec arrow.Record, name string) BoolColumn {
	a, ok := column(rec, name).(*array.Boolean)
	if !ok {
		panic(mismatch(name, column(rec, name), "bool"))
	}
	return bools{a}
}

// Ints reads an Int64 column by name.
func Ints(rec arrow.Record, name string) IntColumn {
	a, ok := column(rec, name).(*array.Int64)
	if !ok {
		panic(mismatch(name, column(rec, name), "int64"))
	}
	return ints{a}
}

// Floats reads a Float64 column by name.
func Floats(rec arrow.Record, name string) FloatColumn {
	a, ok := column(rec, name).(*array.Float64)
	if !ok {
		panic(mismatch(name, column(rec, name), "float64"))
	}
	return floats{a}
}

// Times reads a Date or Timestamp column by name.
func Times(rec arrow.Record, name string) TimeColumn {
	switch a := column(rec, name).(type) {
	case *array.Date32:
		return dates{a}
	case *array.Timestamp:
		return timestamps{a}
	default:
		panic(mismatch(name, a, "time"))
	}
}

// Codes returns the dictionary codes of a text column, one a row (undefined for nulls), and the distinct values that they number;
// some of these may not occur in the record, since records of one stream share dictionaries.
// ok is false when the column is not dictionary-encoded.
func Codes(rec arrow.Record, name string) (codes []int32, values StringColumn, ok bool) {
	a, ok := column(rec, name).(*array.Dictionary)
	if !ok {
		return nil, nil, false
	}
	return a.Indices().(*array.Int32).Int32Values(), texts{a.Dictionary().(*array.String)}, true
}

type texts struct{ *array.String }

func (c texts) Value(i int) string {
	if c.IsNull(i) {
		return ""
	}
	return c.String.Value(i)
}

type coded struct {
	*array.Dictionary
	values *array.String
	codes  []int32
}

func (c coded) Value(i int) string {
	if c.IsNull(i) {
		return ""
	}
	return c.values.Value(int(c.codes[i]))
}

type bools struct{ *array.Boolean }

func (c bools) Value(i int) bool { return !c.IsNull(i) && c.Boolean.Value(i) }

type ints struct{ *array.Int64 }

func (c ints) Value(i int) int64 {
	if c.IsNull(i) {
		return 0
	}
	return c.Int64.Value(i)
}

type floats struct{ *array.Float64 }

func (c floats) Value(i int) float64 {
	if c.IsNull(i) {
		return 0
	}
	return c.Float64.Value(i)
}

type dates struct{ *array.Date32 }

func (c dates) Value(i int) time.Time {
	if c.IsNull(i) {
		return time.Time{}
	}
	return time.Unix(int64(c.Date32.Value(i))*86400, 0).UTC()
}

type timestamps struct{ *array.Timestamp }

func (c timestamps) Value(i int) time.Time {
	if c.IsNull(i) {
		return time.Time{}
	}
	return time.UnixMilli(int64(c.Timestamp.Value(i))).UTC()
}

func fieldNames(s *arrow.Schema) []string {
	names := make([]string, s.NumFields())
	for i := range names {
		names[i] = s.Field(i).Name
	}
	return names
}
