package normalise

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestName(t *testing.T) {
	for _, c := range []struct{ given, surname, full, want string }{
		{"C. Douglas", "McMillon", "", "c douglas / mcmillon"},
		{"Dr. William J. \"Bill\"", "van der Berg-Müller Jr.", "", "william j bill / berg muller"},
		{"H. Lawrence", "Culp Jr.", "", "h lawrence / culp"},
		{"", "", "José da Silva", "jose / silva"},
		{"", "", "Silva, José", "jose / silva"},
		{"", "", "John Smith, PhD", "john / smith"},
		{"", "", "Ludwig van Beethoven", "ludwig / beethoven"},
		{"", "", "Prof. Dr. Anna Weiß", "anna / weiss"},
		{"", "", "李小龙", "xiaolong / li"},
		{"", "", "Madonna", " / madonna"},
		{"", "Smith", "John Smith", "john / smith"},
		{"", "", "", " / "},
		{"Иван", "Иванов", "", "ivan / ivanov"},
		{"", "De La", "", " / de la"},
		{"William", "Hornbuckle IV", "", "william / hornbuckle"},
	} {
		p := Name(c.given, c.surname, c.full)
		if got := strings.Join(p.Given, " ") + " / " + strings.Join(p.Surname, " "); got != c.want {
			t.Errorf("Name(%q, %q, %q) = %s, want %s", c.given, c.surname, c.full, got, c.want)
		}
	}
}

func TestCompany(t *testing.T) {
	for in, want := range map[string]string{
		"ALBERTSONS COS.":                       "albertsons",
		"Laboratory Corp. of America (Labcorp)": "laboratories america | labcorp",
		"LABORATORY CORP. OF AMERICA":           "laboratories america",
		"Deere & Company (John Deere)":          "deere | john deere",
		"The Williams Companies":                "williams",
		"Prudential Financial (U.S.)":           "prudential financial",
		"SALESFORCE.COM":                        "salesforce",
		"W.W. Grainger, Inc.":                   "ww grainger",
		"Müller GmbH & Co. KG":                  "muller",
		"ООО Ромашка":                           "romashka",
		"Acme Ltd d/b/a Road Runner":            "acme | road runner",
		"Company":                               "company",
		"Guardian Life Ins. Co. of America":     "guardian life insurance america",
		"":                                      "",
		"...":                                   "",
	} {
		var names []string
		for _, n := range Company(in) {
			names = append(names, strings.Join(n.Words, " "))
		}
		if got := strings.Join(names, " | "); got != want {
			t.Errorf("Company(%q) = %q, want %q", in, got, want)
		}
	}
	if a := Company("American International Group, Inc.")[0].Acronyms; len(a) == 0 || a[len(a)-1] != "aig" {
		t.Errorf("acronyms %q", a)
	}
}

func TestContact(t *testing.T) {
	for in, want := range map[string]string{
		"https://www.albertsons.com/#1": "albertsons.com albertsons", "us.jll.com": "jll.com jll", "http://shop.acme.co.uk:80/x?y": "acme.co.uk acme",
		"https://www.dxc.technology/": "dxc.technology dxc", "localhost": " ", "": " ", "http://": " ", "not a site": " ", "MÜLLER.de": "xn--mller-kva.de xn--mller-kva",
	} {
		d, label := Domain(in)
		if got := d + " " + label; got != want {
			t.Errorf("Domain(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]Address{
		"Ann.Lee+crm@Mail.Acme.com": {"ann.lee", "acme.com", false}, "bob@gmail.com": {"bob", "gmail.com", true}, "nobody": {}, "@acme.com": {}, "a b@acme.com": {}, "+x@acme.com": {},
	} {
		if got := Email(in); got != want {
			t.Errorf("Email(%q) = %+v, want %+v", in, got, want)
		}
	}
	for _, c := range []struct{ in, country, want string }{
		{"(415) 555-0123", "", "+14155550123 4155550123"},
		{"+49 89 636-00", "US", "+498963600 8963600"},
		{"089 63600", "DE", "+498963600 8963600"},
		{"415-555-0123 ext. 7", "US", "+14155550123 4155550123"},
		{"n/a", "US", " "},
		{"12", "US", " "},
	} {
		n := Phone(c.in, c.country)
		if got := n.E164 + " " + n.National; got != c.want {
			t.Errorf("Phone(%q, %s) = %q, want %q", c.in, c.country, got, c.want)
		}
	}
	if Ticker("NYSE: IBM") != "ibm" || Ticker("not a ticker") != "" {
		t.Error("tickers")
	}
}

func TestPlace(t *testing.T) {
	for _, c := range []struct{ city, region, country, want string }{
		{"SAINT LOUIS", "MO", "US", "saint louis|US-MO|US|true"},
		{"St. Louis", "Missouri", "United States", "saint louis|US-MO|US|true"},
		{"München", "", "Deutschland", "munchen|DE-BY|DE|true"},
		{"New York City", "NY", "", "new york|US-NY|US|true"},
		{"", "", "USA", "||US|false"},
		{"", "", "", "|||false"},
		{"Nowhere", "Bayern", "Germany", "nowhere|DE-BY|DE|false"},
	} {
		l := Place(c.city, c.region, c.country)
		got := fmt.Sprintf("%s|%s|%s|%v", l.City, l.Region, l.Country, l.Known)
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("Place(%q, %q, %q) = %s, want %s", c.city, c.region, c.country, got, c.want)
		}
	}
	if km := Kilometres(52.52, 13.405, 48.8566, 2.3522); math.Abs(km-878) > 5 {
		t.Errorf("Berlin to Paris: %.0f km", km)
	}
	for in, want := range map[string]string{"10019-1234": "10019", "SW1A 1AA": "SW1A1AA", "100191234": "10019", "": ""} {
		if got := PostalCode(in, ""); got != want {
			t.Errorf("PostalCode(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"8000 South Federal Way": "8000 south federal way", "One Main St., Suite 5": "1 main street", "": " "} {
		n, words := Street(in)
		if got := n + " " + strings.Join(words, " "); got != want {
			t.Errorf("Street(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTitle(t *testing.T) {
	same := func(a, b string) {
		t.Helper()
		if x, y := Title(a), Title(b); fmt.Sprint(x) != fmt.Sprint(y) {
			t.Errorf("%s is %v, %s is %v", a, x, b, y)
		}
	}
	same("CEO", "Chief Executive Officer")
	same("VP Sales", "Vice President of Sales")
	same("Dir. Eng.", "Director, Engineering")
	if Title("VP Sales").Rank != 6 || Title("President").Rank != 7 || Title("Accountant").Rank != 2 || !Title("").Empty() {
		t.Error("ranks")
	}
}

// folded reports whether words are what the rest of the matcher expects: ASCII, not empty.
func folded(words []string) bool {
	for _, w := range words {
		if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return true
}

func FuzzName(f *testing.F) {
	f.Add("Dr. William", "O'Neil III", "")
	f.Add("", "", "毛泽东")
	f.Add("太郎", "山田", "")
	f.Add("", "", "DUPONT Jean-Pierre, PhD")
	f.Add("", "", "Nguyễn Văn An")
	f.Add("عبد الله", "الخطيب", "محمد بن سلمان")
	f.Add("", "DeSantis", "יוסף כהן")
	f.Add("", "", "田中 ゆうき")
	f.Add("지훈", "남궁", "황보 관")
	f.Fuzz(func(t *testing.T, given, surname, full string) {
		p := Name(given, surname, full)
		if !folded(p.Given) || !folded(p.Surname) {
			t.Errorf("Name(%q, %q, %q) = %q", given, surname, full, p)
		}
	})
}

func FuzzCompany(f *testing.F) {
	f.Add("Laboratory Corp. of America (Labcorp)")
	f.Add("(((")
	f.Add("The Co.")
	f.Add("株式会社 ソニー")
	f.Add("Yıldız San. ve Tic. Ltd. Şti. (www.yildiz.com.tr)")
	f.Add("Grupo S.A.B. de C.V. d/b/a ООО Ромашка")
	f.Fuzz(func(t *testing.T, s string) {
		for _, n := range Company(s) {
			if len(n.Words) == 0 || !folded(n.Words) || !folded(n.Acronyms) {
				t.Errorf("Company(%q) = %+v", s, n)
			}
		}
	})
}

func FuzzContact(f *testing.F) {
	f.Add("https://www.acme.com", "DE")
	f.Add("http://user@müller.de:8080/a?b#c", "US")
	f.Add("ann@acme.com", "")
	f.Add("NYSE: IBM", "XX")
	f.Fuzz(func(t *testing.T, s, country string) {
		d, label := Domain(s)
		if (d == "") != (label == "") || d != "" && !strings.HasPrefix(d, label+".") {
			t.Errorf("Domain(%q) = %q, %q", s, d, label)
		}
		if again, _ := Domain(d); d != "" && again != d {
			t.Errorf("Domain(%q) = %q, again %q", s, d, again)
		}
		a := Email(s)
		if (a.Local == "") != (a.Domain == "") {
			t.Errorf("Email(%q) = %+v", s, a)
		}
		if code := PostalCode(s, country); len(code) > 12 || code != strings.ToUpper(code) || strings.Contains(code, " ") {
			t.Errorf("PostalCode(%q, %q) = %q", s, country, code)
		}
		Ticker(s)
	})
}

func FuzzPlace(f *testing.F) {
	f.Add("St. Louis", "MO", "US")
	f.Add("Köln", "NRW", "Deutschland")
	f.Add("東京", "東京都", "日本")
	f.Add("Hauptstraße 12", "US-NY", "U.S.A.")
	f.Fuzz(func(t *testing.T, city, region, country string) {
		l := Place(city, region, country)
		if l.Known && (math.Abs(l.Lat) > 90 || math.Abs(l.Lng) > 180) {
			t.Errorf("Place(%q, %q, %q) = %+v", city, region, country, l)
		}
		if l.Country != "" && len(l.Country) != 2 || !utf8.ValidString(l.City) {
			t.Errorf("Place(%q, %q, %q) = %+v", city, region, country, l)
		}
		number, words := Street(city)
		if !folded(words) || strings.Contains(number, " ") {
			t.Errorf("Street(%q) = %q, %q", city, number, words)
		}
		if code := PostalCode(city, ""); len(code) > 12 || strings.Contains(code, " ") {
			t.Errorf("PostalCode(%q) = %q", city, code)
		}
	})
}

func FuzzTitle(f *testing.F) {
	f.Add("Sr. VP, Global Sales & Marketing")
	f.Add("代表取締役社長")
	f.Add("Président-directeur général / Geschäftsführer")
	f.Fuzz(func(t *testing.T, s string) {
		if j := Title(s); j.Rank < 0 || j.Rank > 7 || !folded(j.Functions) {
			t.Errorf("Title(%q) = %+v", s, j)
		}
	})
}
