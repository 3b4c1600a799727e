package record

import (
	"fmt"

	"github.com/crmsync/crmsync/stages/match/arrays"
)

// Save adds the texts to a file under a name.
func (t *Texts) Save(w *arrays.Writer, name string) {
	arrays.Add(w, name+".data", t.data)
	arrays.Add(w, name+".ends", t.ends)
}

// LoadTexts reads texts from a file.
func LoadTexts(f *arrays.File, name string) (Texts, error) {
	var t Texts
	var err error
	if t.data, err = arrays.Get[byte](f, name+".data"); err != nil {
		return t, err
	}
	if t.ends, err = arrays.Get[uint64](f, name+".ends"); err != nil {
		return t, err
	}
	if n := len(t.ends); n > 0 && t.ends[n-1] != uint64(len(t.data)) {
		return t, fmt.Errorf("%w: the parts of %s do not fit together", arrays.ErrFormat, name)
	}
	return t, nil
}

// Save adds the dictionary to a file under a name.
func (d *Dictionary) Save(w *arrays.Writer, name string) {
	d.Texts.Save(w, name)
	arrays.Add(w, name+".slots", d.slots)
}

// LoadDictionary reads a dictionary from a file.
func LoadDictionary(f *arrays.File, name string) (d Dictionary, err error) {
	if d.Texts, err = LoadTexts(f, name); err != nil {
		return d, err
	}
	d.slots, err = arrays.Get[uint64](f, name+".slots")
	return d, err
}

// NewTable returns a table of ids without columns.
func NewTable(ids Texts) *Table { return &Table{ids: ids} }

// SaveIDs adds the table's ids to a file under a name.
func (t *Table) SaveIDs(w *arrays.Writer, name string) { t.ids.Save(w, name) }
