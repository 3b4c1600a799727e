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
		"Đặng Thị Ánh":            "dang thi anh",
		"Dvořák Þór Ægir":         "dvorak thor aegir",
		"Соловьёв":                "soloviev",
		"Ігор Гончаренко":         "ihor honcharenko",
		"Милош Ђорђевић":          "milos dordevic",
		"Κυριάκος Μπακογιάννης": "kyriakos bakogiannis",
		"Ευάγγελος Αυγερινός":   "evangelos avgerinos",
		"さとう ゆうき":               "sato yuki",
		"いのうえ キョウコ":             "inoue kyoko",
		"マッチャ チャーリー ヴァン ティナ":    "matcha chari van tina",
		"ﾊﾟﾋﾟ ㈱":                "papi zhu",
		"김민준":                   "gimminjun",
		"Əliyev":                "aliyev",
		"מנכ״ל":                 Text("מנכל"),
		"محمّد":                 Text("محمد"),
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
	for a, b := range map[string]string{
		"mueller": "muller", "schroeder": "schroder", "ivanoff": "ivanov", "aleksei": "alexey", "philipp": "filip", "becker": "beker", "oezil": "ozil",
		"petrowitsch": "petrovic", "tchaikovsky": "chaikovskiy", "mahmood": "mahmoud", "carl": "karl", "schmidt": "schmitt", "soloviev": "solovyov", "dykstra": "dijkstra", "sarah": "sara",
	} {
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
	f.Add("Χαράλαμπος Μπακογιάννης Εὐαγγελία")
	f.Add("Соловьёв Щербаков Їжак Ђорђе")
	f.Add("キャッチャー いのうえ ﾊﾟﾋﾟ ㈱")
	f.Add("מנכ״ל محمّد عبد\u200cالله")
	f.Add("शर्मा ไทย 김민준 각각 e\u0301 ™ № ½ ə")
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
	})
}

func FuzzSkeleton(f *testing.F) {
	for _, w := range []string{"schroeder", "gorbachyov", "oue", "tschsch", "szczczsz", "khkhoff", "dtdt", "iovov", "ahohah"} {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w := strings.ReplaceAll(Text(s), " ", "")
		got := Skeleton(w)
		if len(got) > len(w) || strings.Trim(got, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || w != "" && got == "" {
			t.Errorf("Skeleton(%q) = %q", w, got)
		}
		if again := Skeleton(got); again != got {
			t.Errorf("Skeleton(%q) = %q, its skeleton is %q", w, got, again)
		}
	})
}
