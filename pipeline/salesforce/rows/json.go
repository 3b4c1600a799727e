package rows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// JSONDecoder reads records of REST answers into builders.
type JSONDecoder struct {
	ds      *schemas.Dataset
	columns []column
	aside   Aside
}

// SetAside has records that lack a required field given to a; without it they are errors.
func (d *JSONDecoder) SetAside(a Aside) { d.aside = a }

// NewJSONDecoder reads the wanted columns of the data set into builders that have the target columns.
func NewJSONDecoder(ds *schemas.Dataset, wanted, targets []string) *JSONDecoder {
	return &JSONDecoder{ds: ds, columns: columnsOf(ds, wanted, targets)}
}

var null = []byte("null")

// Append adds one record to the builder. A wanted field that the record lacks is an error: REST answers name nulls too.
func (d *JSONDecoder) Append(b *columnar.Builder, record json.RawMessage) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(record, &values); err != nil {
		return fmt.Errorf("%s: a record is no JSON object: %w", d.ds.Name, err)
	}
	var id string
	_ = json.Unmarshal(values["Id"], &id) // only for messages; the column itself is checked below
	for k := range d.columns {
		c := &d.columns[k]
		raw, ok := lookUp(values, c.field.Name)
		if !ok {
			b.DropRow()
			return &RowError{Dataset: d.ds.Name, Field: c.field.Name, ID: id, Err: ErrColumns}
		}
		if c.to < 0 || bytes.Equal(raw, null) {
			continue
		}
		cell := []byte(raw)
		if raw[0] == '"' {
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				b.DropRow()
				return &RowError{Dataset: d.ds.Name, Field: c.field.Name, ID: id, Err: err}
			}
			if s == "" {
				continue
			}
			cell = []byte(s)
		}
		if err := c.set(b, c.to, cell); err != nil {
			b.DropRow()
			return c.wrong(d.ds, id, cell, err)
		}
	}
	if err := b.EndRow(); err != nil {
		return d.aside.take(&RowError{Dataset: d.ds.Name, Field: "record", ID: id, Err: err})
	}
	return nil
}

func lookUp(values map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	if v, ok := values[name]; ok {
		return v, true
	}
	for k, v := range values {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return nil, false
}
