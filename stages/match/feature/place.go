package feature

import (
	"fmt"

	"github.com/crmsync/crmsync/schemas"
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

// location is a place with its words numbered.
type location struct {
	normalise.Location
	city, region word
}

func placeColumn(t *record.Table, w *words, workers int) column[location] {
	return derive(t, source{schemas.City, schemas.State, schemas.Country}, workers,
		func(args []string) normalise.Location { return normalise.Place(args[0], args[1], args[2]) },
		func(p normalise.Location) (string, location) {
			if p.Empty() {
				return "", location{}
			}
			v := location{p, 0, 0}
			if p.City != "" {
				v.city = w.number(p.City)
			}
			if p.Region != "" {
				v.region = w.number("region " + p.Region)
			}
			return fmt.Sprintf("%s|%s|%s", p.City, p.Region, p.Country), v
		})
}

// comparePlaces compares as far as both sides are known: two places of which only the country is known, and the same, say
// nothing about the city, but different countries differ.
func comparePlaces(w *words, a, b *location) uint8 {
	abroad := a.Country != "" && b.Country != "" && a.Country != b.Country
	km := -1.0
	if a.Known && b.Known {
		km = normalise.Kilometres(a.Lat, a.Lng, b.Lat, b.Lng)
	}
	elsewhere := a.region != 0 && b.region != 0 && a.region != b.region
	if a.city != 0 && b.city != 0 && !abroad {
		same := a.city == b.city
		if !same && !elsewhere {
			s, t := w.text(a.city), w.text(b.city)
			same = len(s) > 4 && len(t) > 4 && s[0] == t[0] && compare.OneEdit(s, t)
		}
		if same && (!elsewhere || km >= 0 && km < 30) {
			return placeCity
		}
	}
	switch {
	case km >= 0 && km <= 30:
		return placeNear
	case km >= 0 && km <= 100:
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
	case a.Country != "" && a.Country == b.Country || elsewhere:
		return placeCountry
	case a.Country == "" && b.Country == "" && !a.Known && !b.Known:
		return placeDiffers
	}
	return placeCountry
}

func placeComparison(w *words, left, right *record.Table, workers int, parent string) (*Comparison, [2]column[location]) {
	l, r := placeColumn(left, w, workers), placeColumn(right, w, workers)
	counts, rows := make([]float64, w.dict.Len()), 0.0
	for i := 1; i < len(r.values); i++ {
		if c := r.values[i].city; c != 0 {
			counts[c] += float64(r.counts[i])
			rows += float64(r.counts[i])
		}
	}
	cities := plain(counts, rows)
	often := usual(l, func(v *location) float64 { return cities[v.city] })
	return &Comparison{
		Name: "place", Levels: placeLevels, Ordered: true, Parent: parent, left: l.codes, right: r.codes, costly: true,
		kernel: func(a, b uint32) uint8 { return comparePlaces(w, &l.values[a], &r.values[b]) },
		share:  func(_, b uint32, _ uint8) (float64, float64) { return cities[r.values[b].city], often },
	}, [2]column[location]{l, r}
}
