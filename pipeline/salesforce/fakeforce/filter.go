package fakeforce

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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

// like compiles a pattern of LIKE: % is any text, _ any character, a backslash takes the next one literally. Case does not
// matter.
func like(pattern string) func(string) bool {
	type piece struct {
		r        rune
		any, one bool
	}
	var pieces []piece
	escaped := false
	for _, r := range strings.ToLower(pattern) {
		switch {
		case escaped:
			pieces, escaped = append(pieces, piece{r: r}), false
		case r == '\\':
			escaped = true
		case r == '%':
			if len(pieces) == 0 || !pieces[len(pieces)-1].any {
				pieces = append(pieces, piece{any: true})
			}
		case r == '_':
			pieces = append(pieces, piece{one: true})
		default:
			pieces = append(pieces, piece{r: r})
		}
	}
	return func(v string) bool {
		if v == "" {
			return false
		}
		s := strings.ToLower(v)
		// Greedy matching with one point to fall back to, the last %: linear in practice, quadratic at worst.
		at, p, backAt, backP := 0, 0, -1, -1
		for at < len(s) {
			r, size := utf8.DecodeRuneInString(s[at:])
			switch {
			case p < len(pieces) && pieces[p].any:
				backAt, backP = at, p
				p++
			case p < len(pieces) && (pieces[p].one || pieces[p].r == r):
				at += size
				p++
			case backP >= 0:
				_, skip := utf8.DecodeRuneInString(s[backAt:])
				backAt += skip
				at, p = backAt, backP+1
			default:
				return false
			}
		}
		for p < len(pieces) && pieces[p].any {
			p++
		}
		return p == len(pieces)
	}
}

// operand is a literal in the org's spelling; span > 0 makes it a stretch of so many days from value on.
type operand struct {
	value string
	span  int
	date  bool // value is a date, not a datetime
}

// shifted is the end of the stretch.
func (o operand) shifted() string {
	layout := dateTimeLayout
	if o.date {
		layout = dateLayout
	}
	t, err := time.Parse(layout, o.value)
	if err != nil {
		return o.value
	}
	return t.AddDate(0, 0, o.span).Format(layout)
}

// operand converts a literal for a field, and refuses one of another type.
func (pl *planner) operand(f *Field, v *soql.Value) (operand, error) {
	mismatch := func(want string, quoted bool) error {
		if quoted {
			return fmt.Errorf("value of filter criterion for field '%s' must be of type %s and should not be enclosed in quotes", f.Name, want)
		}
		return fmt.Errorf("value of filter criterion for field '%s' must be of type %s", f.Name, want)
	}
	if v.Word != nil {
		switch strings.ToLower(*v.Word) {
		case "null":
			if f.Type == TypeBoolean {
				return operand{value: "false"}, nil
			}
			return operand{}, nil
		case "true", "false":
			if f.Type != TypeBoolean {
				return operand{}, mismatch(string(f.Type), false)
			}
			return operand{value: strings.ToLower(*v.Word)}, nil
		}
		return pl.dateLiteral(f, v)
	}
	quoted := v.String != nil
	switch f.Type {
	case TypeBoolean:
		return operand{}, mismatch("boolean", quoted)
	case TypeInt, TypeDouble, TypeCurrency:
		if v.Number == nil {
			return operand{}, mismatch(string(f.Type), quoted)
		}
		n, err := Canonical(&Field{Type: TypeDouble}, *v.Number)
		if err != nil {
			return operand{}, mismatch(string(f.Type), quoted)
		}
		if f.Type == TypeInt {
			if i, err := Canonical(f, *v.Number); err == nil {
				n = i
			}
		}
		return operand{value: n}, nil
	case TypeDate:
		if v.Date == nil {
			return operand{}, mismatch("date", quoted)
		}
		d, err := Canonical(f, *v.Date)
		return operand{value: d, date: true}, err
	case TypeDateTime:
		if v.DateTime == nil {
			return operand{}, mismatch("dateTime", quoted)
		}
		d, err := Canonical(f, strings.ToUpper(*v.DateTime))
		return operand{value: d}, err
	case TypeID, TypeReference:
		if v.String == nil {
			return operand{}, mismatch("ID", false)
		}
		s, err := soql.Unquote(*v.String, false)
		if err != nil || s == "" {
			return operand{}, err
		}
		id, err := Canonical(f, s)
		if err != nil {
			return operand{}, fmt.Errorf("invalid ID field: %s", s)
		}
		return operand{value: id}, nil
	default:
		if v.String == nil {
			return operand{}, mismatch("string and should be enclosed in quotes", false)
		}
		s, err := soql.Unquote(*v.String, false)
		return operand{value: s}, err
	}
}

// dateLiteral resolves TODAY and its like against the org's clock, in UTC.
func (pl *planner) dateLiteral(f *Field, v *soql.Value) (operand, error) {
	if f.Type != TypeDate && f.Type != TypeDateTime {
		return operand{}, fmt.Errorf("unexpected token: '%s'", *v.Word)
	}
	n := 0
	if v.N != nil {
		var err error
		if n, err = strconv.Atoi(*v.N); err != nil || n < 0 || n > 100_000 {
			return operand{}, fmt.Errorf("unexpected token: '%s'", *v.N)
		}
	}
	today := pl.org.now().UTC().Truncate(24 * time.Hour)
	var from time.Time
	days := 1
	switch word := strings.ToUpper(*v.Word); {
	case word == "TODAY":
		from = today
	case word == "YESTERDAY":
		from = today.AddDate(0, 0, -1)
	case word == "TOMORROW":
		from = today.AddDate(0, 0, 1)
	case word == "LAST_N_DAYS" && v.N != nil:
		from, days = today.AddDate(0, 0, -n), n+1
	case word == "NEXT_N_DAYS" && v.N != nil:
		from, days = today.AddDate(0, 0, 1), n
	default:
		return operand{}, fmt.Errorf("unexpected token: '%s'", *v.Word)
	}
	o := operand{span: days, date: f.Type == TypeDate, value: from.Format(dateTimeLayout)}
	if o.date {
		o.value = from.Format(dateLayout)
	}
	return o, nil
}
