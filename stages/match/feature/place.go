package feature

import (
	"math"
	"strconv"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/compare"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
)

// How two places relate, best first.
const (
	placeCity = 1 + iota
	placeNear
	placeFar      // within a day's commute
	placeInRegion // in the same region, as far as is known
	placeRegion   // in the same region, the cities differ
	placeCountry
	placeDiffers
)

var placeLevels = []Level{
	{Name: missing},
	{"city", 0.72, 0.008, true, true},
	{"within 30 km", 0.08, 0.006, true, false},
	{"within 100 km", 0.04, 0.01, false, false},
	{"region, city unknown", 0.05, 0.006, false, false},
	{"region", 0.05, 0.03, false, false},
	{"country", 0.09, 0.5, false, false},
	{Differs, 0.02, 0.446, false, false},
}

// location is a place. Known places are points on the unit sphere, so that a distance costs three multiplications; other ones are at
// its centre.
type location struct {
	sign               compare.Signature // of the city
	x, y, z            float32
	city, region       word
	country            word
	cityKey, regionKey uint64 // hashes for blocking, 0 when unknown
}

func (v *location) known() bool { return v.x != 0 || v.y != 0 || v.z != 0 }

func placeColumn(t *record.Table, w *words, workers int) *column[location] {
	return derive(t, source{schemas.City, schemas.State, schemas.Country, schemas.Lat, schemas.Lng}, workers,
		func(args []string) normalise.Location {
			l := normalise.Place(args[0], args[1], args[2])
			if lat, lng, ok := coordinates(args[3], args[4]); ok {
				l.Lat, l.Lng, l.Known = lat, lng, true
			}
			return l
		},
		func(p normalise.Location) string {
			if p.Empty() {
				return ""
			}
			b := make([]byte, 0, 64)
			for _, s := range []string{p.City, p.Region, p.Country} {
				b = append(append(b, s...), '|')
			}
			b = append(strconv.AppendFloat(b, p.Lat, 'f', 3, 64), '|')
			return string(strconv.AppendFloat(b, p.Lng, 'f', 3, 64))
		},
		func(_ *column[location], p normalise.Location) location {
			var v location
			if p.City != "" {
				v.city, v.cityKey, v.sign = w.number(p.City), block.Text(p.City), compare.Sign(p.City)
			}
			if p.Region != "" {
				v.region, v.regionKey = w.number("region "+p.Region), block.Text(p.Region)
			}
			if p.Country != "" {
				v.country = w.number("country " + p.Country)
			}
			if p.Known {
				lat, lng := p.Lat*math.Pi/180, p.Lng*math.Pi/180
				v.x, v.y, v.z = float32(math.Cos(lat)*math.Cos(lng)), float32(math.Cos(lat)*math.Sin(lng)), float32(math.Sin(lat))
			}
			return v
		})
}

// coordinates reads degrees; false when they are none.
func coordinates(lat, lng string) (float64, float64, bool) {
	a, errA := strconv.ParseFloat(lat, 64)
	b, errB := strconv.ParseFloat(lng, 64)
	return a, b, errA == nil && errB == nil && math.Abs(a) <= 90 && math.Abs(b) <= 180 && (a != 0 || b != 0)
}

// chord is the square of the distance of two points of the unit sphere that are so many kilometres apart on the Earth.
func chord(km float64) float32 {
	s := 2 * math.Sin(km/6371/2)
	return float32(s * s)
}

var chord30, chord100 = chord(30), chord(100)

type placeKernel struct {
	w           *words
	left, right *column[location]
}

func (k placeKernel) levels(a uint32, bs []uint32, out []uint8, m *memo) {
	x := &k.left.values[a]
	slow := k.compare
	for i, b := range bs {
		y := &k.right.values[b]
		switch {
		case b == 0:
			out[i] = 0
		case x.city == y.city && x.city != 0 && x.region == y.region && x.country == y.country:
			out[i] = placeCity
		default:
			out[i] = m.get(a, b, slow)
		}
	}
}

// compare compares as far as both sides are known: two places of which only the country is known, and the same, say nothing about
// the city, but different countries differ.
func (k placeKernel) compare(l, r uint32) uint8 {
	a, b := &k.left.values[l], &k.right.values[r]
	abroad := a.country != 0 && b.country != 0 && a.country != b.country
	apart := float32(math.Inf(1))
	if a.known() && b.known() {
		x, y, z := a.x-b.x, a.y-b.y, a.z-b.z
		apart = x*x + y*y + z*z
	}
	elsewhere := a.region != 0 && b.region != 0 && a.region != b.region
	if a.city != 0 && b.city != 0 && !abroad {
		same := a.city == b.city
		if !same && !elsewhere {
			s, t := k.w.text(a.city), k.w.text(b.city)
			same = len(s) > 4 && len(t) > 4 && s[0] == t[0] && compare.OneEdit(s, t)
		}
		if same && (!elsewhere || apart <= chord30) {
			return placeCity
		}
	}
	switch {
	case apart <= chord30:
		return placeNear
	case apart <= chord100:
		return placeFar
	case abroad:
		return placeDiffers
	case a.region != 0 && a.region == b.region:
		if a.city == 0 || b.city == 0 {
			return placeInRegion
		}
		return placeRegion
	case a.city == 0 || b.city == 0:
		if elsewhere {
			return placeCountry
		}
		return 0
	case a.country != 0 && a.country == b.country || elsewhere:
		return placeCountry
	case a.country == 0 && b.country == 0 && !a.known() && !b.known():
		return placeDiffers
	}
	return placeCountry
}

// shareCities returns the share of right rows in each city, by word.
func shareCities(w *words, c *column[location]) shares {
	counts, rows := make([]float64, w.len()), 0.0
	for i := 1; i < len(c.values); i++ {
		if city := c.values[i].city; city != 0 {
			counts[city] += float64(c.counts[i])
			rows += float64(c.counts[i])
		}
	}
	return newShares(plain(counts, rows))
}

func placeComparison(w *words, left, right *column[location], cities shares, parent string, of Usual) *Comparison {
	often := of.set("city", usual(left, func(v *location) float64 { return cities.of(v.city) }))
	return &Comparison{
		Name: "place", Levels: placeLevels, Ordered: true, Parent: parent, left: left.codes, kernel: placeKernel{w, left, right},
		group:    func(side int, code uint32) uint32 { return [2]*column[location]{left, right}[side].values[code].city },
		surprise: func(_, b uint32, _ uint8, _ word) float64 { return cities.surprise(right.values[b].city, *often) },
	}
}
