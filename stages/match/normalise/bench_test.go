package normalise

import "testing"

func bench(b *testing.B, values []string, fn func(string)) {
	b.Helper()
	for _, v := range values {
		fn(v) // the tables are unpacked
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		fn(values[i%len(values)])
		i++
	}
}

func BenchmarkNormalise(b *testing.B) {
	for _, c := range []struct {
		name   string
		values []string
		fn     func(string)
	}{
		{"given", []string{"William", "Mary Ann", "José", "C. Douglas"}, func(s string) { Given(s) }},
		{"given native", []string{"Иван", "太郎", "محمد", "지훈"}, func(s string) { Given(s) }},
		{"surname", []string{"Smith", "van der Berg-Müller", "García Márquez", "O'Brien"}, func(s string) { Surname(s) }},
		{"full", []string{"John Smith", "Dr. Anna Weiß", "Smith, John", "李小龙"}, func(s string) { Full(s) }},
		{"company", []string{"Acme Corporation", "Müller GmbH & Co. KG", "Guardian Life Ins. Co. of America", "amazon.com"}, func(s string) { Company(s) }},
		{"title", []string{"CEO", "VP Sales", "Senior Software Engineer", "Geschäftsführer"}, func(s string) { Title(s) }},
		{"place", []string{"San Francisco", "St. Louis", "Berlin", "Nowhere Springs"}, func(s string) { Place(s, "", "US") }},
		{"place with region", []string{"San Francisco", "Oakland", "Los Angeles", "Fresno"}, func(s string) { Place(s, "California", "United States") }},
		{"street", []string{"8000 South Federal Way", "1 Main St., Suite 5", "Hauptstraße 12"}, func(s string) { Street(s) }},
		{"postal code", []string{"10019-1234", "94105", "SW1A 1AA"}, func(s string) { PostalCode(s, "") }},
		{"phone E.164", []string{"+14155550123", "+498963600123", "+442079460018"}, func(s string) { Phone(s, "US") }},
		{"phone national", []string{"(415) 555-0123", "415-555-0123", "1-415-555-0123"}, func(s string) { Phone(s, "US") }},
		{"phone by the library", []string{"415-555-0123 x7", "ext 415 555 0123"}, func(s string) { Phone(s, "US") }},
		{"domain", []string{"https://www.acme.com/about", "shop.acme.co.uk", "acme.com"}, func(s string) { Domain(s) }},
		{"domain to convert", []string{"https://www.müller.de/"}, func(s string) { Domain(s) }},
		{"email", []string{"ann.lee@acme.com", "bob@gmail.com"}, func(s string) { Email(s) }},
		{"ticker", []string{"NYSE: IBM", "MSFT"}, func(s string) { Ticker(s) }},
	} {
		b.Run(c.name, func(b *testing.B) { bench(b, c.values, c.fn) })
	}
}
