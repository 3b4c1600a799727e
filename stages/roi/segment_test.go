package roi

import (
	"testing"

	"github.com/biter777/countries"
)

// TestRegions checks countries against the UN's M.49, those among them that other lists put elsewhere, and what people type instead.
func TestRegions(t *testing.T) {
	for region, typed := range map[string][]string{
		"Africa":   {"Egypt", "NA", "Namibia", "IO", "TF", "Réunion"},
		"Americas": {"USA", "U.S.A.", "Brazil", "Greenland", "Curaçao", "CW", "BV", "GS"},
		"Asia":     {"Türkiye", "Turkey", "TR", "Cyprus", "Georgia", "Kazakhstan", "Israel"},
		"Europe":   {"Russia", "Deutschland", "UK", "CZ"},
		"Oceania":  {"Australia", "CX", "CC", "HM", "Guam"},
		"other":    {"AQ", "EMEA", "tbd", "Narnia"},
		unknown:    {"", " ", "n/a", "N/A", "n.a.", "N.A"},
	} {
		for _, country := range typed {
			if got := regionOf(country); got != region {
				t.Errorf("%q lies in %s, want %s", country, got, region)
			}
		}
	}
	for _, c := range countries.All() {
		if got := regionOf(c.Alpha2()); got == unknown || got == "other" && c != countries.ATA {
			t.Errorf("%s lies in %s", c, got)
		}
	}
}
