package fakeforce

import (
	"slices"
	"strconv"
	"strings"
)

// resultSet is what a statement found, as of one instant: generated rows by their number, then stored rows. It holds
// references only, no text of its own, unless its columns come from several rows.
type resultSet struct {
	p   *plan
	gen Generator
	// generated rows: all of the first allGen ones, or those in sel.
	allGen int
	sel    []uint32
	rows   []string
	// packed says that rows hold the plan's columns, not the object's.
	packed bool
	found  int // rows counted, for COUNT() and totals
	totals []string
}

// execute runs a plan. The caller holds the org's lock.
func (o *Org) execute(p *plan) *resultSet {
	s := &scan{p: p, rs: &resultSet{p: p, gen: p.t.gen, packed: p.related}, cells: make([]string, len(p.t.obj.Fields))}
	s.sorting = len(p.order) > 0
	s.counting = p.count || len(p.totals) > 0
	s.rs.totals = make([]string, len(p.totals))
	if s.rs.packed {
		s.out = make([]string, len(p.out))
	}
	s.most = -1
	if p.limit >= 0 && !s.sorting && !s.counting {
		s.most = p.limit + p.offset
	}
	if p.byID {
		s.byID()
	} else {
		s.generated()
		s.stored()
	}
	return s.finish()
}

// scan is one execution of a plan.
type scan struct {
	p                 *plan
	rs                *resultSet
	cells, out        []string
	keys              [][]string // order keys of rs.rows
	sorting, counting bool
	most              int // stop after so many rows; -1 is never
}

func (s *scan) full() bool { return s.most >= 0 && len(s.rs.sel)+len(s.rs.rows) >= s.most }

// accept tests the row in s.cells.
func (s *scan) accept() bool {
	if !s.p.all && s.p.t.deleted(s.cells) {
		return false
	}
	return s.p.where == nil || s.p.where(s.cells)
}

// keep takes the row in s.cells, whose encoded form is row ("" when it was generated).
func (s *scan) keep(row string) {
	s.rs.found++
	if s.counting {
		for i, t := range s.p.totals {
			s.rs.totals[i] = t.add(s.rs.totals[i], t.column.get(s.cells))
		}
		return
	}
	if s.sorting {
		key := make([]string, len(s.p.order))
		for i, k := range s.p.order {
			key[i] = k.column.get(s.cells)
		}
		s.keys = append(s.keys, key)
	}
	switch {
	case s.rs.packed:
		for i, c := range s.p.out {
			s.out[i] = c.get(s.cells)
		}
		row = encodeRow(s.out)
	case row == "":
		row = encodeRow(s.cells)
	}
	s.rs.rows = append(s.rs.rows, row)
}

func (s *scan) byID() {
	for _, k := range s.p.ids {
		if s.full() {
			return
		}
		if p, ok := s.p.t.find(k); ok && s.p.t.read(p, s.cells) && s.accept() {
			s.keep("")
		}
	}
}

// generated goes over the generated rows. Where nothing has to be read of them, none is computed.
func (s *scan) generated() {
	t := s.p.t
	if t.genN == 0 {
		return
	}
	lazy := !s.sorting && !s.rs.packed && len(s.p.totals) == 0
	if lazy && s.p.where == nil && len(t.changed) == 0 && s.most < 0 {
		s.rs.allGen = t.genN
		s.rs.found += t.genN
		return
	}
	columns := s.p.need
	if !lazy {
		columns = allColumns(t.obj)
	}
	get := bindColumns(t.obj, t.gen, columns)
	for i := 0; i < t.genN && !s.full(); i++ {
		row, changed := t.changed[i]
		if changed {
			if row == "" {
				continue
			}
			if decodeRow(row, s.cells); s.accept() {
				s.keep(row)
			}
			continue
		}
		get(i, s.cells)
		if !s.accept() {
			continue
		}
		if lazy {
			s.rs.found++
			if !s.counting {
				s.rs.sel = append(s.rs.sel, uint32(i))
			}
			continue
		}
		s.keep("")
	}
}

func (s *scan) stored() {
	for _, row := range s.p.t.rows {
		if s.full() {
			return
		}
		if row == "" {
			continue
		}
		if decodeRow(row, s.cells); s.accept() {
			s.keep(row)
		}
	}
}

// finish sorts and cuts.
func (s *scan) finish() *resultSet {
	rs, p := s.rs, s.p
	if s.sorting {
		perm := make([]int, len(rs.rows))
		for i := range perm {
			perm[i] = i
		}
		orders := make([]func(a, b string) int, len(p.order))
		for i, k := range p.order {
			orders[i] = orderOf(k.column.field)
		}
		slices.SortStableFunc(perm, func(a, b int) int {
			for i, k := range p.order {
				if c := k.compare(orders[i], s.keys[a][i], s.keys[b][i]); c != 0 {
					return c
				}
			}
			return 0
		})
		sorted := make([]string, len(perm))
		for i, from := range perm {
			sorted[i] = rs.rows[from]
		}
		rs.rows = sorted
	}
	if p.offset > 0 && !s.counting {
		cut := min(p.offset, len(rs.sel))
		rs.sel = rs.sel[cut:]
		rest := min(p.offset-cut, rs.allGen)
		if rest > 0 {
			// Only an unlimited statement holds generated rows as a range; it is rare enough to be listed.
			for i := rest; i < rs.allGen; i++ {
				rs.sel = append(rs.sel, uint32(i))
			}
			rs.allGen = 0
		}
		rs.rows = rs.rows[min(p.offset-cut-rest, len(rs.rows)):]
	}
	if p.limit >= 0 && !s.counting && rs.len() > p.limit {
		rs.sel = rs.sel[:min(len(rs.sel), p.limit)]
		rs.rows = rs.rows[:min(len(rs.rows), p.limit-len(rs.sel))]
	}
	return rs
}

// compare orders two values: nulls first unless the statement says otherwise, in either direction.
func (k orderKey) compare(order func(a, b string) int, a, b string) int {
	if (a == "") != (b == "") {
		if (a == "") == k.nullsLast {
			return 1
		}
		return -1
	}
	c := order(a, b)
	if k.descending {
		return -c
	}
	return c
}

// add folds a value into an aggregate.
func (t total) add(sum, v string) string {
	if v == "" {
		return sum
	}
	switch t.fn {
	case "COUNT":
		return addOne(sum)
	case "MIN":
		if sum == "" || orderOf(t.column.field)(v, sum) < 0 {
			return strings.Clone(v)
		}
	case "MAX":
		if sum == "" || orderOf(t.column.field)(v, sum) > 0 {
			return strings.Clone(v)
		}
	}
	return sum
}

// len is the number of rows.
func (rs *resultSet) len() int { return rs.allGen + len(rs.sel) + len(rs.rows) }

// reader returns a function that writes the plan's columns of row i to dst. It is for one goroutine.
func (rs *resultSet) reader() func(i int, dst []string) {
	p := rs.p
	cells := make([]string, len(p.t.obj.Fields))
	var get fill
	if rs.gen != nil && !rs.packed {
		var columns []int
		for _, c := range p.out {
			columns = append(columns, c.col)
		}
		slices.Sort(columns)
		get = bindColumns(p.t.obj, rs.gen, slices.Compact(columns))
	}
	nGen := rs.allGen + len(rs.sel)
	return func(i int, dst []string) {
		switch {
		case i >= nGen && rs.packed:
			decodeRow(rs.rows[i-nGen], dst)
			return
		case i >= nGen:
			decodeRow(rs.rows[i-nGen], cells)
		case rs.sel != nil:
			get(int(rs.sel[i]), cells)
		default:
			get(i, cells)
		}
		for j, c := range p.out {
			dst[j] = cells[c.col]
		}
	}
}

func addOne(sum string) string {
	n := 0
	for _, c := range []byte(sum) {
		n = n*10 + int(c-'0')
	}
	return strconv.Itoa(n + 1)
}
