package schemas

import "strings"

// SOQL returns the query that reads exactly the data set's fields from its object. The condition, when not empty, follows
// WHERE as it stands.
func (d *Dataset) SOQL(condition string) string {
	q := "SELECT " + strings.Join(d.Names(), ", ") + " FROM " + d.Object
	if condition != "" {
		q += " WHERE " + condition
	}
	return q
}
