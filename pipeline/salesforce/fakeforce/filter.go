package fakeforce

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce/soql"
)

// predicate decides whether a row, as full-width cells of which the plan's needed ones are filled, matches.
type predicate func(cells []string) bool

// conditions compiles WHERE.
func (pl *planner) conditions() *apiError {
	if pl.query.Where == nil {
		return nil
	}
	where, aerr := pl.expr(pl.query.Where)
	if aerr != nil {
		return aerr
	}
	pl.plan.where = where
	pl.idsOf(pl.query.Where)
	return nil
}

func (pl *planner) expr(e *soql.Expr) (predicate, *apiError) {
	first, aerr := pl.condition(e.First)
	if aerr != nil {
		return nil, aerr
	}
	rest, any := e.And, false
	if len(e.Or) > 0 {
		rest, any = e.Or, true
	}
	if len(rest) == 0 {
		return first, nil
	}
	terms := []predicate{first}
	for _, c := range rest {
		t, aerr := pl.condition(c)
		if aerr != nil {
			return nil, aerr
		}
		terms = append(terms, t)
	}
	return func(cells []string) bool {
		for _, t := range terms {
			if t(cells) == any {
				return any
			}
		}
		return !any
	}, nil
}

func (pl *planner) condition(c *soql.Condition) (predicate, *apiError) {
	switch {
	case c.Group != nil:
		return pl.expr(c.Group)
	case c.Not != nil:
		inner, aerr := pl.condition(c.Not)
		if aerr != nil {
			return nil, aerr
		}
		return func(cells []string) bool { return !inner(cells) }, nil
	default:
		return pl.compare(c.Compare)
	}
}

// compare compiles one comparison. Nulls equal null only; no null is less or greater than anything.
func (pl *planner) compare(c *soql.Compare) (predicate, *apiError) {
	column, aerr := pl.resolve(c.Field, c.Pos.Line, c.Pos.Column)
	if aerr != nil {
		return nil, aerr
	}
	f := column.field
	refuse := func(code, format string, args ...any) (predicate, *apiError) {
		return nil, failf(http.StatusBadRequest, code, "%s", soql.Mark(pl.text, c.Pos.Line, c.Pos.Column, fmt.Sprintf(format, args...)))
	}
	if !f.Filterable() {
		return refuse("INVALID_FIELD", "field '%s' can not be filtered in a query call", f.Name)
	}
	pl.uses(column)
	op := strings.ToUpper(c.Op)
	if op == "<>" {
		op = "!="
	}
	values := c.List
	isList := op == "IN" || op == "NOTIN"
	if isList != (c.Value == nil) {
		if isList && c.Value.String == nil {
			return refuse("MALFORMED_QUERY", "%s needs a list of values in parentheses", c.Op)
		}
		if !isList {
			return refuse("MALFORMED_QUERY", "unexpected token: '('")
		}
	}
	if c.Value != nil {
		values = []*soql.Value{c.Value}
	}
	switch op {
	case "INCLUDES", "EXCLUDES":
		return refuse("INVALID_OPERATOR_FOR_TYPE", "includes and excludes are for multi-select picklists")
	case "LIKE":
		if !f.text() || c.Value.String == nil {
			return refuse("INVALID_QUERY_FILTER_OPERATOR", "invalid operator on %s field", f.Type)
		}
		pattern, err := soql.Unquote(*c.Value.String, true)
		if err != nil {
			return refuse("MALFORMED_QUERY", "%s", err)
		}
		get, match := column.get, like(pattern)
		return func(cells []string) bool { return match(get(cells)) }, nil
	}
	operands := make([]operand, len(values))
	for i, v := range values {
		o, err := pl.operand(f, v)
		if err != nil {
			return refuse("INVALID_FIELD", "%s", err)
		}
		operands[i] = o
	}
	if isList {
		return pl.inList(column, operands, op == "NOTIN"), nil
	}
	x := operands[0]
	if (x.span > 0) && (op == "=" || op == "!=") {
		until := x.shifted()
		get, not := column.get, op == "!="
		return func(cells []string) bool {
			v := get(cells)
			return (v != "" && v >= x.value && v < until) != not
		}, nil
	}
	if x.span > 0 && (op == ">" || op == "<=") {
		// A day is compared as a whole: after it is after its end.
		x.value = x.shifted()
		op = map[string]string{">": ">=", "<=": "<"}[op]
	}
	if f.Type == TypeBoolean && op != "=" && op != "!=" {
		return refuse("INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field")
	}
	return scalar(column, op, x.value), nil
}

// scalar compares by the field's type.
func scalar(c *column, op, want string) predicate {
	order := orderOf(c.field)
	get := c.get
	switch op {
	case "=", "!=":
		same := equalityOf(c.field, want)
		not := op == "!="
		return func(cells []string) bool { return same(get(cells)) != not }
	case "<":
		return func(cells []string) bool { v := get(cells); return v != "" && want != "" && order(v, want) < 0 }
	case "<=":
		return func(cells []string) bool { v := get(cells); return v != "" && want != "" && order(v, want) <= 0 }
	case ">":
		return func(cells []string) bool { v := get(cells); return v != "" && want != "" && order(v, want) > 0 }
	default:
		return func(cells []string) bool { v := get(cells); return v != "" && want != "" && order(v, want) >= 0 }
	}
}

// equalityOf returns a test for one value: text without regard to case, ids by their first 15 characters.
func equalityOf(f *Field, want string) func(string) bool {
	if f.text() {
		return func(v string) bool { return len(v) == len(want) && v == want || strings.EqualFold(v, want) }
	}
	return func(v string) bool { return v == want }
}

// orderOf returns the order of a field's values.
func orderOf(f *Field) func(a, b string) int {
	switch f.Type {
	case TypeInt, TypeDouble, TypeCurrency:
		return func(a, b string) int {
			x, _ := strconv.ParseFloat(a, 64)
			y, _ := strconv.ParseFloat(b, 64)
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		}
	case TypeID, TypeReference, TypeDate, TypeDateTime, TypeBoolean:
		return strings.Compare
	default:
		return func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
	}
}

func (pl *planner) inList(c *column, operands []operand, not bool) predicate {
	fold := func(s string) string { return s }
	if c.field.text() {
		fold = strings.ToLower
	}
	set := make(map[string]bool, len(operands))
	for _, o := range operands {
		set[fold(o.value)] = true
	}
	get := c.get
	return func(cells []string) bool { return set[fold(get(cells))] != not }
}

// idsOf notes which rows can match at all, when the statement says Id = x or Id IN (…) on its topmost level.
func (pl *planner) idsOf(e *soql.Expr) {
	if len(e.Or) > 0 {
		return
	}
	for _, c := range append([]*soql.Condition{e.First}, e.And...) {
		if c.Group != nil {
			pl.idsOf(c.Group)
			continue
		}
		if c.Compare == nil || pl.plan.byID || !strings.EqualFold(c.Compare.Field, "Id") {
			continue
		}
		op := strings.ToUpper(c.Compare.Op)
		values := c.Compare.List
		if op == "=" {
			values = []*soql.Value{c.Compare.Value}
		} else if op != "IN" {
			continue
		}
		if c.Compare.Value != nil && op == "IN" {
			values = []*soql.Value{c.Compare.Value}
		}
		f := &pl.plan.t.obj.Fields[0]
		seen := map[idKey]bool{}
		for _, v := range values {
			o, err := pl.operand(f, v)
			if err != nil {
				continue
			}
			if k, err := parseID(o.value); err == nil && !seen[k] {
				seen[k] = true
				pl.plan.ids = append(pl.plan.ids, k)
			}
		}
		pl.plan.byID = true
		slices.SortFunc(pl.plan.ids, func(a, b idKey) int { return strings.Compare(string(a[:]), string(b[:])) })
	}
}
