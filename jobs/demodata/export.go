package demodata

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/crmsync/crmsync/schemas"
)

// Export is a Sales Navigator export folder.
type Export struct{ files []File }

// Files are the folder's files.
func (e *Export) Files() []File { return e.files }

// Write writes the folder; files that it held before are replaced.
func (e *Export) Write(dir string) error { return writeFiles(dir, e.files) }

func (g *generator) export() (*Export, error) {
	e := &Export{}
	for _, part := range []struct {
		ds   *schemas.Dataset
		rows []fields
	}{
		{schemas.Companies, g.companyRows()},
		{schemas.People, g.memberRows()},
		{schemas.Seats, rowsOf(g.seats, g.seatRow)},
	} {
		f, err := table(part.ds.Name[len("nav_"):]+".csv", part.ds.Names(), part.rows)
		if err != nil {
			return nil, err
		}
		e.files = append(e.files, f)
	}
	f, err := ndjson("activities.ndjson", schemas.Activities.Names(), g.activities())
	if err != nil {
		return nil, err
	}
	usage, err := g.usageFiles()
	e.files = append(append(e.files, f), usage...)
	return e, err
}

func rowsOf[T any](from []T, row func(T) fields) []fields {
	out := make([]fields, len(from))
	for i, v := range from {
		out[i] = row(v)
	}
	return out
}

// The invented profile and company on which write-back is tried.
const (
	testMember  = "t0001"
	testCompany = "u0001"
)

func (g *generator) companyRows() []fields {
	test := fields{
		"company_id": testCompany, "name": testAccount, "website": "https://test.example.com", "city": "Exampleville", "state": "CA",
		"country": "United States", "industry": "Invented", "employee_count": "1",
	}
	return rowsOf(append(slices.Clone(g.lists.companies), test), func(in fields) fields {
		out := maps.Clone(in)
		out["page_url"] = "https://directory.example.com/company/" + in["company_id"]
		return out
	})
}

var notDigit = regexp.MustCompile(`\D`)

// memberRows are the directory's profiles. A few show the address or number that the CRM has, the number written in another way.
func (g *generator) memberRows() []fields {
	r := g.random("profiles")
	contact := map[string]*person{}
	for _, p := range g.people {
		if p.member != "" {
			contact[p.member] = p
		}
	}
	test := fields{
		"member_id": testMember, "first_name": "Test", "last_name": "Contact", "title": "Test Contact for Write-back", "company_id": testCompany,
		"company": testAccount, "city": "Exampleville", "state": "CA", "country": "United States", "email": testEmail,
	}
	return rowsOf(append(slices.Clone(g.lists.members), test), func(in fields) fields {
		out := maps.Clone(in)
		out["full_name"] = in["first_name"] + " " + in["last_name"]
		out["headline"] = in["title"] + " at " + in["company"]
		out["profile_url"] = "https://directory.example.com/in/" + in["member_id"]
		p := contact[in["member_id"]]
		if p == nil {
			return out
		}
		if mail := p.row["Email"]; mail != "" && chance(r, 0.2) {
			out["email"] = mail
		}
		if n := notDigit.ReplaceAllString(p.row["Phone"], ""); n != "" && chance(r, 0.2) {
			out["phone"] = fmt.Sprintf("+1 %s-%s-%s", n[:3], n[3:6], n[6:])
		}
		return out
	})
}
