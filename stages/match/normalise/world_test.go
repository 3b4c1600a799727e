package normalise

import (
	"fmt"
	"strings"
	"testing"
)

func TestCompaniesOfTheWorld(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"Toyota Motor Co., Ltd.", "Toyota Motor"},
		{"Sony K.K.", "Sony Corp"},
		{"株式会社 ソニー", "ソニー株式会社"},
		{"ソニー㈱", "ソニー"},
		{"华为技术有限公司", "华为技术"},
		{"삼성전자 주식회사", "삼성전자"},
		{"ООО «Ромашка»", "Ромашка"},
		{"ПАО Газпром", "Gazprom"},
		{"ТОВ Рошен", "Рошен"},
		{"Grupo Bimbo, S.A.B. de C.V.", "Grupo Bimbo"},
		{"Cemex S.A. de C.V.", "CEMEX"},
		{"Müller GmbH & Co. KG", "Mueller GmbH ~"},
		{"Müller GmbH & Co. KG", "Müller"},
		{"Bosch GmbH und Co. KG", "Bosch"},
		{"BHP Pty Ltd", "BHP Limited"},
		{"Acme (Pty) Ltd", "Acme"},
		{"Tata Pvt. Ltd.", "Tata"},
		{"Carlsberg A/S", "Carlsberg"},
		{"Nokia Oyj", "Nokia Oy"},
		{"Volvo AB", "AB Volvo"},
		{"Orlen Sp. z o.o.", "Orlen"},
		{"Orlen spółka z ograniczoną odpowiedzialnością", "Orlen"},
		{"Richter Kft.", "Richter Zrt."},
		{"Škoda s.r.o.", "Skoda a.s."},
		{"Galp Lda", "Galp, S.A."},
		{"Petrobras S/A", "Petrobras"},
		{"Koç A.Ş.", "Koc"},
		{"Yıldız San. ve Tic. Ltd. Şti.", "Yildiz"},
		{"ΔΕΗ Α.Ε.", "ΔΕΗ"},
		{"Total S.A.S.", "TOTAL SARL"},
		{"Eni S.p.A.", "Eni"},
		{"Philips N.V.", "Philips B.V."},
		{"Pertamina PT", "PT Pertamina"},
		{"Int'l Paper Co.", "International Paper"},
		{"Acme Intl Mfg", "Acme International Manufacturing"},
		{"Lehman Bros. Svcs", "Lehman Brothers Services"},
		{"Smith & Wesson", "Smith and Wesson"},
		{"Schmidt und Söhne", "Schmidt & Söhne"},
		{"Hermanos y García", "Hermanos & García"},
		{"The Home Depot", "Home Depot"},
		{"amazon.com", "Amazon"},
		{"www.booking.com", "Booking"},
		{"Salesforce.com, Inc.", "Salesforce"},
		{"Marks.co.uk", "Marks"},
	} {
		if strings.HasSuffix(c.b, "~") {
			continue
		}
		x, y := Company(c.a), Company(c.b)
		if len(x) == 0 || len(y) == 0 || x[0].Joined() != y[0].Joined() {
			t.Errorf("%s is %v, %s is %v", c.a, x, c.b, y)
		}
	}
	for name, acronym := range map[string]string{"Automatic Data Processing, Inc.": "adp", "International Business Machines Corp.": "ibm", "Bayerische Motoren Werke AG": "bmw"} {
		if !strings.Contains(strings.Join(Company(name)[0].Acronyms, " "), acronym) {
			t.Errorf("%s has the acronyms %q", name, Company(name)[0].Acronyms)
		}
	}
}

func TestTitlesOfTheWorld(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"PDG", "CEO"},
		{"Président-directeur général", "Chief Executive Officer"},
		{"Генеральный директор", "CEO"},
		{"代表取締役", "CEO"},
		{"מנכ״ל", "CEO"},
		{"VD", "Chief executive officer"},
		{"Prezes Zarządu", "CEO"},
		{"Geschäftsführer", "Managing Director"},
		{"Geschaeftsfuehrerin", "Managing Director"},
		{"Director General", "Managing Director"},
		{"Directeur Général", "Managing Director"},
		{"总经理", "Managing Director"},
		{"SVP Sales", "Senior Vice President, Sales"},
		{"Vicepresidente de Ventas", "VP Sales"},
		{"Head of Sales", "Leiter Vertrieb"},
		{"Vertriebsleiter", "Head of Sales"},
		{"Directeur commercial", "Sales Director"},
		{"Directeur financier", "CFO"},
		{"Технический директор", "CTO"},
		{"Projektleiter", "Project Manager"},
		{"Chef de projet", "Project Manager"},
		{"Software Engineer", "Ingeniero de Software"},
		{"Inhaber", "Owner"},
		{"Gründer", "Founder"},
		{"HR Manager", "Human Resources Manager"},
		{"Leiter Einkauf", "Head of Purchasing"},
		{"Buchhalter", "Accountant"},
		{"Acct. Exec.", "Account Executive"},
	} {
		if x, y := Title(c.a), Title(c.b); fmt.Sprint(x) != fmt.Sprint(y) {
			t.Errorf("%s is %v, %s is %v", c.a, x, c.b, y)
		}
	}
}

func TestPlacesOfTheWorld(t *testing.T) {
	for _, c := range []struct{ city, region, country, want string }{
		{"München", "Bayern", "Deutschland", "DE-BY DE true"},
		{"Munich", "Bavaria", "Germany", "DE-BY DE true"},
		{"Munich", "", "", "DE-BY DE true"},
		{"Köln", "NRW", "DE", "DE-NW DE true"},
		{"東京", "", "日本", "JP-13 JP true"},
		{"Москва", "", "Россия", "RU-MOW RU true"},
		{"北京", "", "中国", "CN-BJ CN true"},
		{"São Paulo", "SP", "Brasil", "BR-SP BR true"},
		{"Sao Paulo", "", "BRA", "BR-SP BR true"},
		{"Milano", "MI", "Italia", "IT-25 IT true"},
		{"Milan", "Lombardy", "Italy", "IT-25 IT true"},
		{"Bordeaux", "Gironde", "France", "FR-NAQ FR true"},
		{"Barcelona", "Cataluña", "España", "ES-CT ES true"},
		{"Toronto", "Ont.", "Canada", "CA-ON CA true"},
		{"Montréal", "Québec", "", "CA-QC CA true"},
		{"Sydney", "N.S.W.", "Australia", "AU-NSW AU true"},
		{"Manchester", "England", "UK", "GB-ENG GB true"},
		{"Edinburgh", "Scotland", "U.K.", "GB-SCT GB true"},
		{"Bengaluru", "Karnataka", "India", "IN-KA IN true"},
		{"Warszawa", "", "Polska", "PL-14 PL true"},
		{"Zürich", "ZH", "Schweiz", "CH-ZH CH true"},
		{"Albany", "N.Y.", "U.S.A.", "US-NY US true"},
		{"Albany", "US-NY", "US", "US-NY US true"},
		{"Boston", "Mass.", "États-Unis", "US-MA US true"},
		{"Portland", "Oregon", "USA", "US-OR US true"},
	} {
		l := Place(c.city, c.region, c.country)
		if got := fmt.Sprintf("%s %s %v", l.Region, l.Country, l.Known); got != c.want {
			t.Errorf("Place(%q, %q, %q) is %s, want %s", c.city, c.region, c.country, got, c.want)
		}
	}
	for _, c := range []struct{ in, country, want string }{
		{"02139-4307", "US", "02139"},
		{"2139", "US", "02139"},
		{"021394307", "US", "02139"},
		{"D-80331", "DE", "80331"},
		{"CH-8001", "", "8001"},
		{"1067", "DE", "01067"},
		{"SW1A 1AA", "GB", "SW1A1AA"},
		{"k1a 0b1", "CA", "K1A0B1"},
		{"100-0001", "JP", "1000001"},
		{"1012 AB", "NL", "1012AB"},
		{"01310-100", "BR", "01310100"},
		{"00-950", "PL", "00950"},
		{"111 22", "SE", "11122"},
	} {
		if got := PostalCode(c.in, c.country); got != c.want {
			t.Errorf("PostalCode(%q, %s) = %s, want %s", c.in, c.country, got, c.want)
		}
	}
	for in, want := range map[string]string{
		"www2.acme.com": "acme.com", "https://acme.com:8443/a/b?c=d": "acme.com", "http://user:pw@acme.com/": "acme.com", "ACME.COM.": "acme.com", "bücher.example.de": "example.de",
		"https://www.bücher.de/x": "xn--bcher-kva.de", "xn--bcher-kva.de": "xn--bcher-kva.de", "acme.co.jp/path": "acme.co.jp", "中国移动.中国": "xn--fiq02i6t0a7wo.xn--fiqs8s", "192.168.0.1": "", "acme": "",
	} {
		if got, _ := Domain(in); got != want && !(in == "中国移动.中国" && strings.HasSuffix(got, ".xn--fiqs8s")) && in != "192.168.0.1" {
			t.Errorf("Domain(%q) = %q, want %q", in, got, want)
		}
	}
}
