package fakeforce

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce/soql"
)

// plan is a statement resolved against the org: which rows of which table, in which order, and which columns of them.
type plan struct {
	t *table
	// out are the columns of a result row: those that the statement selects, then hidden ones that the answer's shape needs.
	out   []*column
	shown int
	// related says that some column lies in another row, so that result rows must be computed at once to stay consistent.
	related bool
	where   predicate // nil accepts every row
	need    []int     // columns that where and order read, ascending
	order   []orderKey
	ids     []idKey // with byID set, the only rows that can match
	byID    bool
	limit   int // -1 is none
	offset  int
	count   bool // COUNT()
	totals  []total
	all     bool // the recycle bin too
}

// column is a selected field, or one at the end of a walk over references.
type column struct {
	name  string // as the answer spells it: Account.Name
	field *Field
	steps []step
	col   int
	get   func(cells []string) string
}

// step is one reference on a walk, from an object's column.
type step struct {
	name string // Account
	col  int
}

type orderKey struct {
	column     *column
	descending bool
	nullsLast  bool
}

// total is an aggregate over all matching rows.
type total struct {
	fn     string // COUNT, MIN, MAX
	column *column
	alias  string
}

type planOptions struct {
	// system sees hidden fields; bulk refuses what the Bulk API refuses.
	system, bulk bool
}

// planner resolves one statement. The org's lock is held, for reading at least.
type planner struct {
	org   *Org
	opts  planOptions
	text  string
	query *soql.Query
	plan  *plan
	need  map[int]bool
	// unnamed counts the aggregates without an alias, which are called expr0, expr1, …
	unnamed int
}

// plan parses and resolves a statement.
func (o *Org) plan(text string, opts planOptions) (*plan, *apiError) {
	q, err := soql.Parse(text)
	if err != nil {
		return nil, failf(http.StatusBadRequest, "MALFORMED_QUERY", "%s", err)
	}
	t, err := o.table(q.Object)
	if err != nil {
		return nil, noType(q.Object)
	}
	pl := &planner{org: o, opts: opts, text: text, query: q, plan: &plan{t: t, limit: -1}, need: map[int]bool{}}
	if opts.bulk {
		if aerr := pl.refuseBulk(); aerr != nil {
			return nil, aerr
		}
	}
	for _, resolve := range []func() *apiError{pl.items, pl.conditions, pl.ordering, pl.bounds} {
		if aerr := resolve(); aerr != nil {
			return nil, aerr
		}
	}
	p := pl.plan
	if t.obj.Recycles {
		pl.need[1] = true
	}
	for c := range pl.need {
		p.need = append(p.need, c)
	}
	slices.Sort(p.need)
	return p, nil
}

// refuseBulk holds what the Bulk API does not take. The codes are documented in several spellings; the texts are guesses.
func (pl *planner) refuseBulk() *apiError {
	q := pl.query
	for _, name := range pl.org.opts.NoBulk {
		if strings.EqualFold(name, q.Object) {
			return failf(http.StatusBadRequest, "INVALIDENTITY", "Entity '%s' is not supported by the Bulk API.", pl.plan.t.obj.Name)
		}
	}
	switch {
	case len(q.GroupBy) > 0:
		return failf(http.StatusBadRequest, "API_ERROR", "GROUP BY is not supported in a Bulk API query")
	case q.Offset != nil:
		return failf(http.StatusBadRequest, "API_ERROR", "OFFSET is not supported in a Bulk API query")
	}
	for _, it := range q.Items {
		switch {
		case it.Sub != nil:
			return failf(http.StatusBadRequest, "API_ERROR", "Parent-to-child relationship subqueries are not supported in a Bulk API query")
		case strings.EqualFold(it.Func, "FIELDS"):
			return failf(http.StatusBadRequest, "API_ERROR", "FIELDS() is not supported in a Bulk API query")
		case it.Func != "":
			return failf(http.StatusBadRequest, "API_ERROR", "Aggregate functions are not supported in a Bulk API query")
		}
		if col := pl.plan.t.obj.Index(it.Field); col >= 0 && pl.plan.t.obj.Fields[col].Type == TypeAddress {
			return failf(http.StatusBadRequest, "INVALIDENTITY", "Selecting compound data not supported in Bulk Query")
		}
	}
	return nil
}

// items resolves the selected columns.
func (pl *planner) items() *apiError {
	p, q := pl.plan, pl.query
	if len(q.GroupBy) > 0 {
		return failf(http.StatusBadRequest, "MALFORMED_QUERY", "GROUP BY is not supported by this server")
	}
	seen := map[string]bool{}
	add := func(c *column) *apiError {
		if seen[c.name] {
			return failf(http.StatusBadRequest, "MALFORMED_QUERY", "duplicate field selected: %s", c.name)
		}
		seen[c.name] = true
		p.out = append(p.out, c)
		return nil
	}
	for _, it := range q.Items {
		switch {
		case it.Sub != nil:
			return failf(http.StatusBadRequest, "MALFORMED_QUERY", "parent-to-child subqueries are not supported by this server")
		case strings.EqualFold(it.Func, "FIELDS"):
			if aerr := pl.allFields(it, add); aerr != nil {
				return aerr
			}
		case it.Func != "":
			if aerr := pl.aggregate(it, len(q.Items)); aerr != nil {
				return aerr
			}
		default:
			c, aerr := pl.resolve(it.Field, it.Pos.Line, it.Pos.Column)
			if aerr != nil {
				return aerr
			}
			if aerr := add(c); aerr != nil {
				return aerr
			}
		}
	}
	if (p.count || len(p.totals) > 0) && len(p.out) > 0 {
		return failf(http.StatusBadRequest, "MALFORMED_QUERY", "Field must be grouped or aggregated: %s", p.out[0].name)
	}
	p.shown = len(p.out)
	if p.shown == 0 {
		return nil
	}
	return pl.hiddenColumns(seen)
}

// hiddenColumns adds what a REST answer's shape needs beside the selected columns: the row's own id, the ids of walked
// references, the parts of addresses.
func (pl *planner) hiddenColumns(seen map[string]bool) *apiError {
	p := pl.plan
	names := []string{"Id"}
	for _, c := range p.out[:p.shown] {
		prefix := ""
		for _, s := range c.steps {
			p.related = true
			prefix += s.name + "."
			names = append(names, prefix+"Id")
		}
		if c.field.Type == TypeAddress {
			base := strings.TrimSuffix(c.name, "Address")
			for _, part := range addressParts {
				names = append(names, base+part)
			}
		}
	}
	for _, name := range names {
		if seen[name] {
			continue
		}
		c, aerr := pl.resolveAs(name, planOptions{system: true}, 1, 1)
		if aerr != nil {
			return aerr
		}
		seen[name] = true
		p.out = append(p.out, c)
	}
	return nil
}

var addressParts = []string{"Street", "City", "State", "PostalCode", "Country"}

func (pl *planner) allFields(it *soql.Item, add func(*column) *apiError) *apiError {
	if q := pl.query; q.Limit == nil || *q.Limit > 200 {
		return failf(http.StatusBadRequest, "MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200")
	}
	for i := range pl.plan.t.obj.Fields {
		f := &pl.plan.t.obj.Fields[i]
		custom := f.Custom()
		switch strings.ToUpper(it.Arg) {
		case "ALL":
		case "STANDARD":
			if custom {
				continue
			}
		case "CUSTOM":
			if !custom {
				continue
			}
		default:
			return failf(http.StatusBadRequest, "MALFORMED_QUERY", "unexpected token: '%s'", it.Arg)
		}
		if !pl.opts.system && !pl.org.visible(pl.plan.t.obj, i) {
			continue
		}
		c, aerr := pl.resolve(f.Name, it.Pos.Line, it.Pos.Column)
		if aerr != nil {
			return aerr
		}
		if aerr := add(c); aerr != nil {
			return aerr
		}
	}
	return nil
}

func (pl *planner) aggregate(it *soql.Item, items int) *apiError {
	p := pl.plan
	fn := strings.ToUpper(it.Func)
	if fn == "COUNT" && it.Arg == "" {
		if items > 1 {
			return failf(http.StatusBadRequest, "MALFORMED_QUERY", "COUNT() must be the only element in the SELECT list")
		}
		p.count = true
		return nil
	}
	if fn != "COUNT" && fn != "MIN" && fn != "MAX" || it.Arg == "" {
		return failf(http.StatusBadRequest, "MALFORMED_QUERY", "unexpected token: '%s'", it.Func)
	}
	c, aerr := pl.resolve(it.Arg, it.Pos.Line, it.Pos.Column)
	if aerr != nil {
		return aerr
	}
	pl.uses(c)
	alias := it.Alias
	if alias == "" {
		alias = fmt.Sprintf("expr%d", pl.unnamed)
		pl.unnamed++
	}
	p.totals = append(p.totals, total{fn: fn, column: c, alias: alias})
	return nil
}

// ordering resolves ORDER BY.
func (pl *planner) ordering() *apiError {
	for _, it := range pl.query.OrderBy {
		c, aerr := pl.resolve(it.Field, it.Pos.Line, it.Pos.Column)
		if aerr != nil {
			return aerr
		}
		if c.field.longText() || c.field.Type == TypeAddress {
			return failf(http.StatusBadRequest, "MALFORMED_QUERY", "%s", soql.Mark(pl.text, it.Pos.Line, it.Pos.Column, fmt.Sprintf("field '%s' can not be sorted in a query call", c.field.Name)))
		}
		pl.uses(c)
		pl.plan.order = append(pl.plan.order, orderKey{
			column: c, descending: strings.EqualFold(it.Dir, "DESC"), nullsLast: strings.EqualFold(it.Nulls, "LAST"),
		})
	}
	return nil
}

func (pl *planner) bounds() *apiError {
	q, p := pl.query, pl.plan
	if q.Limit != nil {
		if *q.Limit < 0 {
			return failf(http.StatusBadRequest, "MALFORMED_QUERY", "LIMIT must be a positive number")
		}
		p.limit = *q.Limit
	}
	if q.Offset != nil {
		if *q.Offset < 0 || *q.Offset > 2000 {
			return failf(http.StatusBadRequest, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
		}
		p.offset = *q.Offset
	}
	return nil
}

// uses notes that filtering or ordering reads the column.
func (pl *planner) uses(c *column) {
	if len(c.steps) > 0 {
		pl.need[c.steps[0].col] = true
		return
	}
	pl.need[c.col] = true
}
