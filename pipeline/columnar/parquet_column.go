package columnar

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"github.com/crmsync/crmsync/schemas"
)

// columnReader reads one column of a file page by page into a vector.
type columnReader struct {
	vec  *vector
	leaf int // position in the file, -1 when the file lacks the column
	opt  bool

	check *pageChecker
	pages parquet.Pages
	page  parquet.Page
	at    int // rows taken from the page
	dense int // values taken from the page: rows without the nulls

	levels []byte
	values encoding.Values
	codes  []int32 // what the page's dictionary codes are in the vector's dictionary
}

// accept checks that the file's column has the physical type of the field.
func (c *columnReader) accept(leaf parquet.LeafColumn) error {
	want := parquetNode(c.vec.field).Type().Kind()
	if got := leaf.Node.Type().Kind(); !leaf.Node.Leaf() || got != want || leaf.MaxRepetitionLevel > 0 || leaf.MaxDefinitionLevel > 1 {
		return fmt.Errorf("open parquet: column %s is %s (levels %d and %d), want one %s: %w",
			c.vec.field.Name, leaf.Node, leaf.MaxRepetitionLevel, leaf.MaxDefinitionLevel, want, ErrCorrupt)
	}
	c.leaf, c.opt = leaf.ColumnIndex, leaf.MaxDefinitionLevel == 1
	return nil
}

func (c *columnReader) open(chunks []parquet.ColumnChunk, rows int64) error {
	if c.leaf < 0 {
		return nil
	}
	if err := c.close(); err != nil {
		return err
	}
	if c.leaf >= len(chunks) || chunks[c.leaf].NumValues() != rows {
		return fmt.Errorf("column chunk does not have the row group's %d rows: %w", rows, ErrCorrupt)
	}
	c.pages = chunks[c.leaf].Pages()
	if c.vec.dict != nil { // one dictionary for all records of the row group
		c.vec.forget()
		c.vec.keep = math.MaxInt64
	}
	c.codes = nil
	return nil
}

func (c *columnReader) close() error {
	c.drop()
	if c.pages == nil {
		return nil
	}
	err := c.pages.Close()
	c.pages = nil
	return err
}

func (c *columnReader) drop() {
	if c.page != nil {
		parquet.Release(c.page)
	}
	c.page, c.levels, c.values = nil, nil, encoding.Values{}
}

// read appends the next n rows to the vector.
func (c *columnReader) read(n int) error {
	if c.leaf < 0 {
		c.vec.appendNulls(n)
		return nil
	}
	for n > 0 {
		if c.page == nil {
			if err := c.next(); err != nil {
				return err
			}
		}
		take := min(n, int(c.page.NumRows())-c.at)
		if err := c.take(take); err != nil {
			return err
		}
		n -= take
		if c.at == int(c.page.NumRows()) {
			c.drop()
		}
	}
	return nil
}

func (c *columnReader) next() error {
	if err := c.check.page(); err != nil {
		return err
	}
	page, err := c.pages.ReadPage()
	if err == io.EOF {
		return fmt.Errorf("pages end before the row group does: %w", ErrCorrupt)
	}
	if err != nil {
		if errors.Is(err, ErrCorrupt) {
			return err
		}
		return fmt.Errorf("%w: %w", err, ErrCorrupt)
	}
	c.page, c.at, c.dense = page, 0, 0
	c.levels, c.values = page.DefinitionLevels(), page.Data()
	if c.opt && len(c.levels) != int(page.NumRows()) {
		return fmt.Errorf("page has %d rows and %d definition levels: %w", page.NumRows(), len(c.levels), ErrCorrupt)
	}
	if page.Dictionary() != nil && c.codes == nil {
		return c.openDictionary(page.Dictionary())
	}
	return nil
}

// openDictionary takes the column chunk's dictionary over. Fields that do not repeat read it too: another writer may have used one.
func (c *columnReader) openDictionary(d parquet.Dictionary) error {
	n := d.Len()
	c.codes = make([]int32, n)
	if c.vec.dict == nil {
		return nil
	}
	values := d.Page().Data()
	if values.Kind() != encoding.ByteArray {
		return fmt.Errorf("dictionary of %v: %w", values.Kind(), ErrCorrupt)
	}
	data, offs := values.ByteArray()
	for i := range n {
		c.codes[i] = c.vec.dict.code(string(data[offs[i]:offs[i+1]]))
	}
	return nil
}

// take appends the next n rows of the page, in runs of nulls and of values.
func (c *columnReader) take(n int) error {
	end := c.at + n
	for c.at < end {
		run := c.at + 1
		valid := !c.opt || c.levels[c.at] == 1
		if !c.opt {
			run = end
		} else {
			for run < end && (c.levels[run] == 1) == valid {
				run++
			}
		}
		if !valid {
			c.vec.appendNulls(run - c.at)
		} else {
			if err := c.takeValues(c.dense, c.dense+run-c.at); err != nil {
				return err
			}
			c.dense += run - c.at
		}
		c.at = run
	}
	return nil
}

func (c *columnReader) takeValues(from, to int) error {
	v := c.vec
	if d := c.page.Dictionary(); d != nil {
		return c.takeCoded(d, from, to)
	}
	switch v.layout {
	case layoutText:
		data, offs := c.values.ByteArray()
		return v.appendTexts(data, offs[from:to+1])
	case layoutCoded:
		data, offs := c.values.ByteArray()
		for i := from; i < to; i++ {
			v.appendText(bytesAsString(data[offs[i]:offs[i+1]]))
		}
	case layoutBits:
		v.appendBits(c.values.Boolean(), from, to-from)
	case layoutFour:
		v.appendFixed(4, asBytes(c.values.Int32()[from:to]))
	case layoutEight:
		if v.field.Type == schemas.Float64 {
			v.appendFixed(8, asBytes(c.values.Double()[from:to]))
		} else {
			v.appendFixed(8, asBytes(c.values.Int64()[from:to]))
		}
	}
	return nil
}

func (c *columnReader) takeCoded(d parquet.Dictionary, from, to int) error {
	codes := c.values.Int32()[from:to]
	for _, code := range codes {
		if code < 0 || int(code) >= len(c.codes) {
			return fmt.Errorf("dictionary code %d of %d: %w", code, len(c.codes), ErrCorrupt)
		}
	}
	v := c.vec
	switch v.layout {
	case layoutCoded:
		out := int32s(v.data.extend(4 * len(codes)))
		for i, code := range codes {
			out[i] = c.codes[code]
		}
		v.mark(len(codes), true)
		return nil
	case layoutText:
		for _, code := range codes {
			b := d.Index(code).ByteArray()
			if err := v.fits(len(b)); err != nil {
				return err
			}
			v.appendText(bytesAsString(b))
		}
	case layoutBits:
		for _, code := range codes {
			v.appendBool(d.Index(code).Boolean())
		}
	case layoutFour:
		for _, code := range codes {
			v.appendFour(d.Index(code).Uint32())
		}
	case layoutEight:
		for _, code := range codes {
			v.appendEight(d.Index(code).Uint64())
		}
	}
	return nil
}
