package load

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/pipeline/postgres/postgrestest"
	"github.com/crmsync/crmsync/schemas"
	migrations "github.com/crmsync/crmsync/schemas/postgres"
)

func TestColumn(t *testing.T) {
	for field, want := range map[string]string{
		"Id": "id", "IsUnreadByOwner": "is_unread_by_owner", "record_id": "record_id", "BillingPostalCode": "billing_postal_code",
	} {
		if got := Column(field); got != want {
			t.Errorf("%s is column %s, want %s", field, got, want)
		}
	}
}

// TestTablesFollowTheDataSets fails when a field is added to a data set and no migration adds its column.
func TestTablesFollowTheDataSets(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.Migrations)
	types := map[schemas.Type]string{
		schemas.String: "text", schemas.JSON: "jsonb", schemas.Bool: "boolean", schemas.Int64: "bigint", schemas.Float64: "double precision",
		schemas.Date: "date", schemas.Timestamp: "timestamp with time zone",
	}
	type column struct {
		Name, Type string
		Required   bool
		Comment    string
	}
	for _, tab := range append(slices.Clone(tables), backfillTables...) {
		rows, err := db.Query(t.Context(), `SELECT attname::text, format_type(atttypid, atttypmod), attnotnull, coalesce(col_description(attrelid, attnum), '')
			FROM pg_attribute WHERE attrelid = to_regclass('crmsync.' || $1) AND attnum > 0 AND NOT attisdropped`, tab.name)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
		if err != nil {
			t.Fatal(err)
		}
		own := []string{"contract", "sandbox", "run_id", "as_of", "revenue", "backfill"}
		for _, f := range tab.ds.Fields {
			at := slices.IndexFunc(columns, func(c column) bool { return c.Name == Column(f.Name) })
			if at < 0 {
				t.Errorf("%s has no column for %s.%s", tab.name, tab.ds.Name, f.Name)
				continue
			}
			c := columns[at]
			own = append(own, c.Name)
			if c.Type != types[f.Type] || c.Required == f.Nullable() {
				t.Errorf("%s.%s is %s, required %t; the field is %s, nullable %t", tab.name, c.Name, c.Type, c.Required, f.Type, f.Nullable())
			}
			if strings.HasPrefix(c.Comment, "Personal data.") != f.Personal() {
				t.Errorf("%s.%s: comment %q, the field is personal: %t", tab.name, c.Name, c.Comment, f.Personal())
			}
		}
		for _, c := range columns {
			if !slices.Contains(own, c.Name) {
				t.Errorf("%s.%s shows no field of %s", tab.name, c.Name, tab.ds.Name)
			}
		}
	}
}
