package record

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/schemas"
)

// ReadCSV reads a table from CSV with a header row. columns says which column has which role; names are compared without the
// space around them. Roles of columns that the file lacks are an error.
func ReadCSV(r io.Reader, id string, columns map[schemas.Role]string) (*Table, error) {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	names := make([]string, len(head))
	for i, h := range head {
		names[i] = strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))
	}
	find := func(name string) (int, error) {
		if i := slices.Index(names, name); i >= 0 {
			return i, nil
		}
		return 0, fmt.Errorf("no column %q; there are %s", name, strings.Join(names, ", "))
	}
	idAt, err := find(id)
	if err != nil {
		return nil, err
	}
	var roles []schemas.Role
	for role := range columns {
		roles = append(roles, role)
	}
	slices.Sort(roles)
	at := make([]int, len(roles))
	for i, role := range roles {
		if at[i], err = find(columns[role]); err != nil {
			return nil, fmt.Errorf("role %s: %w", role, err)
		}
	}
	b := NewBuilder(roles...)
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			return b.Table(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		if len(rec) <= idAt || strings.TrimSpace(rec[idAt]) == "" {
			line, _ := in.FieldPos(0)
			return nil, fmt.Errorf("line %d has no %s", line, id)
		}
		if err := b.Row(strings.TrimSpace(rec[idAt])); err != nil {
			return nil, err
		}
		for i, c := range at {
			if c < len(rec) {
				b.Set(i, rec[c])
			}
		}
	}
}
