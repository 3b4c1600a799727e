package main

import "testing"

func TestLatin(t *testing.T) {
	for _, c := range []struct{ country, in, want string }{
		{"DE", "Müller", "Mueller"},
		{"DE", "Weiß", "Weiss"},
		{"TR", "Yıldırım", "Yildirim"},
		{"DK", "Sørensen", "Soerensen"},
		{"SE", "Åberg", "Aberg"},
		{"RU", "Кузнецов", "Kuznetsov"},
		{"RU", "Юрий", "Yury"},
		{"RU", "Щербаков", "Shcherbakov"},
		{"GR", "Παπαδόπουλος", "Papadopoulos"},
		{"GR", "Γιώργος", "Giorgos"},
		{"PL", "Wiśniewski", "Wisniewski"},
		{"ES", "Núñez", "Nunez"},
		{"", "", ""},
	} {
		if got := latin(c.in, c.country); got != c.want {
			t.Errorf("%s: %s is %s, want %s", c.country, c.in, got, c.want)
		}
	}
}

func TestHepburn(t *testing.T) {
	for in, want := range map[string]string{
		"さとう": "Sato", "すずき": "Suzuki", "わたなべ": "Watanabe", "いのうえ": "Inoue", "はっとり": "Hattori", "しょうじ": "Shoji", "きょうごく": "Kyogoku", "つちや": "Tsuchiya", "ふじい": "Fujii", "": "",
	} {
		if got := hepburn(in); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}

func TestCapital(t *testing.T) {
	for in, want := range map[string]string{"SMITH": "Smith", "MCDONALD": "McDonald", "MCKEE": "Mckee"} {
		if got := capital(in); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
}
