package fakeforce

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNoRow marks an id that no row has.
var ErrNoRow = errors.New("no such row")

const (
	// firstSerial is the serial number of an object's first stored row.
	firstSerial = 1_000_000
	// generatedSerial is the serial number of an object's first generated row; no stored row reaches it.
	generatedSerial = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62
)

// table holds an object's rows. Positions count the generated rows first, then the stored ones in the order of their
// creation. A change to a generated row is kept aside. The org's lock guards it.
type table struct {
	obj  *Object
	gen  Generator
	genN int
	// all fills every column of a generated row.
	all fill
	// changed holds the rows that replaced generated ones; "" is a row that was removed for good.
	changed map[int]string
	rows    []string // "" is a row that was removed for good
	index   map[idKey]int32
	unique  map[int]map[string]idKey // column -> value in lower case -> row
	serial  uint64
	removed int
	// purged is the stamp of the latest row that was removed for good; "" when none was.
	purged string
}

func newTable(obj *Object) *table {
	t := &table{obj: obj, index: map[idKey]int32{}, serial: firstSerial, unique: map[int]map[string]idKey{}}
	for i := range obj.Fields {
		if obj.Fields[i].Unique {
			t.unique[i] = map[string]idKey{}
		}
	}
	return t
}

// generate puts generated rows in front of the stored ones.
func (t *table) generate(gen Generator) error {
	if t.gen != nil {
		return fmt.Errorf("object %s has generated rows already", t.obj.Name)
	}
	if err := validateGenerator(t.obj, gen); err != nil {
		return err
	}
	t.gen, t.genN = gen, gen.Len()
	t.changed = map[int]string{}
	t.all = bindColumns(t.obj, gen, allColumns(t.obj))
	return nil
}

// len is the number of positions, removed rows included.
func (t *table) len() int { return t.genN + len(t.rows) }

// count is the number of rows, the recycle bin's included.
func (t *table) count() int { return t.len() - t.removed }

// find returns the position of the row with the id.
func (t *table) find(k idKey) (int, bool) {
	if string(k[:3]) != t.obj.Prefix {
		return 0, false
	}
	if i, ok := t.index[k]; ok {
		return t.genN + int(i), true
	}
	if n, ok := serialOf(k); ok && n >= generatedSerial && n-generatedSerial < uint64(t.genN) {
		p := int(n - generatedSerial)
		if row, ok := t.changed[p]; ok && row == "" {
			return 0, false
		}
		return p, true
	}
	return 0, false
}

// read fills all cells of the row at position p; false when it was removed.
func (t *table) read(p int, cells []string) bool {
	if p >= t.genN {
		row := t.rows[p-t.genN]
		if row == "" {
			return false
		}
		decodeRow(row, cells)
		return true
	}
	if row, ok := t.changed[p]; ok {
		if row == "" {
			return false
		}
		decodeRow(row, cells)
		return true
	}
	t.all(p, cells)
	return true
}

// get reads the row with the id into new cells.
func (t *table) get(k idKey) ([]string, bool) {
	p, ok := t.find(k)
	if !ok {
		return nil, false
	}
	cells := make([]string, len(t.obj.Fields))
	return cells, t.read(p, cells)
}

// nextID makes an id that no row has.
func (t *table) nextID() string {
	for {
		id := MakeID(t.obj.Prefix, t.serial)
		t.serial++
		k, err := parseID(id)
		if err != nil {
			continue
		}
		if _, taken := t.index[k]; !taken {
			return id
		}
	}
}

// append stores a new row. Its Id must be new.
func (t *table) append(cells []string) error {
	k, err := parseID(cells[0])
	if err != nil {
		return err
	}
	if string(k[:3]) != t.obj.Prefix {
		return fmt.Errorf("%w: %s is no id of %s", ErrMalformedID, cells[0], t.obj.Name)
	}
	if _, taken := t.find(k); taken {
		return fmt.Errorf("id %s exists already", cells[0])
	}
	t.index[k] = int32(len(t.rows))
	t.rows = append(t.rows, encodeRow(cells))
	t.noteUnique(k, nil, cells)
	return nil
}

// dropLast takes back the append of the last row. Its id is not given out again.
func (t *table) dropLast(cells []string) {
	k, err := parseID(cells[0])
	if err != nil {
		return
	}
	t.noteUnique(k, cells, nil)
	delete(t.index, k)
	t.rows = t.rows[:len(t.rows)-1]
}

// replace changes the row with the id.
func (t *table) replace(k idKey, old, cells []string) error {
	p, ok := t.find(k)
	if !ok {
		return fmt.Errorf("%w: %s", ErrNoRow, k)
	}
	t.put(p, encodeRow(cells))
	t.noteUnique(k, old, cells)
	return nil
}

// remove takes the row out for good.
func (t *table) remove(k idKey, old []string) error {
	p, ok := t.find(k)
	if !ok {
		return fmt.Errorf("%w: %s", ErrNoRow, k)
	}
	t.put(p, "")
	t.noteUnique(k, old, nil)
	delete(t.index, k)
	t.removed++
	return nil
}

func (t *table) put(p int, row string) {
	if p < t.genN {
		t.changed[p] = row
		return
	}
	t.rows[p-t.genN] = row
}

// noteUnique keeps the maps of unique values. Rows in the recycle bin keep theirs out: their values may be used again.
func (t *table) noteUnique(k idKey, old, cells []string) {
	for col, owners := range t.unique {
		if old != nil && old[col] != "" && owners[strings.ToLower(old[col])] == k {
			delete(owners, strings.ToLower(old[col]))
		}
		if cells != nil && cells[col] != "" && !t.deleted(cells) {
			owners[strings.ToLower(cells[col])] = k
		}
	}
}

// ownerOf returns the id of the row that has the value in a unique column.
func (t *table) ownerOf(col int, value string) (idKey, bool) {
	k, ok := t.unique[col][strings.ToLower(value)]
	return k, ok
}

// deleted reports whether the row lies in the recycle bin. IsDeleted is the second field of objects that recycle.
func (t *table) deleted(cells []string) bool { return t.obj.Recycles && cells[1] == "true" }
