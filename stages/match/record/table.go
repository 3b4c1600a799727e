// Package record holds the records to be linked in columns.
//
// A Table has one id per row and, per role (given_name, company, ...), a Column: a code per row into the list of its distinct
// values. Roles come from package schemas; the matcher knows nothing else of where records come from.
//
// Invariants: code 0 is the missing value ""; ids are unique; a table does not change once built.
package record

import (
	"fmt"
	"strings"

	"github.com/crmsync/crmsync/schemas"
)

// Column is a dictionary-encoded column.
type Column struct {
	Codes  []uint32
	Values *Texts
}

// Value returns the value of a row, "" when it is missing.
func (c *Column) Value(row int) string { return c.Values.At(int(c.Codes[row])) }

// Table is a list of records.
type Table struct {
	ids     Texts
	columns map[schemas.Role]*Column
	written *Written
}

// Len is the number of rows.
func (t *Table) Len() int { return t.ids.Len() }

// ID returns the id of a row.
func (t *Table) ID(row int) string { return t.ids.At(row) }

// Column returns the column with a role; nil when the table has none.
func (t *Table) Column(r schemas.Role) *Column { return t.columns[r] }

// Value returns the value of a row for a role, "" when it is missing.
func (t *Table) Value(row int, r schemas.Role) string {
	if c := t.columns[r]; c != nil {
		return c.Value(row)
	}
	return ""
}

// Without returns the table without some of its columns.
func (t *Table) Without(roles ...schemas.Role) *Table {
	c := &Table{ids: t.ids, columns: map[schemas.Role]*Column{}}
	for role, col := range t.columns {
		c.columns[role] = col
	}
	for _, role := range roles {
		delete(c.columns, role)
	}
	return c
}

// With returns the table with the columns of another one of the same rows, in place of its own where both have a role.
func (t *Table) With(more *Table) *Table {
	c := t.Without()
	for role, col := range more.columns {
		c.columns[role] = col
	}
	return c
}

// Builder makes a table row by row.
type Builder struct {
	roles []schemas.Role
	ids   Dictionary
	dicts []Dictionary
	codes [][]uint32
}

// NewBuilder returns a builder for the roles, which Set numbers in this order.
func NewBuilder(roles ...schemas.Role) *Builder {
	b := &Builder{roles: roles, dicts: make([]Dictionary, len(roles)), codes: make([][]uint32, len(roles))}
	for i := range b.dicts {
		b.dicts[i].Code("")
	}
	return b
}

// Row begins a row. An id that came before is an error.
func (b *Builder) Row(id string) error {
	if n := b.ids.Len(); int(b.ids.Code(id)) < n {
		return fmt.Errorf("record %s occurs twice", id)
	}
	for i := range b.codes {
		b.codes[i] = append(b.codes[i], 0)
	}
	return nil
}

// Set sets the value of column i in the row; one of nothing but space is missing.
func (b *Builder) Set(i int, value string) {
	if value = strings.TrimSpace(value); value == "" {
		return
	}
	b.codes[i][len(b.codes[i])-1] = b.dicts[i].Code(value)
}

// Table returns the table. The builder must not be used afterwards.
func (b *Builder) Table() *Table {
	t := &Table{ids: b.ids.Texts, columns: map[schemas.Role]*Column{}}
	for i, role := range b.roles {
		t.columns[role] = &Column{b.codes[i], &b.dicts[i].Texts}
	}
	return t
}

// WithColumn returns the table with a column in the place of its own, if any, for a role. The column has a code for every row, and
// its first value is "".
func (t *Table) WithColumn(role schemas.Role, c *Column) *Table {
	with := t.Without()
	with.columns[role] = c
	return with
}
