package feature

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/compare"
	"github.com/crmsync/crmsync/stages/match/record"
)

var update = flag.Bool("update", false, "write golden files")

// varied are values that meet most rules of the normalisers, by role.
var varied = map[schemas.Role][]string{
	schemas.GivenName: {"Bill", "J. R.", "José", "Иван", "Γιώργος", "李", "محمد", "דוד", "Işıl", "Jean-Luc", "C. Douglas", "Miguel", "Mohamed", ""},
	schemas.Surname: {
		"Müller", "Mueller", "da Silva", "Ivanov", "Παπαδόπουλος", "小明", "García Lopez", "O'Neil", "van der Berg", "Smith Jr.", "Cheung", "Chan", "Nguyen",
		"Bill Gates",
	},
	schemas.FullName: {"", "", "", "Gates, Bill", "王小明", "Dr. Ann Lee PhD"},
	schemas.Company: {
		"Walmart Inc.", "Siemens AG", "ООО Ромашка", "Jones Financial (Edward Jones)", "株式会社日立製作所", "Müller GmbH & Co. KG", "ADP", "Automatic Data Processing",
		"Acme Holdings d/b/a Acme", "The Coca-Cola Company",
	},
	schemas.OtherNames:    {"", "Facebook | FB", ""},
	schemas.PastCompanies: {"", "IBM | Intel Corp"},
	schemas.CompanyKey:    {"", "c1", "c2"},
	schemas.Website:       {"https://www.walmart.com/x", "siemens.co.uk", "", "bücher.example"},
	schemas.Email:         {"bill.gates@walmart.com", "x@gmail.com", "", "A.B+tag@Siemens.co.uk | info@acme.com"},
	schemas.Phone:         {"(415) 555-0123 ext. 5", "+49 89 636 00", "", "020 7946 0958", "03-1234-5678"},
	schemas.Title:         {"VP Sales", "Chief Executive Officer", "Geschäftsführer", "", "Software Engineer II"},
	schemas.Street:        {"1 Main St.", "Hauptstraße 5", "", "12-14 rue de la Paix, Suite 3"},
	schemas.City:          {"St. Louis", "München", "London", "Praha", "東京", ""},
	schemas.State:         {"MO", "Bayern", "", "Hlavní město Praha"},
	schemas.Country:       {"US", "Deutschland", "UK", "CZ", "日本", ""},
	schemas.PostalCode:    {"63101-1234", "D-80331", "SW1A 1AA", "11000", ""},
	schemas.Lat:           {"", "48.1"}, schemas.Lng: {"", "11.6"},
	schemas.Ticker: {"WMT", "NYSE: GE", ""}, schemas.Industry: {"Retail", "Software & Services", ""}, schemas.Employees: {"2,100,000", "50", ""},
	schemas.Day: {"1980-02-03", "03.02.1980", "", "19801303"}, schemas.Code: {"12 34-5", ""}, schemas.Text: {"Some words here", ""},
}

// TestIndexVersion holds what Save writes against what this version of the index wrote before: whoever changes how texts are
// normalised must raise the version, or indexes made before would miss matches in silence.
func TestIndexVersion(t *testing.T) {
	h := xxh3.New()
	for _, entity := range []string{Person, Company} {
		roles := Roles(entity)
		b := record.NewBuilder(roles...)
		for row := range 120 {
			if err := b.Row(fmt.Sprintf("r%03d", row)); err != nil {
				t.Fatal(err)
			}
			for i, r := range roles {
				b.Set(i, varied[r][row%len(varied[r])])
			}
		}
		var out, again bytes.Buffer
		for _, to := range []*bytes.Buffer{&out, &again} {
			if err := Prepare(entity, b.Table(), Options{Workers: 2}).Save(to, "test"); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Errorf("%s: the same rows gave two different indexes", entity)
		}
		_, _ = h.Write(out.Bytes())
	}
	path := filepath.Join("testdata", "index_version.txt")
	got := fmt.Sprintf("version %d: %016x\n", indexVersion, h.Sum64())
	before, err := os.ReadFile(path)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	if string(before) == got {
		return
	}
	var version int
	_, _ = fmt.Sscanf(string(before), "version %d:", &version) // nothing to read the first time
	if version == indexVersion || !*update {
		t.Fatalf("the index's content changed: raise indexVersion in store.go, then run this test with -update\ngot  %swant %s", got, before)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestNoPadding: what lies between the fields of a value has no meaning, and may differ from one making of an index to the next.
func TestNoPadding(t *testing.T) {
	for _, v := range []any{
		givenValue{}, familyValue{}, employer{}, job{}, location{}, token{}, address{}, list{}, phrase{}, day{}, text{}, compare.Signature{},
	} {
		typ := reflect.TypeOf(v)
		sum := uintptr(0)
		for i := range typ.NumField() {
			sum += typ.Field(i).Type.Size()
		}
		if sum != typ.Size() {
			t.Errorf("%s has %d bytes that are no field's", typ, typ.Size()-sum)
		}
	}
}
