package postgres

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// name quotes a column.
func name(column string) string { return pgx.Identifier{column}.Sanitize() }

// each renders the columns with a verb for the quoted name, joined.
func each(columns []string, format, separator string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = strings.ReplaceAll(format, "%", name(c))
	}
	return strings.Join(out, separator)
}

// createSQL makes the staging table, which goes with the transaction. It has the target's column types and no others' eyes on it.
func (p *plan) createSQL() string {
	s := p.stage[1:].Sanitize()
	return fmt.Sprintf("CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT %s FROM %s WITH NO DATA;\nALTER TABLE %s %s",
		s, each(p.staged(), "%", ", "), p.target.Sanitize(), s, each(p.Key, "ALTER COLUMN % SET NOT NULL", ", "))
}

// scopeArgs are the values of the scope, in the order of its placeholders.
func (p *plan) scopeArgs() []any {
	args := make([]any, len(p.scope))
	for i, c := range p.scope {
		args[i] = p.Scope[c]
	}
	return args
}

// placeholder is the i-th scope column's parameter with its type, so that it means the same wherever it stands.
func (p *plan) placeholder(i int) string { return fmt.Sprintf("$%d::%s", i+1, p.types[p.scope[i]]) }

// inScope limits t to the scope; it begins with AND, or is empty.
func (p *plan) inScope() string {
	var b strings.Builder
	for i, c := range p.scope {
		fmt.Fprintf(&b, " AND t.%s = %s", name(c), p.placeholder(i))
	}
	return b.String()
}

// sameKey joins t and s.
func (p *plan) sameKey() string { return each(p.Key, "t.% = s.%", " AND ") + p.inScope() }

func (p *plan) countNewSQL() string {
	return fmt.Sprintf("SELECT count(*) FROM %s AS s WHERE NOT EXISTS (SELECT FROM %s AS t WHERE %s)",
		p.stage.Sanitize(), p.target.Sanitize(), p.sameKey())
}

func (p *plan) deleteSQL() string {
	return fmt.Sprintf("DELETE FROM %s AS t WHERE true%s AND NOT EXISTS (SELECT FROM %s AS s WHERE %s)",
		p.target.Sanitize(), p.inScope(), p.stage.Sanitize(), each(p.Key, "t.% = s.%", " AND "))
}

func (p *plan) mergeSQL() string {
	var b strings.Builder
	fmt.Fprintf(&b, "MERGE INTO %s AS t USING %s AS s ON %s", p.target.Sanitize(), p.stage.Sanitize(), p.sameKey())
	if len(p.Columns) > 0 {
		fmt.Fprintf(&b, "\nWHEN MATCHED AND ROW(%s) IS DISTINCT FROM ROW(%s) THEN UPDATE SET %s",
			each(p.Columns, "t.%", ", "), each(p.Columns, "s.%", ", "), each(append(p.Columns[:len(p.Columns):len(p.Columns)], p.Always...), "% = s.%", ", "))
	}
	columns, values := []string{}, []string{}
	for i, c := range p.scope {
		columns, values = append(columns, name(c)), append(values, p.placeholder(i))
	}
	columns, values = append(columns, each(p.staged(), "%", ", ")), append(values, each(p.staged(), "s.%", ", "))
	fmt.Fprintf(&b, "\nWHEN NOT MATCHED THEN INSERT (%s) VALUES (%s)", strings.Join(columns, ", "), strings.Join(values, ", "))
	return b.String()
}
