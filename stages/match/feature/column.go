package feature

import (
	"runtime"

	"github.com/sourcegraph/conc/stream"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/arrays"
	"github.com/crmsync/crmsync/stages/match/record"
)

// column holds a derived value per row, as a code into values; code 0 is missing. Values hold no pointers: what has no fixed
// length is in the arena.
type column[V any] struct {
	codes  []uint32 // nil when no row has a value
	values []V
	counts []uint32 // rows per value
	arena  []uint32
}

// keep puts words into the arena.
func (c *column[V]) keep(words []word) list {
	at := uint32(len(c.arena))
	c.arena = append(c.arena, words...)
	return list{at, uint32(len(words))}
}

func (c *column[V]) rowCodes() []uint32 { return c.codes }

// forget drops the codes of rows, once they are packed.
func (c *column[V]) forget() { c.codes = nil }

func (c *column[V]) save(w *arrays.Writer, name string) {
	arrays.Add(w, name+".values", c.values)
	arrays.Add(w, name+".counts", c.counts)
	arrays.Add(w, name+".arena", c.arena)
}

func (c *column[V]) load(f *arrays.File, name string) (err error) {
	if c.values, err = arrays.Get[V](f, name+".values"); err != nil {
		return err
	}
	if c.counts, err = arrays.Get[uint32](f, name+".counts"); err != nil {
		return err
	}
	c.arena, err = arrays.Get[uint32](f, name+".arena")
	return err
}

// source is what a derived column is made of: the values of some roles of one row.
type source []schemas.Role

// mostRoom is for how many values there is room from the beginning. Combinations can be many more than values: people of one company
// have mailboxes of their own.
const mostRoom = 1 << 18

// derive makes a column: normal reads the values of the roles (in parallel, once per distinct combination), key tells equal ones
// apart from others, "" for a missing one, and build numbers their words, in the order of rows.
func derive[N, V any](t *record.Table, from source, workers int, normal func(args []string) N, key func(N) string, build func(*column[V], N) V) *column[V] {
	out := &column[V]{values: make([]V, 1), counts: make([]uint32, 1)}
	combos, codes := combine(t, from)
	if codes == nil {
		return out
	}
	n := len(combos.codes) / max(1, len(combos.columns))
	room := min(n, mostRoom) + 1
	out.values, out.counts = arrays.Make[V](room)[:1], arrays.Make[uint32](room)[:1]
	var keys record.Dictionary
	keys.Code("")
	keys.Reserve(room)
	recode := arrays.Make[uint32](n)[:0]
	inOrder(n, workers, func(begin, end int) func() {
		args, normals, texts := make([]string, len(from)), make([]N, end-begin), make([]string, end-begin)
		for i := range normals {
			combos.fill(begin+i, args)
			normals[i] = normal(args)
			texts[i] = key(normals[i])
		}
		return func() {
			for i, text := range texts {
				known := keys.Len()
				c := keys.Code(text)
				if int(c) == known {
					out.values, out.counts = append(out.values, build(out, normals[i])), append(out.counts, 0)
				}
				recode = append(recode, c)
			}
		}
	})
	if len(out.values) == 1 {
		return out
	}
	for row, c := range codes {
		codes[row] = recode[c]
		out.counts[codes[row]]++
	}
	out.codes = codes
	return out
}

// combos are the distinct combinations of the values of some roles.
type combos struct {
	columns []*record.Column
	at      []int    // role of each column
	codes   []uint32 // one after the other
}

// fill sets the values of a combination by role; roles that the table lacks are empty.
func (c *combos) fill(i int, args []string) {
	clear(args)
	for k, col := range c.columns {
		args[c.at[k]] = col.Values.At(int(c.codes[i*len(c.columns)+k]))
	}
}

// combine numbers the distinct combinations of the roles' codes; nil codes when the table has none of the roles.
func combine(t *record.Table, from source) (c combos, codes []uint32) {
	for k, role := range from {
		if col := t.Column(role); col != nil {
			c.columns, c.at = append(c.columns, col), append(c.at, k)
		}
	}
	if len(c.columns) == 0 {
		return c, nil
	}
	c.codes, codes = record.Combine(c.columns...)
	return c, codes
}

// inOrder calls work for consecutive ranges of n, in parallel, and what it returned one after the other in the order of the ranges,
// beside the work on later ones.
func inOrder(n, workers int, work func(begin, end int) (then func())) {
	const step = 1024
	if n <= step || workers <= 1 {
		for begin := 0; begin < n; begin += step {
			work(begin, min(n, begin+step))()
		}
		return
	}
	s := stream.New().WithMaxGoroutines(min(workers, runtime.GOMAXPROCS(0)))
	for begin := 0; begin < n; begin += step {
		s.Go(func() stream.Callback { return work(begin, min(n, begin+step)) })
	}
	s.Wait()
}
