package feature

import (
	"testing"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/record"
)

// two makes a set of one left and one right row, given as role and value in turn.
func two(t testing.TB, entity string, left, right map[schemas.Role]string) *Set {
	t.Helper()
	table := func(id string, values map[schemas.Role]string) *record.Table {
		roles := Roles(entity)
		b := record.NewBuilder(roles...)
		if err := b.Row(id); err != nil {
			t.Fatal(err)
		}
		for i, r := range roles {
			b.Set(i, values[r])
		}
		return b.Table()
	}
	return New(entity, table("l", left), table("r", right), Options{})
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		entity, comparison string
		role               schemas.Role
		left, right, want  string
	}{
		{Person, "given_name", schemas.GivenName, "Timothy", "Timothy D.", "exact"},
		{Person, "given_name", schemas.GivenName, "Lip-Bu", "Lipbu", "exact"},
		{Person, "given_name", schemas.GivenName, "Douglas", "C. Douglas", "middle"},
		{Person, "given_name", schemas.GivenName, "Bill", "William", "nickname"},
		{Person, "given_name", schemas.GivenName, "Bob", "Rob", "nickname"},
		{Person, "given_name", schemas.GivenName, "Michaek", "Michael", "close"},
		{Person, "given_name", schemas.GivenName, "J.", "John", "initial"},
		{Person, "given_name", schemas.GivenName, "Walker", "Jeffrey W.", "initial"},
		{Person, "given_name", schemas.GivenName, "John", "Susan", "differs"},
		{Person, "given_name", schemas.GivenName, "", "Susan", missing},
		{Person, "given_name", schemas.GivenName, "Unknown", "Susan", missing},
		{Person, "given_name", schemas.GivenName, "Paul", "Paula", "differs"},
		{Person, "given_name", schemas.GivenName, "Mikhail", "Michel", "cognate"},
		{Person, "surname", schemas.Surname, "Hansen", "Jansen", "similar"},
		{Person, "surname", schemas.Surname, "Chan", "Chen", "spelling"},
		{Person, "surname", schemas.Surname, "Smith Jr.", "Smith Sr", OtherGeneration},
		{Person, "surname", schemas.Surname, "Smith Jr.", "Smith II", "exact"},
		{Person, "surname", schemas.Surname, "Smith Jr.", "Smith", "exact"},
		{Person, "company", schemas.Company, "Self-employed", "self employed", missing},
		{Person, "email", schemas.Email, "info@acme.com", "info@acme.com", "shared mailbox"},
		{Person, "phone", schemas.Phone, "+1 415 555 0123 ext. 5", "+1 415 555 0123 x7", "other extension"},
		{Person, "phone", schemas.Phone, "+1 415 555 0123 ext. 5", "+1 415 555 0123", "same"},
		{Person, "phone", schemas.Phone, "555-555-5555", "555-555-5555", missing},
		{Company, "website", schemas.Website, "facebook.com/pizzeria", "facebook.com/osteria", missing},
		{Company, "website", schemas.Website, "www.facebook.com", "https://facebook.com/", "same"},
		{Person, "surname", schemas.Surname, "Müller", "Mueller", "close"},
		{Person, "surname", schemas.Surname, "Иванов", "Ivanov", "exact"},
		{Person, "surname", schemas.Surname, "da Silva", "Silva", "exact"},
		{Person, "surname", schemas.Surname, "Garcia Lopez", "Garcia", "part"},
		{Person, "surname", schemas.Surname, "Smith", "Smiht", "close"},
		{Person, "surname", schemas.Surname, "Smith", "Jones", "differs"},
		{Person, "company", schemas.Company, "Walmart Inc.", "WALMART", "exact"},
		{Person, "company", schemas.Company, "Edward Jones", "Jones Financial (Edward Jones)", "alias"},
		{Person, "company", schemas.Company, "ADP", "Automatic Data Processing", "acronym"},
		{Person, "company", schemas.Company, "Sempra", "Sempra Energy", "contained"},
		{Person, "company", schemas.Company, "Siemens", "Bosch", "differs"},
		{Person, "company", schemas.CompanyKey, "b1", "b1", "linked"},
		{Person, "place", schemas.City, "St. Louis", "Saint Louis", "city"},
		{Person, "title", schemas.Title, "CEO", "Chief Executive Officer", "same"},
		{Person, "email", schemas.Email, "ann@acme.com", "ANN@acme.com | a@gmail.com", "same"},
		{Person, "email", schemas.Email, "ann.lee@gmail.com", "ann.lee@acme.com", "local part"},
		{Person, "email", schemas.Email, "ann@gmail.com", "bob@gmail.com", "differs"},
		{Person, "email", schemas.Email, "ann@acme.com", "bob@acme.com", "domain"},
		{Person, "phone", schemas.Phone, "(415) 555-0123", "+1 415 555 0123", "same"},
		{Person, "phone", schemas.Phone, "415 555 0123", "415 555 0188", "same exchange"},
		{Company, "name", schemas.Company, "AUTO ZONE", "AutoZone, Inc.", "exact"},
		{Company, "website", schemas.Website, "https://www.acme.com/x", "acme.com", "same"},
		{Company, "website", schemas.Website, "acme.de", "acme.com", "other suffix"},
		{Company, "website", schemas.Website, "expedia.com", "expediagroup.com", "similar"},
		{Company, "employees", schemas.Employees, "1,000", "1050", "within 10%"},
		{Company, "employees", schemas.Employees, "0", "1050", missing},
		{Company, "ticker", schemas.Ticker, "NYSE: IBM", "ibm", "same"},
		{Company, "industry", schemas.Industry, "Oil & Energy", "Energy", "shares a word"},
		{Company, "postal_code", schemas.PostalCode, "10019-1234", "10019", "same"},
		{Company, "street", schemas.Street, "1 Main St", "One Main Street, Suite 9", "same"},
	} {
		s := two(t, c.entity, map[schemas.Role]string{c.role: c.left}, map[schemas.Role]string{c.role: c.right})
		i := s.Index(c.comparison)
		if i < 0 {
			if c.want != missing {
				t.Errorf("%s of %q and %q: not compared", c.comparison, c.left, c.right)
			}
			continue
		}
		if got := s.Comparisons[i].Levels[s.Pattern(0, 0).Level(i)].Name; got != c.want {
			t.Errorf("%s of %q and %q: %s, want %s", c.comparison, c.left, c.right, got, c.want)
		}
	}
}

func TestNamesInEachOthersPlace(t *testing.T) {
	s := two(t, Person, map[schemas.Role]string{schemas.GivenName: "Chen", schemas.Surname: "Wei"}, map[schemas.Role]string{schemas.GivenName: "Wei", schemas.Surname: "Chen"})
	b := s.NewBatch()
	p := b.Compare(0, []uint32{0})[0]
	for name, want := range map[string]string{"given_name": "swapped", "surname": missing} {
		i := s.Index(name)
		if got := s.Comparisons[i].Levels[p.Level(i)].Name; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestPlacesByDistance(t *testing.T) {
	for _, c := range []struct{ left, right, want string }{
		{"Oakland|CA|US", "San Francisco|California|USA", "within 30 km"},
		{"San Jose|CA|US", "San Francisco|CA|US", "within 100 km"},
		{"Los Angeles|CA|US", "San Francisco|CA|US", "region"},
		{"Boston|MA|US", "San Francisco|CA|US", "country"},
		{"Paris||France", "Paris|Texas|US", "differs"},
		{"||US", "Boston|MA|US", missing},
	} {
		row := func(s string) map[schemas.Role]string {
			m := map[schemas.Role]string{}
			part := 0
			for _, r := range s {
				if r == '|' {
					part++
					continue
				}
				m[[]schemas.Role{schemas.City, schemas.State, schemas.Country}[part]] += string(r)
			}
			return m
		}
		s := two(t, Person, row(c.left), row(c.right))
		f := s.Comparisons[s.Index("place")]
		if got := f.Levels[s.Pattern(0, 0).Level(s.Index(f.Name))].Name; got != c.want {
			t.Errorf("%s and %s: %s, want %s", c.left, c.right, got, c.want)
		}
	}
}

// FuzzPair holds that any two records can be compared, by a batch and one by one alike, and that they are alike in both directions.
func FuzzPair(f *testing.F) {
	f.Add("Ann", "Lee", "Acme (A)", "ann@acme.com", "Berlin", "Anna M.", "Lee-Smith", "ACME Inc", "lee@x.de", "Potsdam")
	f.Fuzz(func(t *testing.T, g1, s1, c1, e1, p1, g2, s2, c2, e2, p2 string) {
		row := func(g, s, c, e, p string) map[schemas.Role]string {
			return map[schemas.Role]string{schemas.GivenName: g, schemas.Surname: s, schemas.Company: c, schemas.Email: e, schemas.City: p}
		}
		a, b := row(g1, s1, c1, e1, p1), row(g2, s2, c2, e2, p2)
		there, back := two(t, Person, a, b), two(t, Person, b, a)
		patterns := there.NewBatch().Compare(0, []uint32{0, 0})
		if patterns[0] != patterns[1] {
			t.Errorf("one pair, two patterns: %x", patterns)
		}
		for i, f := range there.Comparisons {
			l := patterns[0].Level(i)
			if int(l) >= len(f.Levels) {
				t.Fatalf("%s: level %d of %d", f.Name, l, len(f.Levels))
			}
			if k, ok := f.kernel.(interface{ compare(a, b uint32) uint8 }); ok && l != 0 && f.Levels[l].Name != "swapped" && f.left[0] != 0 && there.code(f, 0) != 0 {
				if slow := k.compare(f.left[0], there.code(f, 0)); slow != l {
					t.Errorf("%s of %q and %q: %s, by the long way %s", f.Name, a, b, f.Levels[l].Name, f.Levels[slow].Name)
				}
			}
			// Words of companies weigh what they weigh in the directory, so a company is not the same the other way round.
			if k := back.Index(f.Name); f.Name != "company" && (k < 0 || back.Pattern(0, 0).Level(k) != l) {
				t.Errorf("%s of %q and %q: %s, not the same the other way round", f.Name, a, b, f.Levels[l].Name)
			}
		}
	})
}
