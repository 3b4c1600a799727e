package linkage_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/eval"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

const fortune = "../../../testdata/fortune"

func readTable(t testing.TB, file, id string, columns map[schemas.Role]string) *record.Table {
	t.Helper()
	f, err := os.Open(filepath.Join(fortune, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tab, err := record.ReadCSV(f, id, columns)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return tab
}

func readTruth(t testing.TB, file string) eval.Truth {
	t.Helper()
	f, err := os.Open(filepath.Join(fortune, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	truth, err := eval.ReadTruth(f)
	if err != nil {
		t.Fatal(err)
	}
	return truth
}

func accounts(t testing.TB) (left, right *record.Table) {
	return readTable(t, "crm_accounts.csv", "Id", map[schemas.Role]string{
			schemas.Company: "Name", schemas.Website: "Website", schemas.Street: "BillingStreet", schemas.City: "BillingCity", schemas.State: "BillingState",
			schemas.PostalCode: "BillingPostalCode", schemas.Country: "BillingCountry", schemas.Employees: "NumberOfEmployees",
		}), readTable(t, "directory_companies.csv", "company_id", map[schemas.Role]string{
			schemas.Company: "name", schemas.Website: "website", schemas.City: "city", schemas.State: "state", schemas.Country: "country",
			schemas.Ticker: "ticker", schemas.Industry: "industry", schemas.Employees: "employee_count",
		})
}

func people(t testing.TB) (left, right *record.Table) {
	return readTable(t, "crm_contacts.csv", "Id", map[schemas.Role]string{
			schemas.GivenName: "FirstName", schemas.Surname: "LastName", schemas.Title: "Title", schemas.Company: "AccountName", schemas.City: "MailingCity",
			schemas.State: "MailingState", schemas.PostalCode: "MailingPostalCode", schemas.Country: "MailingCountry",
		}), readTable(t, "directory_people.csv", "member_id", map[schemas.Role]string{
			schemas.GivenName: "first_name", schemas.Surname: "last_name", schemas.Title: "title", schemas.Company: "company", schemas.City: "city",
			schemas.State: "state", schemas.Country: "country",
		})
}

func measure(t *testing.T, entity string, left, right *record.Table, truth eval.Truth, aside string) (*linkage.Result, eval.Report) {
	t.Helper()
	res, err := linkage.Run(context.Background(), left, right, linkage.Config{Entity: entity, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var links, candidates []eval.Scored
	for _, m := range res.Matches {
		s := eval.Scored{Pair: eval.Pair{Left: m.Left, Right: m.Right}, Score: m.Weight}
		if m.Decision == linkage.Link {
			links = append(links, s)
		}
		if m.Decision == linkage.Link || m.Decision == linkage.Review {
			candidates = append(candidates, s)
		}
	}
	r := eval.Compare(truth, links, candidates, aside)
	t.Logf("precision %.4f recall %.4f F1 %.4f (%d true of %d links, %d expected; best F1 %.4f at %.1f bits)", r.Precision, r.Recall, r.F1, r.True, r.Links, r.Expected, r.Best.F1, r.BestThreshold)
	t.Logf("kinds %+v; training %+v prior %.3g", r.Kinds, res.Model.Training, res.Model.Prior)
	show := func(what string, list []eval.Pair) {
		for _, p := range list {
			t.Logf("%s %s %s", what, p.Left, p.Right)
			for _, m := range res.Matches {
				if m.Left == p.Left {
					t.Logf("   %s %s %.1f bits, runner-up %s %.1f: %v", m.Decision, m.Right, m.Weight, m.RunnerUp, m.RunnerUpBit, m.Evidence)
				}
			}
		}
	}
	show("wrong", r.Wrong)
	show("missed", r.Missed)
	return res, r
}

func TestFortune(t *testing.T) {
	accountTruth, peopleTruth := readTruth(t, "truth_accounts.csv"), readTruth(t, "truth_people.csv")
	for _, c := range []struct {
		name, entity, aside   string
		tables                func(testing.TB) (*record.Table, *record.Table)
		without               []schemas.Role
		truth                 eval.Truth
		precision, recall, f1 float64
	}{
		{"accounts", feature.Company, "successor", accounts, nil, accountTruth, 0.985, 0.97, 0.99},
		{"accounts without website and street", feature.Company, "successor", accounts, []schemas.Role{schemas.Website, schemas.Street}, accountTruth, 0.97, 0.95, 0.98},
		{"people", feature.Person, "moved", people, nil, peopleTruth, 0.97, 0.95, 0.985},
	} {
		t.Run(c.name, func(t *testing.T) {
			left, right := c.tables(t)
			_, r := measure(t, c.entity, left.Without(c.without...), right.Without(c.without...), c.truth, c.aside)
			if r.Precision < c.precision || r.Recall < c.recall || r.F1 < c.f1 {
				t.Errorf("precision %.4f, recall %.4f, F1 %.4f; want at least %.3f, %.3f, %.3f", r.Precision, r.Recall, r.F1, c.precision, c.recall, c.f1)
			}
		})
	}
}
