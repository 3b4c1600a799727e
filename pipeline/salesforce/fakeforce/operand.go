package fakeforce

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce/soql"
)

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
