package reference

import "testing"

func BenchmarkLookup(b *testing.B) {
	for _, c := range []struct {
		name string
		fn   func()
	}{
		{"place", func() { EachPlace("springfield", func(Place) bool { return false }) }},
		{"no place", func() { EachPlace("nowhere springs", func(Place) bool { return false }) }},
		{"country", func() { Country("united states") }},
		{"region", func() { Region("california", "US") }},
		{"formal names", func() { FormalNames("bill") }},
		{"surname share", func() { SurnameShare("smith") }},
		{"free mail", func() { FreeMail("gmail.com") }},
		{"legal form", func() { LegalForm([]string{"muller", "gmbh", "co", "kg"}) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.fn()
			b.ReportAllocs()
			for b.Loop() {
				c.fn()
			}
		})
	}
}
