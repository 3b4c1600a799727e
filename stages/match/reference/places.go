package reference

import (
	"strconv"
	"strings"
	"sync"
)

var (
	placeNames = lazy(placenamesText)
	regions    = lazy(regionsText)
	inside     = lazy(withinText)
	countries  = lazy(countriesText)
	places     = sync.OnceValue(loadPlaces)
)

// Place is a populated place.
type Place struct {
	Lat, Lng   float64 // degrees
	Country    string  // ISO 3166-1 alpha-2
	Region     string  // ISO 3166-2 code of the first-level region without the country (CA of US-CA); empty when unknown
	Population int
}

// Code returns the ISO 3166-2 code of the place's region, "" when it is not known.
func (p *Place) Code() string {
	if p.Region == "" {
		return ""
	}
	return p.Country + "-" + p.Region
}

// placeList is a list of places, each read when it is asked for.
type placeList struct {
	text   string
	starts []uint32
}

func loadPlaces() *placeList {
	l := &placeList{text: placesText}
	l.starts = make([]uint32, 0, strings.Count(l.text, "\n"))
	for at := 0; at < len(l.text); at += strings.IndexByte(l.text[at:], '\n') + 1 {
		l.starts = append(l.starts, uint32(at))
	}
	return l
}

// at returns place n, false when there are not so many.
func (l *placeList) at(n int) (p Place, ok bool) {
	if n >= len(l.starts) {
		return p, false
	}
	line := l.text[l.starts[n]:]
	line = line[:strings.IndexByte(line, '\n')]
	var f [5]string
	for i := range f {
		f[i], line, _ = strings.Cut(line, "\t")
	}
	lat, _ := strconv.Atoi(f[0])
	lng, _ := strconv.Atoi(f[1])
	p.Lat, p.Lng, p.Country, p.Region = float64(lat)/1e3, float64(lng)/1e3, f[2], f[3]
	p.Population, _ = strconv.Atoi(f[4])
	return p, true
}

// EachPlace calls fn for the places with a folded name (or other name), largest first, until it returns false.
func EachPlace(name string, fn func(Place) bool) {
	numbers, _ := placeNames().find(name)
	for numbers != "" {
		var number string
		number, numbers, _ = strings.Cut(numbers, ",")
		n, err := strconv.Atoi(number)
		if err != nil {
			return
		}
		if p, ok := places().at(n); !ok || !fn(p) {
			return
		}
	}
}

// Places returns the places with a folded name (or other name), largest first.
func Places(name string) []Place {
	var list []Place
	EachPlace(name, func(p Place) bool {
		list = append(list, p)
		return true
	})
	return list
}

// Country returns the ISO 3166-1 alpha-2 code, in upper case, of a country given by a folded name (in any of some fifty languages)
// or code; "" when unknown.
func Country(name string) string {
	code, _ := countries().find(name)
	return code
}

// Region returns the ISO 3166-2 code (US-CA) of a region given by its folded name (in any of some twelve languages) or its code,
// within a country (alpha-2). When the country is unknown ("") the US, Canada and Australia are tried in this order, then names that
// are regions of one country only.
func Region(name, country string) string {
	if country != "" {
		return region(name, country)
	}
	for _, c := range [...]string{"US", "CA", "AU"} {
		if code := region(name, c); code != "" {
			return code
		}
	}
	return region(name, "ZZ")
}

func region(name, country string) string {
	if len(country) != 2 {
		return ""
	}
	var room [64]byte
	key := append(append(append(room[:0], country[0]|0x20, country[1]|0x20), ' '), name...)
	code, _ := regions().find(string(key))
	return code
}

// TopRegion returns the first-level region that a region (ISO 3166-2) lies in: FR-NAQ for FR-33, itself for a first-level one.
func TopRegion(code string) string {
	if top, ok := inside().find(code); ok {
		return top
	}
	return code
}
