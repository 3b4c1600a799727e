package generate

import (
	"math"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/schemas"
)

// TestContactsAreOfTheirAccounts makes sure that AccountName is what the account is called, and that most contacts have one.
func TestContactsAreOfTheirAccounts(t *testing.T) {
	dir := small(t, 4, 2)
	names := map[string]string{}
	for _, a := range read(t, dir, "crm/accounts.csv") {
		names[a["Id"]] = a["Name"]
	}
	without, contacts := 0, read(t, dir, "crm/contacts.csv")
	for _, c := range contacts {
		if c["AccountId"] == "" {
			without++
		}
		if got, want := c["AccountName"], names[c["AccountId"]]; got != want {
			t.Fatalf("contact %s of account %s: %q, want %q", c["Id"], c["AccountId"], got, want)
		}
	}
	if share := float64(without) / float64(len(contacts)); math.Abs(share-Usual.NoCompany) > 0.02 {
		t.Errorf("%.3f of the contacts have no account, want %.3f", share, Usual.NoCompany)
	}
}

// TestTruthOfPeopleIsThatOfContactsAndLeads also makes sure that duplicates name earlier records about the same.
func TestTruthOfPeopleIsThatOfContactsAndLeads(t *testing.T) {
	dir := small(t, 4, 2)
	about := map[string]string{}
	rows := 0
	for _, name := range []string{"accounts", "contacts", "leads"} {
		for _, r := range read(t, dir, "truth/"+name+".csv") {
			about[r["crm_id"]] = r["member_id"] + r["company_id"]
			if name != "accounts" {
				rows++
			}
		}
	}
	people := read(t, dir, "truth/people.csv")
	if len(people) != rows {
		t.Errorf("%d rows, want %d", len(people), rows)
	}
	for _, r := range people {
		if about[r["crm_id"]] != r["member_id"] {
			t.Errorf("%v differs from the object's own truth", r)
		}
	}
	duplicates := read(t, dir, "truth/duplicates.csv")
	for _, r := range duplicates {
		if a := about[r["crm_id"]]; a == "" || a != about[r["duplicate_of"]] || r["duplicate_of"] >= r["crm_id"] {
			t.Errorf("%v: about %q and %q", r, a, about[r["duplicate_of"]])
		}
	}
	if len(duplicates) < 50 {
		t.Errorf("%d duplicates", len(duplicates))
	}
}

// TestRatesOfErrors compares the leads with the profiles that they are about.
func TestRatesOfErrors(t *testing.T) {
	dir := small(t, 4, 2)
	people := map[string]map[string]string{}
	for _, p := range read(t, dir, "directory/people.csv") {
		people[p["member_id"]] = p
	}
	truth := map[string]map[string]string{}
	for _, r := range read(t, dir, "truth/leads.csv") {
		truth[r["crm_id"]] = r
	}
	n, count := map[string]int{}, map[string]int{}
	observe := func(what string, yes bool) {
		n[what]++
		if yes {
			count[what]++
		}
	}
	for _, l := range read(t, dir, "crm/leads.csv") {
		observe("NoEmail", l["Email"] == "")
		observe("NoPhone", l["Phone"] == "")
		observe("NoTitle", l["Title"] == "")
		observe("NoCompany", l["Company"] == "")
		observe("NoPlace", l["City"] == "")
		observe("OneField", l["FirstName"] == "")
		r := truth[l["Id"]]
		if r == nil {
			continue
		}
		p := people[r["member_id"]]
		if p["country"] == "United States" && l["FirstName"] != "" {
			observe("Swapped", l["FirstName"] == p["last_name"] && l["LastName"] == p["first_name"])
			observe("Initial", len(l["FirstName"]) == 2 && l["FirstName"][1] == '.')
			observe("SurnameTypo", l["LastName"] != p["last_name"] && near(l["LastName"], p["last_name"]))
		}
		if p["city"] != "" && l["City"] != "" && len(p["city"]) > 3 && p["country"] == "United States" {
			observe("OtherPlace", l["City"] != p["city"] && !near(l["City"], p["city"]))
		}
		if domain := l["Email"][strings.Index(l["Email"], "@")+1:]; domain != "" && r["kind"] == "moved" && p["email"] != "" {
			observe("moved, yet the new address", domain == p["email"][strings.Index(p["email"], "@")+1:] && !strings.Contains(strings.Join(free, " "), domain))
		}
		if r["kind"] == "moved" && p["past_companies"] != "" && l["Company"] != "" {
			first, _, _ := strings.Cut(l["Company"], " ")
			observe("PastListed", strings.Contains(strings.ToLower(p["past_companies"]), strings.ToLower(first)))
		}
	}
	for what, want := range map[string]float64{
		"NoEmail": Usual.NoEmail, "NoPhone": Usual.NoPhone, "NoTitle": Usual.NoTitle, "NoCompany": Usual.NoCompany, "NoPlace": Usual.NoPlace, "OneField": Usual.OneField,
		"Swapped": Usual.Swapped, "Initial": Usual.Initial, "SurnameTypo": Usual.SurnameTypo, "OtherPlace": Usual.OtherPlace / (1 - Usual.NoPlace),
		"moved, yet the new address": 0, "PastListed": Usual.PastListed,
	} {
		if n[what] < 20 {
			t.Errorf("%s: only %d records to tell from", what, n[what])
			continue
		}
		got, slack := float64(count[what])/float64(n[what]), 0.01
		if what == "PastListed" { // a name may be misspelt, or begin as another does
			slack = 0.1
		}
		if math.Abs(got-want) > 5*math.Sqrt(want*(1-want)/float64(n[what]))+slack {
			t.Errorf("%s: %.3f of %d, want %.3f", what, got, n[what], want)
		}
	}
}

// near reports whether the texts have a length and all but a few letters in common, which is so of a text and its typo.
func near(a, b string) bool {
	common := 0
	for _, r := range a {
		if strings.ContainsRune(b, r) {
			common++
		}
	}
	return math.Abs(float64(len(a)-len(b))) <= 2 && common >= len(a)-2 && a[:1] == b[:1]
}

// TestErrorsOfNoneAreNone makes a CRM without errors: every record then says what the world says.
func TestErrorsOfNoneAreNone(t *testing.T) {
	dir := t.TempDir()
	if _, err := Run(t.Context(), Options{People: 2000, Companies: 200, Contacts: 300, Leads: 300, Accounts: 150, Seed: 9, Out: dir, Workers: 2}); err != nil {
		t.Fatal(err)
	}
	people := map[string]map[string]string{}
	for _, p := range read(t, dir, "directory/people.csv") {
		people[p["member_id"]] = p
	}
	for _, object := range []string{"contacts", "leads"} {
		rows, truth := read(t, dir, "crm/"+object+".csv"), read(t, dir, "truth/"+object+".csv")
		if len(rows) != len(truth) {
			t.Fatalf("%d %s, %d known", len(rows), object, len(truth))
		}
		for i, r := range rows {
			p := people[truth[i]["member_id"]]
			if r["FirstName"] != p["first_name"] || r["LastName"] != p["last_name"] || r["Title"] != p["title"] || r["Email"] == "" || r["Phone"] == "" {
				t.Errorf("%v of %v", r, p)
			}
			if company := r["Company"] + r["AccountName"]; company != p["company"] && (object == "leads" || company != "") {
				t.Errorf("%s works at %q, the profile says %q", r["Id"], company, p["company"])
			}
		}
	}
}

func TestErrorsAreProbabilities(t *testing.T) {
	if err := Usual.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Errors){
		"negative": func(e *Errors) { e.Moved = -0.1 }, "above one": func(e *Errors) { e.Swapped = 1.1 }, "not a number": func(e *Errors) { e.NoPlace = math.NaN() },
		"sum above one": func(e *Errors) { e.NoEmail, e.OtherEmail = 0.6, 0.6 },
	} {
		e := Usual
		change(&e)
		if e.Validate() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestHeadersAreOfTheRegistry(t *testing.T) {
	for _, h := range []struct {
		ds     *schemas.Dataset
		header []string
		more   []string // not imported, but ready to be linked
	}{
		{schemas.Account, accountHeader, nil}, {schemas.Contact, contactHeader, []string{"AccountName", "MailingPostalCode"}}, {schemas.Lead, leadHeader, []string{"PostalCode"}},
	} {
		for _, column := range h.header {
			if h.ds.Index(column) < 0 && !strings.Contains(strings.Join(h.more, " "), column) {
				t.Errorf("%s has no field %s", h.ds.Object, column)
			}
		}
	}
}
