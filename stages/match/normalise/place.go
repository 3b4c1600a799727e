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

// Place reads a place. A region inside another one is given as the first-level one. Coordinates come from the gazetteer: the largest
// place with the city's name in the country and, where known, the region.
func Place(city, region, country string) Location {
	var l Location
	if country != "" {
		l.Country = countryOf(fold.Text(country))
	}
	if r := fold.Text(region); r != "" {
		l.Region = regionOf(r, l.Country)
		if l.Region == "" {
			l.Region = r
		} else if l.Country == "" {
			l.Country = l.Region[:2]
		}
	}
	raw := fold.Text(city)
	if raw == "" {
		return l
	}
	long := writeOut(raw)
	l.City = long
	if short, ok := strings.CutSuffix(long, " city"); ok && strings.Contains(short, " ") && !strings.HasPrefix(long, "salt ") {
		l.City = short
	}
	if !l.locate(raw) && (long == raw || !l.locate(long)) && l.City != long {
		l.locate(l.City)
	}
	return l
}

func countryOf(folded string) string {
	code := reference.Country(folded)
	if code == "" && strings.Contains(folded, " ") {
		code = reference.Country(strings.ReplaceAll(folded, " ", ""))
		if rest, ok := strings.CutPrefix(folded, "the "); ok && code == "" {
			code = reference.Country(rest)
		}
	}
	return code
}

func regionOf(folded, country string) string {
	code := reference.Region(folded, country)
	if code == "" && strings.Contains(folded, " ") {
		code = reference.Region(strings.ReplaceAll(folded, " ", ""), country) // N.Y.
	}
	if code == "" && country != "" && len(folded) == len(country)+3 && strings.EqualFold(folded[:2], country) {
		code = reference.Region(folded[3:], country) // US-NY
	}
	return reference.TopRegion(code)
}

// writeOut writes out the abbreviations of a folded city.
func writeOut(city string) string {
	if !strings.Contains(city, " ") {
		return city
	}
	var b []byte
	for rest := city; rest != ""; {
		word, after, _ := strings.Cut(rest, " ")
		if long := cityWords[word]; long != "" {
			if b == nil {
				b = append(b, city[:len(city)-len(rest)]...)
			}
			b = append(b, long...)
		} else if b != nil {
			b = append(b, word...)
		}
		if b != nil && after != "" {
			b = append(b, ' ')
		}
		rest = after
	}
	if b == nil {
		return city
	}
	return string(b)
}

// locate gives the location the coordinates of the largest place with the name that does not contradict what is known of it, and
// what that place knows besides.
func (l *Location) locate(name string) bool {
	reference.EachPlace(name, func(p reference.Place) bool {
		switch {
		case l.Country != "" && p.Country != l.Country:
			return true
		case l.Region != "" && p.Region != "" && !(len(l.Region) == len(p.Region)+3 && l.Region[:2] == p.Country && l.Region[3:] == p.Region):
			return true
		case l.Country == "" && l.Region == "" && p.Population < 100_000:
			return true // a small place far from anywhere named is a guess
		}
		l.Lat, l.Lng, l.Known = p.Lat, p.Lng, true
		if l.Country == "" {
			l.Country = p.Country
		}
		if l.Region == "" {
			l.Region = p.Code()
		}
		return false
	})
	return l.Known
}

// Kilometres is the great-circle distance of two points given in degrees (haversine formula, mean Earth radius 6,371 km).
func Kilometres(lat1, lng1, lat2, lng2 float64) float64 {
	const rad = math.Pi / 180
	a, b := math.Sin((lat2-lat1)*rad/2), math.Sin((lng2-lng1)*rad/2)
	h := a*a + math.Cos(lat1*rad)*math.Cos(lat2*rad)*b*b
	return 2 * 6371 * math.Asin(math.Sqrt(min(1, h)))
}

// PostalCode returns a postal code in capitals without spaces, without the country before it (D-80331); of a US code the first five
// digits. The country (ISO alpha-2) may be empty. In the US, and where codes have as many digits everywhere, it gives back the zeros
// that spreadsheets take from the front.
func PostalCode(s, country string) string {
	folded := fold.Text(s)
	if before, code, ok := strings.Cut(folded, " "); ok && len(before) < 3 && strings.Trim(before, "abcdefghijklmnopqrstuvwxyz") == "" && len(code) > 3 && digitsOnly(strings.ReplaceAll(code, " ", "")) {
		folded = code
	}
	s = strings.ToUpper(strings.ReplaceAll(folded, " ", ""))
	if len(s) > 12 {
		return ""
	}
	if !digitsOnly(s) {
		return s
	}
	if len(s) == 9 && (country == "" || country == "US") || len(s) == 8 && country == "US" {
		s = s[:len(s)-4]
	}
	if n := postalDigits[country]; len(s) > 2 && len(s) < n {
		s = "00000"[:min(n-len(s), 5)] + s
	}
	return s
}

// postalDigits are the countries whose postal codes are digits, some of them beginning with zero, always as many.
var postalDigits = map[string]int{
	"US": 5, "DE": 5, "FR": 5, "IT": 5, "ES": 5, "MX": 5, "EE": 5, "FI": 5, "MY": 5, "TR": 5, "UA": 5, "JP": 7, "CN": 6, "RO": 6, "PL": 5, "BR": 8, "NO": 4, "AU": 4,
}

func digitsOnly(s string) bool { return strings.Trim(s, "0123456789") == "" }

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
		} else if cut, ok := strings.CutSuffix(w, "strasse"); ok && cut != "" {
			w = cut + "str" // as in Hauptstr.
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
