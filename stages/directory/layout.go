package directory

import (
	"fmt"
	"strings"

	"github.com/crmsync/crmsync/schemas"
)

// layout says which column of a file gives which field of its data set.
type layout struct {
	ds *schemas.Dataset
	// columns holds the field's position by the folded name of its column; names the columns' names as people write them.
	columns map[string]int
	names   []string
	// analytics is set for Sales Navigator's own export of activity.
	analytics bool
}

// fold reduces a column's name to what is compared: case, blanks, hyphens and underscores do not count.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

// canonical is the layout of a data set's own column names, or those that the mapping puts in their place.
func canonical(ds *schemas.Dataset, mapping map[string]string) *layout {
	l := &layout{ds: ds, columns: map[string]int{}, names: ds.Names()}
	for i, f := range ds.Fields {
		if column, ok := mapping[f.Name]; ok {
			l.names[i] = column
		}
		l.columns[fold(l.names[i])] = i
	}
	return l
}

// analyticsColumns are the columns of Sales Navigator's Analytics export of activity, and the fields of usage that they give.
var analyticsColumns = map[string]string{
	"activityId": "usage_id", "activityType": "kind", "createdAt": "occurred_at", "seatId": "seat_id", "memberIdentityKey": "member_id",
}

// layoutOf chooses the layout of a file by its columns.
func layoutOf(ds *schemas.Dataset, mapping map[string]string, columns []string) *layout {
	own := canonical(ds, mapping)
	if ds != schemas.Usage {
		return own
	}
	have := map[string]bool{}
	for _, c := range columns {
		have[fold(c)] = true
	}
	export := &layout{ds: ds, columns: map[string]int{}, names: make([]string, len(ds.Fields)), analytics: true}
	for column, field := range analyticsColumns {
		i := ds.Index(field)
		export.columns[fold(column)], export.names[i] = i, column
		if column != "memberIdentityKey" && !have[fold(column)] {
			return own
		}
	}
	return export
}

// derived reports whether the field has a value when the export has none: ids of usage are made from the event, and what a
// seller did not mark is not logged (R27).
func derived(ds *schemas.Dataset, field string) bool {
	return ds == schemas.Usage && field == "usage_id" || ds == schemas.Activities && field == "log_to_crm"
}

// header matches the columns of a file to fields, -1 for those not used. It is an error when a column occurs twice or a
// required one is missing.
func (l *layout) header(columns []string) ([]int, error) {
	at := make([]int, len(columns))
	by := make([]string, len(l.ds.Fields))
	for c, name := range columns {
		i, ok := l.columns[fold(name)]
		if !ok {
			at[c] = -1
			continue
		}
		if by[i] != "" {
			return nil, fmt.Errorf("columns %q and %q are both %s; remove or rename one", by[i], name, l.ds.Fields[i].Name)
		}
		at[c], by[i] = i, name
	}
	return at, l.complete(func(i int) bool { return by[i] != "" }, columns)
}

// complete makes sure that every required field has a column.
func (l *layout) complete(have func(field int) bool, columns []string) error {
	for i, f := range l.ds.Fields {
		if f.Nullable() || derived(l.ds, f.Name) || have(i) {
			continue
		}
		short := ShortName(l.ds)
		return fmt.Errorf("required column %q is missing; set navigator.mapping.%s.%s to the name that it has in the export; the columns are %q",
			l.names[i], short, f.Name, columns)
	}
	return nil
}
