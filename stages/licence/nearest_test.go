package licence

import (
	"math/rand/v2"
	"testing"
)

func TestAlike(t *testing.T) {
	for _, c := range []struct {
		nameA, mailA, nameB, mailB string
		least, most                float64
	}{
		{"Ann Lee", "ann.lee@example.com", "Lee, Ann", "Ann.Lee@example.org", 1, 1},
		{"Ann Lee", "al@example.com", "Ann Lee", "", 0.8, 0.8},
		{"Dora Sør", "x@example.com", "DORA SOR", "y@example.com", 0.8, 0.8},
		{"", "ann.lee+crm@example.com", "Ann Lee", "", 0.7, 0.75},
		{"Katherine Demofield", "kdemofield@example.com", "Kathryn Demofield", "katie@example.com", 0.65, 0.95},
		{"Robin Nobody", "robin@example.com", "Ann Lee", "ann@example.com", 0, 0.45},
		{"", "", "", "", 0, 0},
		{"Ann Lee", "", "", "", 0, 0},
	} {
		a, b := portraitOf(c.nameA, c.mailA), portraitOf(c.nameB, c.mailB)
		if got := a.alike(b); got < c.least-1e-9 || got > c.most+1e-9 {
			t.Errorf("%+v and %+v: %.3f, want %.2f to %.2f", a, b, got, c.least, c.most)
		}
	}
}

// TestAlikeIsFair checks the laws: symmetric, between 0 and 1, and equal portraits are most alike.
func TestAlikeIsFair(t *testing.T) {
	r := rand.New(rand.NewPCG(24, 7))
	text := func() string {
		b := make([]rune, r.IntN(9))
		for i := range b {
			b[i] = []rune("ab é.ß+@日")[r.IntN(9)]
		}
		return string(b)
	}
	for range 5000 {
		a, b := portraitOf(text(), text()), portraitOf(text(), text())
		got := a.alike(b)
		if got < 0 || got > 1 || got != b.alike(a) || got > a.alike(a)+1e-9 && a.name != "" && a.address != "" {
			t.Fatalf("%+v and %+v: %v and %v, itself %v", a, b, got, b.alike(a), a.alike(a))
		}
	}
}

func TestNearestAreFewAndOrdered(t *testing.T) {
	users := []User{{"u3", "Ann Lea", "", ""}, {"u2", "Ann Lee", "", ""}, {"u1", "Ann Lee", "", "s9"}, {"u4", "Anna Lee", "", ""}, {"u5", "Zoe Quirk", "", ""}}
	got := nearest(Seat{Name: "Ann Lee"}, users, 3)
	if len(got) != 3 || got[0].UserID != "u1" || got[0].SeatID != "s9" || got[1].UserID != "u2" || got[2].Score > got[1].Score {
		t.Errorf("nearest: %+v", got)
	}
}
