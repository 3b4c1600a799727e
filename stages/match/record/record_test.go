package record

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/schemas"
)

func TestReadCSV(t *testing.T) {
	text := "\ufeffId, Name ,City\na,Acme, Paris\nb,\"x, \"\"y\"\"\n\",\nc,Acme,Paris,more\n"
	tab, err := ReadCSV(strings.NewReader(text), "Id", map[schemas.Role]string{schemas.Company: "Name", schemas.City: "City"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for i := range tab.Len() {
		got += fmt.Sprintf("%s=%s/%s;", tab.ID(i), tab.Value(i, schemas.Company), tab.Value(i, schemas.City))
	}
	if want := `a=Acme/Paris;b=x, "y"/;c=Acme/Paris;`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := tab.Column(schemas.Company).Values.Len(); n != 3 {
		t.Errorf("%d distinct values with the missing one, want 3", n)
	}
	if tab.Value(0, schemas.Phone) != "" || tab.Without(schemas.City).Column(schemas.City) != nil {
		t.Error("a role that is not there has a value")
	}
	for name, text := range map[string]string{"twice": "Id,Name,City\na,,\na,,\n", "no id": "Id,Name,City\n,x,y\n", "no column": "Id,City\na,b\n", "empty": ""} {
		if _, err := ReadCSV(strings.NewReader(text), "Id", map[schemas.Role]string{schemas.Company: "Name"}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("Id,Name\na,b\n")
	f.Fuzz(func(t *testing.T, text string) {
		tab, err := ReadCSV(strings.NewReader(text), "Id", map[schemas.Role]string{schemas.Company: "Name"})
		if err != nil {
			return
		}
		for i := range tab.Len() {
			if tab.ID(i) == "" {
				t.Errorf("row %d has no id", i)
			}
			tab.Value(i, schemas.Company)
		}
	})
}

// TestDictionary compares the dictionary with a map.
func TestDictionary(t *testing.T) {
	var d Dictionary
	known := map[string]uint32{}
	for i := range 20000 {
		s := fmt.Sprint(i*i%7919, strings.Repeat("x", i%5))
		want, ok := known[s]
		if c, found := d.Find(s); found != ok || ok && c != want {
			t.Fatalf("Find(%s) = %d %v, want %d %v", s, c, found, want, ok)
		}
		if !ok {
			want = uint32(len(known))
			known[s] = want
		}
		if c := d.Code(s); c != want || d.At(int(c)) != s {
			t.Fatalf("Code(%s) = %d (%s), want %d", s, c, d.At(int(c)), want)
		}
	}
}
