package fakeforce

import (
	"errors"
	"fmt"
	"strings"
)

func lowerName(object string) string { return strings.ToLower(object) }

// The methods of this file change and read the org in the same process, with the rights of the system: read-only fields may
// be set (Id, CreatedDate, SystemModstamp, IsDeleted, Name, IsWon, …), required ones may be missing, and references are not
// checked. Types, lengths and unique values are. Field values are strings, bools, ints, float64s, time.Times or nil.

// Insert makes a row and returns its id.
func (o *Org) Insert(object string, fields map[string]any) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t, err := o.table(object)
	if err != nil {
		return "", fmt.Errorf("fakeforce: insert: %w", err)
	}
	id, ferr := o.newWriter(true).insert(t, fields)
	if ferr != nil {
		return "", fmt.Errorf("fakeforce: insert %s: %w", object, ferr)
	}
	return id, nil
}

// InsertWithID makes a row with the given id, 15 or 18 characters with the object's key prefix.
func (o *Org) InsertWithID(object, id string, fields map[string]any) error {
	all := make(map[string]any, len(fields)+1)
	for k, v := range fields {
		all[k] = v
	}
	all["Id"] = id
	_, err := o.Insert(object, all)
	return err
}

// Update changes the named fields of a row. The row's times move unless they are among the fields.
func (o *Org) Update(object, id string, fields map[string]any) error {
	return o.change("update", object, id, func(w *writer, t *table, k idKey) *fieldError { return w.update(t, k, fields) })
}

// Delete puts a row into the recycle bin, and with it the rows that depend on it (an Account's contacts and opportunities,
// their contact roles and notes).
func (o *Org) Delete(object, id string) error {
	return o.change("delete", object, id, (*writer).delete)
}

// Undelete takes a row out of the recycle bin.
func (o *Org) Undelete(object, id string) error {
	return o.change("undelete", object, id, (*writer).undelete)
}

// HardDelete removes a row without a trace: neither queryAll nor the list of deleted rows shows it.
func (o *Org) HardDelete(object, id string) error {
	return o.change("hard delete", object, id, (*writer).hardDelete)
}

func (o *Org) change(verb, object, id string, apply func(*writer, *table, idKey) *fieldError) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	t, k, err := o.locate(object, id)
	if err != nil {
		return fmt.Errorf("fakeforce: %s %s %s: %w", verb, object, id, err)
	}
	if ferr := apply(o.newWriter(true), t, k); ferr != nil {
		return fmt.Errorf("fakeforce: %s %s %s: %w", verb, object, id, ferr)
	}
	return nil
}

// locate finds the object's table and checks the id. The caller holds the lock.
func (o *Org) locate(object, id string) (*table, idKey, error) {
	t, err := o.table(object)
	if err != nil {
		return nil, idKey{}, err
	}
	k, err := parseID(id)
	if err != nil {
		return nil, k, err
	}
	if string(k[:3]) != t.obj.Prefix {
		return nil, k, fmt.Errorf("%w: %s is no id of %s", ErrMalformedID, id, object)
	}
	if _, ok := t.find(k); !ok {
		return nil, k, fmt.Errorf("%w: %s", ErrNoRow, id)
	}
	return t, k, nil
}

// Get returns the values of a row by field name, deleted rows included. Nulls are left out. Datetimes end in Z.
func (o *Org) Get(object, id string) (map[string]string, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	t, k, err := o.locate(object, id)
	if err != nil {
		return nil, fmt.Errorf("fakeforce: get %s: %w", object, err)
	}
	cells, ok := t.get(k)
	if !ok {
		return nil, fmt.Errorf("fakeforce: get %s: %w: %s", object, ErrNoRow, id)
	}
	return rowMap(t.obj, cells), nil
}

func rowMap(obj *Object, cells []string) map[string]string {
	m := make(map[string]string, len(cells))
	for i, c := range cells {
		if c != "" {
			m[obj.Fields[i].Name] = c
		}
	}
	return m
}

// Count is the number of live rows of an object and of those in its recycle bin.
func (o *Org) Count(object string) (live, deleted int, err error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	t, err := o.table(object)
	if err != nil {
		return 0, 0, fmt.Errorf("fakeforce: count: %w", err)
	}
	if !t.obj.Recycles {
		return t.count(), 0, nil
	}
	cells := make([]string, len(t.obj.Fields))
	for _, row := range t.changed {
		if row != "" {
			if decodeRow(row, cells); t.deleted(cells) {
				deleted++
			}
		}
	}
	for _, row := range t.rows {
		if row != "" {
			if decodeRow(row, cells); t.deleted(cells) {
				deleted++
			}
		}
	}
	return t.count() - deleted, deleted, nil
}

// Generate puts a generator's rows in front of the object's stored rows. An object takes one generator, once.
func (o *Org) Generate(object string, gen Generator) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	t, err := o.table(object)
	if err != nil {
		return fmt.Errorf("fakeforce: generate: %w", err)
	}
	if err := t.generate(gen); err != nil {
		return fmt.Errorf("fakeforce: %w", err)
	}
	return nil
}

// Rows runs a SOQL statement over the live rows, with all objects and fields visible, and returns the values of the selected
// columns, in the org's own spelling. Without ORDER BY rows come in the order of their creation.
func (o *Org) Rows(soql string) ([][]string, error) { return o.rows(soql, false) }

// AllRows is Rows with the recycle bin included.
func (o *Org) AllRows(soql string) ([][]string, error) { return o.rows(soql, true) }

func (o *Org) rows(text string, all bool) ([][]string, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	p, aerr := o.plan(text, planOptions{system: true})
	if aerr != nil {
		return nil, fmt.Errorf("fakeforce: rows: %w", aerr)
	}
	if p.shown == 0 {
		return nil, errors.New("fakeforce: rows: the statement selects no fields")
	}
	p.all = all
	rs := o.execute(p)
	read := rs.reader()
	rows := make([][]string, rs.len())
	for i := range rows {
		row := make([]string, len(p.out))
		read(i, row)
		rows[i] = row[:p.shown]
	}
	return rows, nil
}
