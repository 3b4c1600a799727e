package feature

import (
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"slices"
	"unsafe"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// indexVersion changes with the values' layout, with how texts are normalised, and with the rules: left records are normalised
// today, and an index made by other rules would miss matches in silence. A test holds it against what Save writes.
const indexVersion = 7

// IndexKind names the form of the file of a directory and the tables by which it was normalised, so that one made by another version is refused.
func IndexKind() string {
	return fmt.Sprintf("crmsync directory index %d, reference data %s", indexVersion, reference.Digest)
}

// meta is what an index says of itself besides its arrays.
type meta struct {
	Entity  string           `json:"entity"`
	Country string           `json:"country"`
	Rules   [][]schemas.Role `json:"rules,omitempty"`
	Rows    int              `json:"rows"`
	Order   []string         `json:"order"`
	Unknown float32          `json:"unknown"`
	Source  string           `json:"source"`
	Blocks  block.Layout     `json:"blocks"`
	Sizes   []uintptr        `json:"sizes"` // of the values, so that a changed layout shows
}

func sizes() []uintptr {
	return []uintptr{
		unsafe.Sizeof(givenValue{}), unsafe.Sizeof(familyValue{}), unsafe.Sizeof(employer{}), unsafe.Sizeof(job{}), unsafe.Sizeof(location{}),
		unsafe.Sizeof(token{}), unsafe.Sizeof(address{}), unsafe.Sizeof(list{}), unsafe.Sizeof(phrase{}), unsafe.Sizeof(day{}), unsafe.Sizeof(text{}),
	}
}

// Save writes the directory to a file that Load reads. source says what it was made from.
func (d *Directory) Save(to io.Writer, source string) error {
	w, err := arrays.NewWriter(IndexKind(), meta{
		d.Entity, d.country, d.Rules, d.Table.Len(), d.order, d.lexicon.unknown, source, d.index.Layout(), sizes(),
	})
	if err != nil {
		return err
	}
	d.Table.SaveIDs(w, "ids")
	for _, v := range d.words.each() {
		v.words.more.Save(w, "words."+v.name)
	}
	d.columns.each(func(name string, c packable) { c.save(w, "column."+name) })
	arrays.Add(w, "lexicon.weight", d.lexicon.weight)
	for _, s := range d.shares() {
		arrays.Add(w, s.name+".share", s.share)
		arrays.Add(w, s.name+".bits", s.bits)
	}
	for _, l := range d.locals() {
		arrays.Add(w, l.name+".keys", l.keys)
		arrays.Add(w, l.name+".bits", l.bits)
	}
	arrays.Add(w, "rows", d.rows)
	arrays.Add(w, "sample", d.sample)
	d.index.Save(w)
	if _, err := w.WriteTo(to); err != nil {
		return fmt.Errorf("write index: %w", err)
	}
	runtime.KeepAlive(d)
	return nil
}

// Load reads a directory from the content of a file, with which it shares memory (see arrays.Buffer). It returns what Save was told
// of the source.
func Load(content []byte) (d *Directory, source string, err error) {
	f, err := arrays.Read(IndexKind(), content)
	if err != nil {
		return nil, "", err
	}
	var m meta
	if err := f.Meta(&m); err != nil {
		return nil, "", err
	}
	if !slices.Equal(m.Sizes, sizes()) {
		return nil, "", fmt.Errorf("%w: it was made by another version: make it anew", arrays.ErrFormat)
	}
	d = &Directory{Entity: m.Entity, Digest: hex.EncodeToString(content[len(content)-8:]), country: m.Country, Rules: m.Rules, order: m.Order, words: vocabulary{&words{}, &words{}, &words{}}, lexicon: &lexicon{unknown: m.Unknown}}
	d.columns = emptyColumns()
	ids, err := record.LoadTexts(f, "ids")
	if err != nil {
		return nil, "", err
	}
	d.Table = record.NewTable(ids)
	for _, v := range d.words.each() {
		if v.words.more, err = record.LoadDictionary(f, "words."+v.name); err != nil {
			return nil, "", err
		}
	}
	d.columns.each(func(name string, c packable) {
		if err == nil {
			err = c.load(f, "column."+name)
		}
	})
	for _, s := range d.shares() {
		if err == nil {
			s.share, err = arrays.Get[float32](f, s.name+".share")
		}
		if err == nil {
			s.bits, err = arrays.Get[float32](f, s.name+".bits")
		}
	}
	for _, l := range d.locals() {
		if err == nil {
			l.keys, err = arrays.Get[uint64](f, l.name+".keys")
		}
		if err == nil {
			l.bits, err = arrays.Get[float32](f, l.name+".bits")
		}
	}
	if err == nil {
		d.lexicon.weight, err = arrays.Get[float32](f, "lexicon.weight")
	}
	if err != nil {
		return nil, "", err
	}
	if d.rows, err = arrays.Get[uint32](f, "rows"); err != nil {
		return nil, "", err
	}
	if d.sample, err = arrays.Get[uint32](f, "sample"); err != nil {
		return nil, "", err
	}
	if ids.Len() != m.Rows || len(d.rows) != m.Rows*len(m.Order) {
		return nil, "", fmt.Errorf("%w: its parts do not fit together", arrays.ErrFormat)
	}
	if d.index, err = block.Load(f, m.Blocks); err != nil {
		return nil, "", err
	}
	return d, m.Source, nil
}

type namedShares struct {
	name string
	*shares
}

func (d *Directory) shares() []namedShares {
	return []namedShares{
		{"lexicon.rows", &d.lexicon.rows},
		{"lexicon.names", &d.lexicon.names},
		{"names.given", &d.names.given},
		{"names.family", &d.names.family},
		{"cities", &d.cities},
	}
}

type namedLocal struct {
	name string
	*local
}

func (d *Directory) locals() []namedLocal {
	return []namedLocal{{"local.given", &d.names.localGiven}, {"local.family", &d.names.localFamily}}
}

type namedWords struct {
	name  string
	words *words
}

func (v vocabulary) each() []namedWords {
	return []namedWords{{"names", v.names}, {"companies", v.companies}, {"texts", v.texts}}
}

func emptyColumns() columns {
	return columns{
		new(column[givenValue]), new(column[familyValue]), new(column[employer]), new(column[job]), new(column[location]), new(column[token]),
		new(column[address]), new(column[list]), new(column[list]), new(column[list]), new(column[token]), new(column[phrase]),
		new(column[float64]), new(column[day]), new(column[token]), new(column[text]),
	}
}
