package normalise

import (
	"math"
	"strings"

	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// Location is a place as far as it is known; empty fields are unknown.
type Location struct {
	City    string // folded
	Region  string // ISO 3166-2 code, or the folded text when it is not known
	Country string // ISO 3166-1 alpha-2
	// Lat and Lng are in degrees, valid when Known.
	Lat, Lng float64
	Known    bool
}

// Empty reports whether nothing is known.
func (l Location) Empty() bool { return l.City == "" && l.Region == "" && l.Country == "" && !l.Known }

var cityWords = map[string]string{"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort", "n": "north", "s": "south", "e": "east", "w": "west", "pk": "park", "hts": "heights", "twp": "township"}

// Place reads a place. Coordinates come from the gazetteer: the largest place with the city's name in the country and, where
// known, the region.
func Place(city, region, country string) Location {
	var l Location
	if c := fold.Text(country); c != "" {
		if l.Country = reference.Country(c); l.Country == "" {
			l.Country = reference.Country(strings.ReplaceAll(c, " ", ""))
		}
	}
	if r := fold.Text(region); r != "" {
		if l.Region = reference.Region(r, l.Country); l.Region == "" {
			l.Region = r
		} else if l.Country == "" {
			l.Country, _, _ = strings.Cut(l.Region, "-")
		}
	}
	words := fold.Words(city)
	if len(words) == 0 {
		return l
	}
	raw := strings.Join(words, " ")
	for i, w := range words {
		if long := cityWords[w]; long != "" && len(words) > 1 {
			words[i] = long
		}
	}
	long := strings.Join(words, " ")
	l.City = long
	if n := len(words); n > 2 && words[n-1] == "city" && words[0] != "salt" {
		l.City = strings.Join(words[:n-1], " ")
	}
	for _, name := range []string{raw, long, l.City} {
		if p, ok := locate(name, l); ok {
			l.Lat, l.Lng, l.Known = p.Lat, p.Lng, true
			if l.Country == "" {
				l.Country = p.Country
			}
			if l.Region == "" && p.Region != "" {
				l.Region = p.Country + "-" + p.Region
			}
			break
		}
	}
	return l
}

// locate finds the largest place with the name that does not contradict what is known of the location.
func locate(name string, l Location) (reference.Place, bool) {
	for _, p := range reference.Places(name) {
		if l.Country != "" && p.Country != l.Country {
			continue
		}
		if l.Region != "" && p.Region != "" && l.Region != p.Country+"-"+p.Region {
			continue
		}
		if l.Country == "" && l.Region == "" && p.Population < 100_000 {
			continue // a small place far from anywhere named is a guess
		}
		return p, true
	}
	return reference.Place{}, false
}

// Kilometres is the great-circle distance of two points given in degrees (haversine formula, mean Earth radius 6,371 km).
func Kilometres(lat1, lng1, lat2, lng2 float64) float64 {
	const rad = math.Pi / 180
	a, b := math.Sin((lat2-lat1)*rad/2), math.Sin((lng2-lng1)*rad/2)
	h := a*a + math.Cos(lat1*rad)*math.Cos(lat2*rad)*b*b
	return 2 * 6371 * math.Asin(math.Sqrt(min(1, h)))
}

// PostalCode returns a postal code in capitals without spaces; of a US code the first five digits.
func PostalCode(s string) string {
	s = strings.ToUpper(strings.ReplaceAll(fold.Text(s), " ", ""))
	digits := strings.Trim(s, "0123456789") == ""
	if digits && len(s) == 9 {
		s = s[:5]
	}
	if len(s) > 12 {
		return ""
	}
	return s
}

var streetWords = map[string]string{
	"st": "street", "str": "street", "ave": "avenue", "av": "avenue", "blvd": "boulevard", "rd": "road", "dr": "drive", "ln": "lane", "pl": "place",
	"pkwy": "parkway", "hwy": "highway", "sq": "square", "ct": "court", "ctr": "center", "centre": "center", "plz": "plaza", "cir": "circle", "n": "north", "s": "south",
	"e": "east", "w": "west", "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest", "ste": "suite", "fl": "floor", "one": "1", "two": "2", "three": "3",
}

// Street returns the house number (the first word with a digit) and the other words of a street, abbreviations written out,
// suites and floors dropped.
func Street(s string) (number string, words []string) {
	list := fold.Words(s)
	for i := 0; i < len(list); i++ {
		w := list[i]
		if long := streetWords[w]; long != "" {
			w = long
		}
		switch {
		case w == "suite" || w == "floor" || w == "unit" || w == "apt" || w == "room" || w == "bldg" || w == "building":
			i++ // and its number
		case number == "" && strings.ContainsAny(w, "0123456789"):
			number = w
		default:
			words = append(words, w)
		}
	}
	return number, words
}
