package roi

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
)

// holders are the records that others gave way to (R15), and whether they are linked: one that waits for a review bears on nothing,
// and neither do its duplicates.
type holders struct {
	ids    *table // Salesforce ids, which no two objects share
	linked []bool
}

func readHolders(ctx context.Context, run *pipeline.Run) (*holders, error) {
	h := &holders{ids: newTable()}
	reader, err := run.Read(ctx, schemas.Links, "object", "record_id", "duplicate_of")
	if err != nil {
		return nil, err
	}
	err = columnar.Each(ctx, reader, func(rec arrow.Record) error {
		of := columnar.Strings(rec, "duplicate_of")
		for i := range of.Len() {
			if !of.IsNull(i) {
				h.ids.add(of.Value(i))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	h.linked = make([]bool, h.ids.len())
	if reader, err = run.Read(ctx, schemas.Links, "object", "record_id", "decision"); err != nil {
		return nil, err
	}
	return h, columnar.Each(ctx, reader, func(rec arrow.Record) error {
		records, decisions := columnar.Strings(rec, "record_id"), columnar.Strings(rec, "decision")
		for i := range records.Len() {
			if n := h.ids.find(records.Value(i)); n >= 0 {
				h.linked[n] = decisions.Value(i) == "link"
			}
		}
		return nil
	})
}

func (h *holders) isLinked(id string) bool {
	n := h.ids.find(id)
	return n >= 0 && h.linked[n]
}

// openLinks steps through the links of one object by record id: record and target. A record that gave way to a linked one is the same
// person or company, so what hangs on it bears on that target too.
func (h *holders) openLinks(ctx context.Context, run *pipeline.Run, object, kind string) (*cursor, error) {
	c, err := openCursor(ctx, run, schemas.Links, "record_id", "target_id", "object", "target_kind", "decision", "duplicate_of")
	if err != nil {
		return nil, err
	}
	c.keep = func(c *cursor) bool {
		if c.text(2) != object || c.text(3) != kind {
			return false
		}
		switch c.text(4) {
		case "link":
			return true
		case "duplicate", "converted":
			return h.isLinked(c.text(5))
		}
		return false
	}
	return c, nil
}
