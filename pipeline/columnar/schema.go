package columnar

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/schemas"
)

var (
	codedType     = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	timestampType = &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
)

// Schema returns the Arrow schema of the named columns of a data set, in the order named; none means all in the registry's order.
// It panics when the data set has no such column, which is a mistake in the program.
func Schema(ds *schemas.Dataset, columns ...string) *arrow.Schema {
	fields := Fields(ds, columns...)
	out := make([]arrow.Field, len(fields))
	for i, f := range fields {
		out[i] = arrow.Field{Name: f.Name, Type: arrowType(f), Nullable: f.Nullable()}
	}
	return arrow.NewSchema(out, nil)
}

// Fields returns the definitions of the named columns; none means all.
func Fields(ds *schemas.Dataset, columns ...string) []schemas.Field {
	if len(columns) == 0 {
		return ds.Fields
	}
	fields := make([]schemas.Field, len(columns))
	for i, name := range columns {
		fields[i] = ds.Field(name)
	}
	return fields
}

func arrowType(f schemas.Field) arrow.DataType {
	switch f.Type {
	case schemas.String, schemas.JSON:
		if f.Repeats() {
			return codedType
		}
		return arrow.BinaryTypes.String
	case schemas.Bool:
		return arrow.FixedWidthTypes.Boolean
	case schemas.Int64:
		return arrow.PrimitiveTypes.Int64
	case schemas.Float64:
		return arrow.PrimitiveTypes.Float64
	case schemas.Date:
		return arrow.FixedWidthTypes.Date32
	case schemas.Timestamp:
		return timestampType
	default:
		panic(fmt.Sprintf("columnar: field %s has unknown type %q", f.Name, f.Type))
	}
}
