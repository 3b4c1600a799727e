package feature

import (
	"runtime"
	"sync"

	"github.com/sourcegraph/conc/pool"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/record"
)

// column holds a derived value per row, as a code into values; code 0 is missing.
type column[V any] struct {
	codes  []uint32
	values []V
	counts []uint32 // rows per value
}

func (c column[V]) at(row int) V { return c.values[c.codes[row]] }

// Source is what a derived column is made of: the values of some roles of one row.
type source []schemas.Role

// derive makes a column: normal reads the values of the roles (in parallel, once per distinct combination), build numbers words
// and returns the key under which equal values meet, "" for a missing one. nil codes mean that no row has a value.
func derive[N, V any](t *record.Table, from source, workers int, normal func(args []string) N, build func(N) (string, V)) column[V] {
	combos, codes := combine(t, from)
	if codes == nil {
		return column[V]{}
	}
	normals := make([]N, len(combos))
	each(len(combos), workers, func(begin, end int) {
		args := make([]string, len(from))
		for i := begin; i < end; i++ {
			for k, role := range from {
				args[k] = ""
				if c := t.Column(role); c != nil {
					args[k] = c.Values.At(int(combos[i][k]))
				}
			}
			normals[i] = normal(args)
		}
	})
	out := column[V]{values: make([]V, 1), counts: make([]uint32, 1)}
	var keys record.Dictionary
	keys.Code("")
	recode := make([]uint32, len(combos))
	for i, n := range normals {
		key, v := build(n)
		known := keys.Len()
		c := keys.Code(key)
		if int(c) == known {
			out.values, out.counts = append(out.values, v), append(out.counts, 0)
		}
		recode[i] = c
	}
	if len(out.values) == 1 {
		return column[V]{}
	}
	for row, c := range codes {
		codes[row] = recode[c]
		out.counts[codes[row]]++
	}
	out.codes = codes
	return out
}

const maxRoles = 6

// combine numbers the distinct combinations of the roles' codes; nil codes when the table has none of the roles.
func combine(t *record.Table, from source) (combos [][maxRoles]uint32, codes []uint32) {
	var cols [maxRoles]*record.Column
	present := 0
	last := -1
	for k, role := range from {
		if cols[k] = t.Column(role); cols[k] != nil {
			present++
			last = k
		}
	}
	if present == 0 {
		return nil, nil
	}
	codes = make([]uint32, t.Len())
	if present == 1 {
		copy(codes, cols[last].Codes)
		combos = make([][maxRoles]uint32, cols[last].Values.Len())
		for i := range combos {
			combos[i][last] = uint32(i)
		}
		return combos, codes
	}
	known := map[[maxRoles]uint32]uint32{}
	for row := range codes {
		var key [maxRoles]uint32
		for k, c := range cols {
			if c != nil {
				key[k] = c.Codes[row]
			}
		}
		code, ok := known[key]
		if !ok {
			code = uint32(len(combos))
			known[key] = code
			combos = append(combos, key)
		}
		codes[row] = code
	}
	return combos, codes
}

// each calls fn for consecutive ranges of n, in parallel.
func each(n, workers int, fn func(begin, end int)) {
	const step = 4096
	if workers < 1 {
		workers = 1
	}
	if n <= step || workers == 1 {
		fn(0, n)
		return
	}
	p := pool.New().WithMaxGoroutines(min(workers, runtime.GOMAXPROCS(0)))
	var mu sync.Mutex
	next := 0
	for range min(workers, (n+step-1)/step) {
		p.Go(func() {
			for {
				mu.Lock()
				begin := next
				next += step
				mu.Unlock()
				if begin >= n {
					return
				}
				fn(begin, min(n, begin+step))
			}
		})
	}
	p.Wait()
}
