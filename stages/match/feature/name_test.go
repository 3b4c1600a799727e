package feature

import (
	"fmt"
	"math"
	"testing"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/record"
)

func TestSaysMore(t *testing.T) {
	for _, c := range []struct {
		local string
		names []string
		want  bool
	}{
		{"john.smith", []string{"john", "smith"}, false},
		{"jsmith", []string{"john", "smith"}, false},
		{"jsmith42", []string{"john", "smith"}, false},
		{"smithy.the.plumber", []string{"john", "smith"}, true},
		{"captain.hook", []string{"john", "smith"}, true},
		{"ann", []string{"lee"}, false},
		{"ann.lee", nil, true},
	} {
		if got := saysMore(c.local, c.names); got != c.want {
			t.Errorf("%s of %v: %v, want %v", c.local, c.names, got, c.want)
		}
	}
}

func TestWholeNameInOneField(t *testing.T) {
	table := func(rows ...[3]string) *record.Table {
		b := record.NewBuilder(schemas.GivenName, schemas.Surname, schemas.FullName)
		for i, r := range rows {
			if err := b.Row(fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
			for k, v := range r {
				b.Set(k, v)
			}
		}
		return b.Table()
	}
	c := completeNames(table([3]string{"Ann", "Lee"}, [3]string{"", "Sandra Martinez"}, [3]string{"", "", "José da Silva"}, [3]string{"", "Lee"}))
	for row, want := range [][2]string{{"Ann", "Lee"}, {"sandra", "martinez"}, {"jose", "silva"}, {"", "Lee"}} {
		if got := [2]string{c.Value(row, schemas.GivenName), c.Value(row, schemas.Surname)}; got != want {
			t.Errorf("row %d: %q, want %q", row, got, want)
		}
	}
	// Where nobody has a given name, two words are two surnames.
	c = completeNames(table([3]string{"", "Garcia Lopez"}, [3]string{"", "Lee"}))
	if got := c.Value(0, schemas.Surname); got != "Garcia Lopez" {
		t.Errorf("surname %q", got)
	}
}

// TestNamesOfACountry: a name that many bear in one country surprises less there, and never more than it does among all.
func TestNamesOfACountry(t *testing.T) {
	b := record.NewBuilder(schemas.GivenName, schemas.Surname, schemas.Country)
	for i := range 4000 {
		row := []string{"John", fmt.Sprint("Surname", i), "US"}
		if i%10 == 0 {
			row = []string{"Hans", fmt.Sprint("Nachname", i), "Germany"}
		}
		if err := b.Row(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		for k, v := range row {
			b.Set(k, v)
		}
	}
	table := b.Table()
	s := New(Person, table, table, Options{})
	given, level := s.Index("given_name"), uint8(givenExact)
	hans, john := s.Surprise(given, 0, 0, level), s.Surprise(given, 1, 1, level)
	usual := math.Log2(0.9*0.9 + 0.1*0.1)
	if want := usual - math.Log2(399.0/600+200.0/600*0.1); math.Abs(hans-want) > 0.02 {
		t.Errorf("Hans in Germany: %.2f bits, want %.2f", hans, want)
	}
	if want := usual - math.Log2(0.99); math.Abs(john-want) > 0.1 {
		t.Errorf("John in the US: %.2f bits, want %.2f", john, want)
	}
}

func TestRarity(t *testing.T) {
	p := Pattern(0x123)
	if p.Rarity() != 0 || p.WithRarity(5).Level(1) != 2 {
		t.Error("rarity and levels get in each other's way")
	}
	for bits := -20.0; bits <= 20; bits++ {
		got := p.WithRarity(bits).Rarity()
		if want := max(-14, min(14, bits)); math.Abs(got-want) > 1 {
			t.Errorf("%v bits are kept as %v", bits, got)
		}
	}
}
