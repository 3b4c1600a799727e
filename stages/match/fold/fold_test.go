package fold

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"  O'Hanley-Smith ":       "ohanley smith",
		"Müller":                  "muller",
		"Straße":                  "strasse",
		"José da Silva":           "jose da silva",
		"Иванов":                  "ivanov",
		"Παπαδόπουλος":            "papadopoulos",
		"IŞIK ıssız":              "isik issiz",
		"Łukasz Øster":            "lukasz oster",
		"W.W. Grainger":           "w w grainger",
		"ＡＢＣ":                     "abc",
		"PG&E":                    "pg e",
		"D’Angelo":                "dangelo",
		"\xff\xfe":                "",
		"São Paulo\u00a0(Centro)": "sao paulo centro",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Words("李 小龙"); len(got) != 3 {
		t.Errorf("Words of a Chinese name: %q, want one word a character", got)
	}
}

func TestSkeletonsMeet(t *testing.T) {
	for a, b := range map[string]string{"mueller": "muller", "schroeder": "schroder", "ivanoff": "ivanov", "aleksei": "alexey", "philipp": "filip", "becker": "beker"} {
		if Skeleton(a) != Skeleton(b) {
			t.Errorf("%s -> %s, %s -> %s; want the same", a, Skeleton(a), b, Skeleton(b))
		}
	}
	if Skeleton("baker") == Skeleton("becker") {
		t.Error("baker and becker meet")
	}
}

func FuzzText(f *testing.F) {
	f.Add("Müller & Söhne GmbH")
	f.Add("李小龙 \x00 \xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if Text(got) != got {
			t.Errorf("Text(%q) = %q, folded again %q", s, got, Text(got))
		}
		if strings.Join(strings.Fields(got), " ") != got {
			t.Errorf("Text(%q) = %q: spaces", s, got)
		}
		for i := range len(got) {
			if c := got[i]; c != ' ' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
				t.Errorf("Text(%q) = %q: byte %q", s, got, c)
			}
		}
		if w := strings.ReplaceAll(got, " ", ""); len(Skeleton(w)) > len(w) {
			t.Errorf("Skeleton(%q) grew", w)
		}
	})
}
