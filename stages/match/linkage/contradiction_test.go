package linkage_test

import (
	"fmt"
	"testing"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/record"
)

// TestColleaguesAreNotLinked has a successor with the predecessor's given name, employer and city: close to a match by weight, and
// still another person. The same e-mail address shows that it is one who changed a name.
func TestColleaguesAreNotLinked(t *testing.T) {
	for _, tt := range []struct {
		name, leftMail, rightMail string
		linked                    bool
	}{
		{"nothing personal agrees", "", "", false},
		{"same e-mail", "paul.old@example.com", "paul.old@example.com", true},
		{"same domain only", "paul.new@example.com", "paul.old@example.com", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			left, right := record.NewBuilder(feature.Roles(feature.Person)...), record.NewBuilder(feature.Roles(feature.Person)...)
			add := func(b *record.Builder, id, given, surname, company, city, mail string) {
				t.Helper()
				if err := b.Row(id); err != nil {
					t.Fatal(err)
				}
				for i, r := range feature.Roles(feature.Person) {
					switch r {
					case schemas.GivenName:
						b.Set(i, given)
					case schemas.Surname:
						b.Set(i, surname)
					case schemas.Company:
						b.Set(i, company)
					case schemas.City:
						b.Set(i, city)
					case schemas.Email:
						b.Set(i, mail)
					}
				}
			}
			for i := range 60 {
				surname, company := fmt.Sprintf("Family%c%c", 'a'+i%26, 'a'+i/26), fmt.Sprintf("Quarry%c%c Works", 'a'+i/26, 'a'+i%26)
				add(left, fmt.Sprintf("l%02d", i), "Given"+surname[6:], surname, company, "Boise", "")
				add(right, fmt.Sprintf("r%02d", i), "Given"+surname[6:], surname, company, "Boise", "")
			}
			add(left, "new", "Paul", "Shoemaker", "Tidewater Looms", "Austin", tt.leftMail)
			add(right, "old", "Paul", "Reillington", "Tidewater Looms", "Austin", tt.rightMail)
			res := run(t, left.Table(), right.Table(), linkage.Config{Entity: feature.Person, Threshold: 0.5, Review: 0.01, Workers: 1})
			for _, m := range res.Matches {
				if m.Left == "new" && (m.Decision == linkage.Link) != tt.linked {
					t.Errorf("decision %s at %.1f bits, linked should be %t: %v", m.Decision, m.Weight, tt.linked, m.Evidence)
				}
			}
			if tt.linked && len(res.Matches) != 61 {
				t.Errorf("%d matches, want 61", len(res.Matches))
			}
		})
	}
}
