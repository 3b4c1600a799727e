package match

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/columnar"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

// reader reads the fields of a data set that have a role, and a few more by name.
type reader struct {
	ds     *schemas.Dataset
	fields []schemas.Field
	more   []string
}

func newReader(ds *schemas.Dataset, roles []schemas.Role, more ...string) reader {
	r := reader{ds: ds, more: more}
	for _, f := range ds.Fields {
		if f.Role != schemas.NoRole && slices.Contains(roles, f.Role) {
			r.fields = append(r.fields, f)
		}
	}
	return r
}

// row is one row of a data set, valid during the call that it is passed to.
type row struct {
	id     string
	values []string // in the order of reader.fields
	more   []string // in the order of reader.more
}

func (r reader) each(ctx context.Context, run *pipeline.Run, fn func(row) error) error {
	key := r.ds.Key[0]
	columns := append([]string{key}, r.more...)
	for _, f := range r.fields {
		if !slices.Contains(columns, f.Name) {
			columns = append(columns, f.Name)
		}
	}
	in, err := run.Read(ctx, r.ds, columns...)
	if err != nil {
		return err
	}
	out := row{values: make([]string, len(r.fields)), more: make([]string, len(r.more))}
	return columnar.Each(ctx, in, func(rec arrow.Record) error {
		ids := columnar.Strings(rec, key)
		values, more := make([]func(int) string, len(r.fields)), make([]func(int) string, len(r.more))
		for i, f := range r.fields {
			values[i] = textOf(rec, f)
		}
		for i, name := range r.more {
			more[i] = textOf(rec, r.ds.Field(name))
		}
		for at := range int(rec.NumRows()) {
			out.id = ids.Value(at)
			for i, v := range values {
				out.values[i] = v(at)
			}
			for i, v := range more {
				out.more[i] = v(at)
			}
			if err := fn(out); err != nil {
				return err
			}
		}
		return nil
	})
}

// textOf reads a column as text; a null is "".
func textOf(rec arrow.Record, f schemas.Field) func(int) string {
	switch f.Type {
	case schemas.Int64:
		c := columnar.Ints(rec, f.Name)
		return func(i int) string {
			if c.IsNull(i) {
				return ""
			}
			return strconv.FormatInt(c.Value(i), 10)
		}
	case schemas.Bool:
		c := columnar.Bools(rec, f.Name)
		return func(i int) string { return strconv.FormatBool(c.Value(i)) }
	default:
		return columnar.Strings(rec, f.Name).Value
	}
}

// roleIndex maps the reader's fields to the columns of a builder with the roles.
func (r reader) roleIndex(roles []schemas.Role) []int {
	at := make([]int, len(r.fields))
	for i, f := range r.fields {
		at[i] = slices.Index(roles, f.Role)
	}
	return at
}

// set copies a row's values to the builder.
func (r row) set(b *record.Builder, at []int) {
	for i, v := range r.values {
		b.Set(at[i], v)
	}
}

// decisions are the hand-made decisions per object, the newest first.
type decisions struct {
	links, rejects map[string][]linkage.Pair
}

func readDecisions(ctx context.Context, run *pipeline.Run) (decisions, error) {
	type decision struct {
		object string
		pair   linkage.Pair
		link   bool
		at     time.Time
	}
	d := decisions{map[string][]linkage.Pair{}, map[string][]linkage.Pair{}}
	in, err := run.Read(ctx, schemas.Decisions, "object", "record_id", "target_id", "verdict", "decided_at")
	if err != nil {
		return d, err
	}
	var list []decision
	err = columnar.Each(ctx, in, func(rec arrow.Record) error {
		objects, records, targets := columnar.Strings(rec, "object"), columnar.Strings(rec, "record_id"), columnar.Strings(rec, "target_id")
		verdicts, times := columnar.Strings(rec, "verdict"), columnar.Times(rec, "decided_at")
		for i := range int(rec.NumRows()) {
			object := string([]byte(objects.Value(i)))
			list = append(list, decision{
				object,
				linkage.Pair{Left: leftID(object, records.Value(i)), Right: string([]byte(targets.Value(i)))},
				verdicts.Value(i) == "link", times.Value(i),
			})
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b decision) int { // the data set is sorted by its key, which breaks ties
		return cmp.Compare(b.at.UnixMilli(), a.at.UnixMilli())
	})
	for _, x := range list {
		if x.link {
			d.links[x.object] = append(d.links[x.object], x.pair)
		} else {
			d.rejects[x.object] = append(d.rejects[x.object], x.pair)
		}
	}
	return d, err
}

// leftID is the id of a CRM record in a table that holds several objects.
func leftID(object, id string) string { return object + " " + id }
