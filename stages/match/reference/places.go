package reference

import (
	"strconv"
	"strings"
)

var (
	places    = lazy("places")
	regions   = lazy("regions")
	countries = lazy("countries")
)

// Place is a populated place.
type Place struct {
	Lat, Lng   float64 // degrees
	Country    string  // ISO 3166-1 alpha-2
	Region     string  // code of the first-level region, for the US its postal code; empty elsewhere
	Population int
}

// Places returns the places with a folded name (or other name), largest first.
func Places(name string) []Place {
	found := places().find(name)
	list := make([]Place, 0, len(found))
	for _, fields := range found {
		f := strings.Split(fields, "\t")
		if len(f) != 5 {
			continue
		}
		lat, _ := strconv.Atoi(f[0])
		lng, _ := strconv.Atoi(f[1])
		pop, _ := strconv.Atoi(f[4])
		list = append(list, Place{float64(lat) / 1e3, float64(lng) / 1e3, f[2], f[3], pop})
	}
	return list
}

// Country returns the ISO 3166-1 alpha-2 code, in upper case, of a country given by a folded name (in any of several languages)
// or code; "" when unknown.
func Country(name string) string {
	found := countries().find(name)
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// Region returns the ISO 3166-2 code (US-CA) of a region given by its folded name or its code, within a country (alpha-2). When
// the country is unknown ("") the US, Canada and Australia are tried in this order.
func Region(name, country string) string {
	try := []string{country}
	if country == "" {
		try = []string{"US", "CA", "AU"}
	}
	for _, c := range try {
		if found := regions().find(strings.ToLower(c) + " " + name); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}
