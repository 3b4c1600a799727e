package feature

import "github.com/crmsync/crmsync/stages/match/block"

// letters returns the first letters under which a given name may be found: its own words' and its formal names'.
func (v *givenValue) letters(w *words, fn func(letter uint32)) {
	for _, x := range v.words {
		fn(uint32(w.text(x)[0]))
	}
	for _, x := range v.formal {
		fn(uint32(w.text(x)[0]))
	}
}

// consonants is a rough phonetic key of a surname: its first letter and its next consonants, at most four letters.
func consonants(s string) string {
	b := make([]byte, 0, 4)
	for i := range len(s) {
		c := s[i]
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'h':
			if i > 0 {
				continue
			}
		case 'c', 'q':
			c = 'k'
		case 'z':
			c = 's'
		case 'd':
			c = 't'
		}
		if n := len(b); n > 0 && b[n-1] == c {
			continue
		}
		if b = append(b, c); len(b) == 4 {
			break
		}
	}
	return string(b)
}

// The first part of each kind of key, so that keys of different kinds never meet.
const (
	keySurnameInitial = iota + 1
	keySurnameCompany
	keySurnameCity
	keyGivenCompany
	keySounds
	keyNames
	keyEmail
	keyLocal
	keyPhone
	keyCompanyName
	keyCompanyWord
	keyAcronym
	keyDomain
	keyLabel
	keyTicker
	keyStreet
	keyPrefix
	keyGivenCity
	keySurnamePostal
	keyGivenPostal
)

func personRules(w *words, x *lexicon, given [2]column[givenValue], family [2]column[familyValue], employers [2]column[employer],
	places [2]column[location], postal [2]column[string], streets [2]column[address], boxes [2]column[[]mailbox], lines [2]column[[]line],
) []block.Rule {
	sounds := map[word]word{}
	for _, side := range family {
		for i := 1; i < len(side.values); i++ {
			v := &side.values[i]
			if sounds[v.joined] == 0 {
				sounds[v.joined] = w.number("sounds " + consonants(w.text(v.bare)))
			}
		}
	}
	city := refiner("city", places, func(v *location) uint64 { return uint64(v.city) })
	region := refiner("region", places, func(v *location) uint64 { return uint64(v.region) })
	first := refiner("given name", given, func(v *givenValue) uint64 { return uint64(v.lead) })
	last := refiner("surname", family, func(v *familyValue) uint64 { return uint64(v.bare) })
	employed := refiner("company", employers, func(v *employer) uint64 {
		if len(v.names) == 0 {
			return 0
		}
		return uint64(x.rare(v.names[0])[0])
	})

	var rules []block.Rule
	add := func(name string, refine []block.Refiner, left, right block.Keys) {
		rules = append(rules, block.Rule{Name: name, Left: left, Right: right, Refine: refine})
	}
	l, r := pairs(given, family, func(g *givenValue, f *familyValue, dst []uint64) []uint64 {
		g.letters(w, func(c uint32) {
			dst = append(dst, block.Key(keySurnameInitial, f.bare, c))
			if len(f.bares) > 1 {
				for _, b := range f.bares {
					dst = append(dst, block.Key(keySurnameInitial, b, c))
				}
			}
		})
		return dst
	})
	add("surname and initial", []block.Refiner{first, region, city}, l, r)
	l, r = pairs(given, family, func(g *givenValue, f *familyValue, dst []uint64) []uint64 {
		if g.lead == 0 {
			return dst
		}
		return append(dst, block.Key(keyNames, min(g.bare, f.bare), max(g.bare, f.bare)))
	})
	add("both names, in any order", []block.Refiner{city, employed}, l, r)
	l, r = pairs(family, employers, func(f *familyValue, e *employer, dst []uint64) []uint64 {
		return e.keys(x, func(k uint32) uint64 { return block.Key(keySurnameCompany, f.bare, k) }, dst)
	})
	add("surname and company", []block.Refiner{first}, l, r)
	l, r = pairs(given, employers, func(g *givenValue, e *employer, dst []uint64) []uint64 {
		if g.lead == 0 {
			return dst
		}
		return e.keys(x, func(k uint32) uint64 { return block.Key(keyGivenCompany, g.lead, k) }, dst)
	})
	add("given name and company", []block.Refiner{last, city}, l, r)
	l, r = pairs(family, places, func(f *familyValue, p *location, dst []uint64) []uint64 {
		if p.city == 0 {
			return dst
		}
		return append(dst, block.Key(keySurnameCity, f.bare, p.city))
	})
	add("surname and city", []block.Refiner{first}, l, r)
	l, r = pairs(given, family, func(g *givenValue, f *familyValue, dst []uint64) []uint64 {
		if g.lead == 0 {
			return dst
		}
		return append(dst, block.Key(keySounds, g.bare, sounds[f.joined]))
	})
	add("given name and sound of the surname", []block.Refiner{city, employed}, l, r)
	l, r = pairs(given, places, func(g *givenValue, p *location, dst []uint64) []uint64 {
		if g.lead == 0 || p.city == 0 {
			return dst
		}
		return append(dst, block.Key(keyGivenCity, g.bare, p.city))
	})
	add("given name and city", []block.Refiner{employed, last}, l, r)
	l, r = pairs(family, postal, func(f *familyValue, code *string, dst []uint64) []uint64 {
		return append(dst, block.Mix(block.Key(keySurnamePostal, f.bare), block.Text(*code)))
	})
	add("surname and postal code", []block.Refiner{first}, l, r)
	l, r = pairs(given, postal, func(g *givenValue, code *string, dst []uint64) []uint64 {
		return append(dst, block.Mix(block.Key(keyGivenPostal, g.bare), block.Text(*code)))
	})
	add("given name and postal code", []block.Refiner{last}, l, r)
	l, r = sides(streets, func(a *address, dst []uint64) []uint64 {
		if a.number == "" {
			return dst
		}
		return append(dst, block.Mix(keyStreet, block.Text(a.number+" "+a.street)))
	})
	add("street", []block.Refiner{last, first}, l, r)
	l, r = sides(boxes, func(list *[]mailbox, dst []uint64) []uint64 {
		for _, b := range *list {
			dst = append(dst, block.Key(keyEmail, b.local, b.domain))
			if b.telling {
				dst = append(dst, block.Key(keyLocal, b.local))
			}
		}
		return dst
	})
	add("e-mail", []block.Refiner{last}, l, r)
	l, r = sides(lines, func(list *[]line, dst []uint64) []uint64 {
		for _, n := range *list {
			dst = append(dst, block.Key(keyPhone, n.national))
		}
		return dst
	})
	add("phone", []block.Refiner{last}, l, r)
	return rules
}

// keys appends a key for the company's id, its rarest words, its acronyms and former employers.
func (e *employer) keys(x *lexicon, key func(uint32) uint64, dst []uint64) []uint64 {
	if e.key != 0 {
		dst = append(dst, key(e.key))
	}
	for _, d := range e.domains {
		dst = append(dst, key(d))
	}
	for _, list := range [2][]companyName{e.names, e.past} {
		for i, n := range list {
			for _, word := range x.rare(n) {
				dst = append(dst, key(word))
			}
			dst = append(dst, key(n.joined))
			if i == 0 {
				for _, a := range n.acronyms {
					dst = append(dst, key(a))
				}
			}
		}
	}
	return dst
}
