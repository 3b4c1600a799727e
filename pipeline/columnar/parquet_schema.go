package columnar

import (
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/crmsync/crmsync/schemas"
)

// orderedGroup keeps the registry's order of columns; a parquet.Group alone sorts them by name.
type orderedGroup struct {
	parquet.Group
	fields []parquet.Field
}

func (g *orderedGroup) Fields() []parquet.Field { return g.fields }

func parquetSchema(ds *schemas.Dataset, fields []schemas.Field) *parquet.Schema {
	group := parquet.Group{}
	order := make(map[string]int, len(fields))
	for i, f := range fields {
		group[f.Name] = parquetNode(f)
		order[f.Name] = i
	}
	byName := group.Fields()
	slices.SortFunc(byName, func(a, b parquet.Field) int { return order[a.Name()] - order[b.Name()] })
	return parquet.NewSchema(ds.Name, &orderedGroup{Group: group, fields: byName})
}

func parquetNode(f schemas.Field) parquet.Node {
	var n parquet.Node
	switch f.Type {
	case schemas.String:
		n = parquet.String()
	case schemas.JSON:
		n = parquet.JSON()
	case schemas.Bool:
		n = parquet.Leaf(parquet.BooleanType)
	case schemas.Int64:
		n = parquet.Int(64)
	case schemas.Float64:
		n = parquet.Leaf(parquet.DoubleType)
	case schemas.Date:
		n = parquet.Date()
	case schemas.Timestamp:
		n = parquet.Timestamp(parquet.Millisecond)
	default:
		panic(fmt.Sprintf("columnar: field %s has unknown type %q", f.Name, f.Type))
	}
	if f.Repeats() {
		n = parquet.Encoded(n, &parquet.RLEDictionary)
	}
	if f.Nullable() {
		n = parquet.Optional(n)
	}
	return n
}
