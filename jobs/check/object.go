package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/pipeline/salesforce"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/writeback"
)

// object compares the fields that are read (R8) with those that the integration user may see.
func (c Check) object(ctx context.Context, r *Report, ds *schemas.Dataset) error {
	check := "read " + ds.Object
	o, err := c.Client.Describe(ctx, ds.Object)
	if err != nil {
		return c.failed(r, check, err, readAdvice(err, ds.Object))
	}
	if !o.Queryable {
		r.Add(Red, check, "the object can't be queried", readAdvice(salesforce.ErrPermission, ds.Object))
		return nil
	}
	wanted := ds.Fields
	isRevenue := ds.Object == schemas.Opportunity.Object && c.RevenueField != ""
	if isRevenue && ds.Index(c.RevenueField) < 0 {
		wanted = append(slices.Clone(wanted), schemas.Field{Name: c.RevenueField, Type: schemas.Float64, Flags: schemas.Nullable})
	}
	var needed, empty []string
	for _, f := range wanted {
		if _, ok := o.Field(f.Name); ok {
			continue
		}
		if f.Nullable() {
			empty = append(empty, f.Name)
		} else {
			needed = append(needed, f.Name)
		}
	}
	seen := fmt.Sprintf("%d of %s", len(wanted)-len(needed)-len(empty), plural(len(wanted), "field", "fields"))
	switch {
	case len(needed) > 0:
		says := fmt.Sprintf("%s; hidden and needed: %s", seen, strings.Join(needed, ", "))
		if len(empty) > 0 {
			says += "; hidden: " + strings.Join(empty, ", ")
		}
		r.Add(Red, check, says, fieldAdvice(append(needed, empty...))+"; a sync stops without those that are needed")
	case len(empty) > 0:
		r.Add(Yellow, check, seen+"; hidden or missing: "+strings.Join(empty, ", "), fieldAdvice(empty)+"; until then their columns are empty")
	default:
		r.Add(Green, check, seen, "")
	}
	if isRevenue {
		c.revenue(r, o)
	}
	return nil
}

// revenue looks at the field that the administrator named (R36, R41).
func (c Check) revenue(r *Report, o *salesforce.Object) {
	const check = "revenue field"
	f, ok := o.Field(c.RevenueField)
	switch {
	case !ok:
		r.Add(Yellow, check, fmt.Sprintf("Opportunity.%s is hidden, or does not exist", c.RevenueField),
			"grant read access to it, or name another field: crmsync settings set roi.revenue_field NAME")
	case !slices.Contains([]string{"currency", "double", "int", "long", "percent"}, f.Type):
		r.Add(Red, check, fmt.Sprintf("Opportunity.%s is of type %s, not a number", f.Name, f.Type), "name another field: crmsync settings set roi.revenue_field NAME")
	default:
		r.Add(Green, check, fmt.Sprintf("Opportunity.%s, of type %s", f.Name, f.Type), "")
	}
}

func readAdvice(err error, object string) string {
	if errors.Is(err, salesforce.ErrNotFound) || errors.Is(err, salesforce.ErrPermission) {
		return fmt.Sprintf("give the integration user read access to %s and View All Data (a permission set)", object)
	}
	return ""
}

func fieldAdvice(fields []string) string {
	return "grant the integration user read access by field-level security (a permission set): " + strings.Join(fields, ", ")
}

// task looks at what write-back needs (R6). While write-back is off, what it lacks is a warning.
func (c Check) task(ctx context.Context, r *Report) error {
	o, err := c.Client.Describe(ctx, "Task")
	if err != nil {
		return c.failed(r, "write Task", err, readAdvice(err, "Task"))
	}
	missing := Yellow
	if c.Writeback {
		missing = Red
	}
	a := writeback.AbilityOf(o, c.UniqueField)
	if o.Createable {
		r.Add(Green, "write Task", "tasks may be created", "")
	} else {
		r.Add(missing, "write Task", "the integration user may not create tasks"+c.consequence(), "give it create access to Task, that is, the permission Edit Tasks")
	}
	const check = "record types of Task"
	const install = "install the Sales Navigator package in the org, and give its record types of Task to the integration user's permission set or profile"
	wanted := slices.DeleteFunc(slices.Clone(a.Missing), func(kind string) bool { return !slices.Contains(c.Kinds, kind) })
	switch {
	case len(a.Kinds) == 0:
		r.Add(missing, check, "none of the managed package's"+c.consequence(), install)
	case c.Writeback && len(wanted) > 0:
		r.Add(Red, check, "none for "+strings.Join(wanted, ", ")+", which write-back is switched on for", install)
	case len(a.Missing) > 0:
		r.Add(Yellow, check, fmt.Sprintf("for %s; none for %s", strings.Join(a.Kinds, ", "), strings.Join(a.Missing, ", ")), install)
	default:
		r.Add(Green, check, "for "+strings.Join(a.Kinds, ", "), "")
	}
	if a.UniqueField != "" {
		r.Add(Green, "unique field of Activity", a.UniqueField+": Salesforce itself refuses a second copy of an activity", "")
	} else if c.UniqueField != "" {
		r.Add(Green, "unique field of Activity", "none: after a lost answer, write-back looks in the org before it writes again",
			fmt.Sprintf("optional: make a text field %s of Activity, length 32 or more, unique, that the integration user may edit", c.UniqueField))
	}
	return nil
}

// note looks at what the write-back of notes needs.
func (c Check) note(ctx context.Context, r *Report) error {
	const check = "write Note"
	o, err := c.Client.Describe(ctx, "Note")
	if err == nil && o.Createable {
		r.Add(Green, check, "notes may be created", "")
		return nil
	}
	if err != nil && !errors.Is(err, salesforce.ErrNotFound) {
		return c.failed(r, check, err, "")
	}
	level := Yellow
	if c.Writeback && slices.Contains(c.Kinds, "Note") {
		level = Red
	}
	r.Add(level, check, "the integration user may not create notes, so none are written", "give it create access to Note and edit access to what the notes are for")
	return nil
}

func (c Check) consequence() string {
	if c.Writeback {
		return ", so write-back, which is switched on, writes nothing; import goes on"
	}
	return ", so write-back can't be switched on; import works without it"
}
