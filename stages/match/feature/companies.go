package feature

import (
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/block"
	"github.com/crmsync/crmsync/stages/match/record"
)

// Companies makes the set that compares companies: CRM accounts on the left, directory companies on the right.
func Companies(left, right *record.Table, o Options) *Set {
	s := &Set{Entity: Company, Left: left, Right: right, Required: []string{"name", "website"}}
	w := newWords()
	l := employerColumn(left, w, o.Workers, schemas.Company, schemas.OtherNames)
	r := employerColumn(right, w, o.Workers, schemas.Company, schemas.OtherNames)
	x := newLexicon(w, l, r, true)
	name := &Comparison{
		Name: "name", Levels: nameLevels, left: l.codes, right: r.codes, costly: true,
		kernel: func(a, b uint32) uint8 {
			level, _, _ := x.best(l.values[a].names, r.values[b].names)
			return level
		},
		share: func(a, b uint32, level uint8) (float64, float64) {
			return x.share(l.values[a].names, r.values[b].names, level)
		},
	}
	site, sites := siteComparison(w, left, right, o.Workers)
	place, places := placeComparison(w, left, right, o.Workers, "")
	postal, _ := postalComparison(left, right, o.Workers)
	street, streets := streetComparison(left, right, o.Workers)
	phone, lines := phoneComparison(w, left, right, o, "")
	ticker, tickers := tickerComparison(left, right, o.Workers)
	s.Comparisons = []*Comparison{
		name, site, place, postal, street, phone, ticker, industryComparison(left, right, o.Workers), sizeComparison(left, right, o.Workers),
	}
	s.drop()
	s.Rules = companyRules(w, x, [2]column[employer]{l, r}, sites, places, streets, lines, tickers)
	return s
}

func companyRules(w *words, x *lexicon, names [2]column[employer], sites [2]column[[]site], places [2]column[location],
	streets [2]column[address], lines [2]column[[]line], tickers [2]column[string],
) []block.Rule {
	city := refiner("city", places, func(v *location) uint64 { return uint64(v.city) })
	region := refiner("region", places, func(v *location) uint64 { return uint64(v.region) })
	second := refiner("second word", names, func(v *employer) uint64 {
		if len(v.names) == 0 {
			return 0
		}
		if list := x.rare(v.names[0]); len(list) > 1 {
			return uint64(list[1])
		}
		return uint64(v.names[0].joined)
	})

	var rules []block.Rule
	add := func(name string, refine []block.Refiner, left, right block.Keys) {
		rules = append(rules, block.Rule{Name: name, Left: left, Right: right, Refine: refine})
	}
	l, r := sides(names, func(e *employer, dst []uint64) []uint64 {
		for _, n := range e.names {
			dst = append(dst, block.Key(keyCompanyName, n.joined))
		}
		return dst
	})
	add("name", []block.Refiner{region, city}, l, r)
	l, r = sides(names, func(e *employer, dst []uint64) []uint64 {
		for _, n := range e.names {
			for _, word := range x.rare(n) {
				dst = append(dst, block.Key(keyCompanyWord, word))
			}
		}
		return dst
	})
	add("rare word", []block.Refiner{region, city, second}, l, r)
	l, r = sides(names, func(e *employer, dst []uint64) []uint64 {
		for _, n := range e.names {
			for _, a := range n.acronyms {
				dst = append(dst, block.Key(keyAcronym, a))
			}
			if t := w.text(n.joined); len(t) < 8 {
				dst = append(dst, block.Key(keyAcronym, n.joined))
			}
		}
		return dst
	})
	add("acronym", []block.Refiner{region, city}, l, r)
	l, r = pairs(names, places, func(e *employer, p *location, dst []uint64) []uint64 {
		for _, n := range e.names {
			if t := w.text(n.joined); len(t) > 3 && p.region != 0 {
				dst = append(dst, block.Mix(block.Key(keyPrefix, p.region), block.Text(t[:4])))
			}
		}
		return dst
	})
	add("beginning of the name, region", []block.Refiner{city}, l, r)
	l, r = sides(sites, func(list *[]site, dst []uint64) []uint64 {
		for _, v := range *list {
			dst = append(dst, block.Key(keyDomain, v.domain), block.Key(keyLabel, v.label))
		}
		return dst
	})
	add("website", []block.Refiner{region, city}, l, r)
	l, r = sides(lines, func(list *[]line, dst []uint64) []uint64 {
		for _, n := range *list {
			dst = append(dst, block.Key(keyPhone, n.national))
		}
		return dst
	})
	add("phone", nil, l, r)
	l, r = sides(tickers, func(t *string, dst []uint64) []uint64 { return append(dst, block.Mix(keyTicker, block.Text(*t))) })
	add("ticker", []block.Refiner{region}, l, r)
	l, r = pairs(streets, places, func(a *address, p *location, dst []uint64) []uint64 {
		if a.number == "" || p.city == 0 {
			return dst
		}
		return append(dst, block.Mix(block.Key(keyStreet, p.city), block.Text(a.number+" "+a.street)))
	})
	add("street and city", nil, l, r)
	return rules
}
