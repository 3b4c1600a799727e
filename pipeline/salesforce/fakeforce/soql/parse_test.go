package soql_test

import (
	"strings"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce/soql"
)

var good = []string{
	"SELECT Id FROM Account",
	"select id, name from account limit 5",
	"SELECT Id, Account.Name FROM Contact WHERE Account.Name = 'x' ORDER BY LastName DESC NULLS LAST, Id LIMIT 10 OFFSET 5",
	"SELECT COUNT() FROM Lead WHERE IsConverted = false",
	"SELECT COUNT(Id) n, MAX(SystemModstamp) FROM Lead",
	"SELECT Id FROM Lead WHERE (A = 1 OR B = 2) AND NOT (C IN ('a','b\\'c') AND D NOT IN (1.5, -2e3))",
	"SELECT Id FROM Lead WHERE SystemModstamp >= 2026-01-02T03:04:05Z AND SystemModstamp < 2026-01-02T03:04:05.000+01:00",
	"SELECT Id FROM Lead WHERE CreatedDate = LAST_N_DAYS:30 AND X = null AND Y LIKE '%a_'",
	"SELECT Id FROM Opportunity o WHERE o.CloseDate > 2026-01-31 FOR VIEW",
	"SELECT Id, (SELECT Id FROM Contacts) FROM Account",
	"SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName",
	"SELECT FIELDS(ALL) FROM Account LIMIT 200",
}

func TestParseAccepts(t *testing.T) {
	for _, text := range good {
		if _, err := soql.Parse(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	cases := []struct{ text, want string }{
		{"", "unexpected token: <EOF>"},
		{"SELECT Id FORM Account", "Row:1:Column:11\nunexpected token: 'FORM'"},
		{"SELECT Id FROM", "unexpected token: <EOF>"},
		{"SELECT Id,, Name FROM Account", "Row:1:Column:10\nunexpected token: ','"},
		{"SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3", "unexpected token: 'OR'"},
		{"SELECT Id FROM Account WHERE Name = 'open", "ERROR at Row:1:Column:37"},
		{"SELECT Id FROM Account WHERE\nName == 'x'", "ERROR at Row:2:Column:7"},
		{"SELECT Id FROM Account LIMIT many", "unexpected token: 'many'"},
		{"DELETE FROM Account", "unexpected token: 'DELETE'"},
		{"SELECT Id FROM Account WHERE A IN ()", "unexpected token: ')'"},
		{"SELECT Id FROM Account WHERE " + strings.Repeat("(", 500) + "A = 1" + strings.Repeat(")", 500), "nested too deeply"},
		{"SELECT Id FROM Account WHERE " + strings.Repeat("NOT ", 500) + "A = 1", "nested too deeply"},
		{"SELECT Id FROM Account WHERE A = '" + strings.Repeat("x", 100_000) + "'", "100,000 characters"},
	}
	for _, c := range cases {
		_, err := soql.Parse(c.text)
		if err == nil {
			t.Errorf("%.60s: parsed", c.text)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: got %q, want %q in it", c.text, err, c.want)
		}
	}
}

func TestParseKeepsStructure(t *testing.T) {
	q, err := soql.Parse("SELECT Id, COUNT(Name) n FROM Lead l WHERE a = 1 AND (b != 'x' OR NOT c NOT IN (1,2)) ORDER BY d DESC LIMIT 7")
	if err != nil {
		t.Fatal(err)
	}
	if q.Object != "Lead" || q.Alias != "l" || *q.Limit != 7 || len(q.Items) != 2 || q.Items[1].Func != "COUNT" || q.Items[1].Alias != "n" {
		t.Fatalf("query: %+v", q)
	}
	if len(q.Where.And) != 1 || len(q.Where.And[0].Group.Or) != 1 {
		t.Fatalf("where: %+v", q.Where)
	}
	not := q.Where.And[0].Group.Or[0].Not
	if not == nil || strings.ToUpper(not.Compare.Op) != "NOTIN" || len(not.Compare.List) != 2 {
		t.Fatalf("not: %+v", not)
	}
	if q.OrderBy[0].Field != "d" || q.OrderBy[0].Dir != "DESC" {
		t.Fatalf("order: %+v", q.OrderBy[0])
	}
}

func TestUnquote(t *testing.T) {
	cases := []struct {
		token, want string
		like        bool
	}{
		{`'plain'`, "plain", false},
		{`'O\'Brien'`, "O'Brien", false},
		{`'a\\b\n\t\u00e9'`, "a\\b\n\té", false},
		{`'10\%\_'`, `10%_`, false},
		{`'10\%\_\\'`, `10\%\_\\`, true},
	}
	for _, c := range cases {
		got, err := soql.Unquote(c.token, c.like)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.token, got, err, c.want)
		}
	}
	for _, bad := range []string{`'\z'`, `'\u12'`, `x`} {
		if got, err := soql.Unquote(bad, false); err == nil {
			t.Errorf("%s: got %q, want an error", bad, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range good {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := soql.Parse(text)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without a text")
			}
			return
		}
		if q.Object == "" || len(q.Items) == 0 {
			t.Fatalf("parsed %q to a query without object or items", text)
		}
	})
}
