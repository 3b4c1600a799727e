package columnar

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/crmsync/crmsync/schemas"
)

// Split copies a record's rows into two records of the data set's columns, by a bool column that need not be among them. The order
// of rows is kept; the caller releases both.
func Split(mem memory.Allocator, ds *schemas.Dataset, rec arrow.Record, by string) (no, yes arrow.Record, err error) {
	schema := Schema(ds)
	mark := Bools(rec, by)
	if n := mark.Len(); n > 0 && sameUntil(mark, 0) == n { // all on one side, as most records are: nothing is copied
		at := make([]int, len(ds.Fields))
		for i, f := range ds.Fields {
			at[i] = rec.Schema().FieldIndices(f.Name)[0]
		}
		all := project(rec, schema, at)
		none := all.NewSlice(0, 0)
		if mark.Value(0) {
			return none, all, nil
		}
		return all, none, nil
	}
	var out [2][]*vector
	for _, f := range ds.Fields {
		for side := range out {
			out[side] = append(out[side], newVector(mem, f))
		}
	}
	defer func() {
		for side := range out {
			for _, v := range out[side] {
				v.release()
			}
		}
	}()
	var rows [2]int
	for from := 0; from < mark.Len(); {
		to := sameUntil(mark, from)
		side := 0
		if mark.Value(from) {
			side = 1
		}
		for i, f := range ds.Fields {
			if err := out[side][i].appendRange(column(rec, f.Name), from, to); err != nil {
				return nil, nil, fmt.Errorf("split %s: %w", ds.Name, err)
			}
		}
		rows[side] += to - from
		from = to
	}
	return newRecord(schema, out[0], rows[0]), newRecord(schema, out[1], rows[1]), nil
}

// sameUntil returns the end of the rows from the given one on that have the same value.
func sameUntil(c BoolColumn, from int) int {
	to := from + 1
	for to < c.Len() && c.Value(to) == c.Value(from) {
		to++
	}
	return to
}
