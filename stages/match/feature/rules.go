package feature

import (
	"math/bits"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/block"
)

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
	keyDate
	keyCode
	keyDoor
	keyArea
	keyStreetName
	keyCustom
)

// rules are the blocking rules of an entity for two sides. The right side's keys depend on the right side alone.
func rules(entity string, l, r *columns, w vocabulary, custom [][]schemas.Role) []block.Rule {
	switch {
	case len(custom) > 0:
		return customRules(l, r, w, custom)
	case entity == Company:
		return companyRules(l, r, w)
	}
	return personRules(l, r, w)
}

// keysOf makes the keys of a side from a derived column; nil when the side has none.
func keysOf[V any](c *column[V], fn func(c *column[V], v *V, dst []uint64) []uint64) block.Keys {
	if c.codes == nil {
		return nil
	}
	return func(row int, dst []uint64) []uint64 {
		if c.codes[row] == 0 {
			return dst
		}
		return fn(c, &c.values[c.codes[row]], dst)
	}
}

// keysOfTwo makes the keys of a side from two derived columns, both present.
func keysOfTwo[A, B any](a *column[A], b *column[B], fn func(x *A, y *B, dst []uint64) []uint64) block.Keys {
	if a.codes == nil || b.codes == nil {
		return nil
	}
	return func(row int, dst []uint64) []uint64 {
		if a.codes[row] == 0 || b.codes[row] == 0 {
			return dst
		}
		return fn(&a.values[a.codes[row]], &b.values[b.codes[row]], dst)
	}
}

// refiner splits blocks by one value of a derived column.
func refiner[V any](name string, l, r *column[V], value func(v *V) uint64) block.Refiner {
	side := func(c *column[V]) func(int) uint64 {
		return func(row int) uint64 {
			if c.codes == nil || c.codes[row] == 0 {
				return 0
			}
			return value(&c.values[c.codes[row]])
		}
	}
	return block.Refiner{Name: name, Left: side(l), Right: side(r)}
}

// ruleList collects the rules for which both sides have values.
type ruleList []block.Rule

func (all *ruleList) add(name string, left, right block.Keys, refine ...block.Refiner) {
	if left != nil && right != nil {
		*all = append(*all, block.Rule{Name: name, Left: left, Right: right, Refine: refine})
	}
}

// crowdedNames is the size from which people of one surname and initial are told apart by more. They are most candidates and few
// of the matches that no other rule finds.
const crowdedNames = 40

func personRules(l, r *columns, w vocabulary) []block.Rule {
	city := refiner("city", l.place, r.place, func(v *location) uint64 { return v.cityKey })
	region := refiner("region", l.place, r.place, func(v *location) uint64 { return v.regionKey })
	first := refiner("given name", l.given, r.given, func(v *givenValue) uint64 { return v.key })
	last := refiner("surname", l.family, r.family, func(v *familyValue) uint64 { return v.key })
	employed := refiner("company", l.employer, r.employer, func(v *employer) uint64 { return v.rare })

	var all ruleList
	initials := func(c *columns) block.Keys {
		return keysOfTwo(c.given, c.family, func(g *givenValue, f *familyValue, dst []uint64) []uint64 {
			for rest := g.letters; rest != 0; rest &= rest - 1 {
				letter := uint64(bits.TrailingZeros32(rest))
				dst = append(dst, block.Key(keySurnameInitial, f.key, letter))
				hashes(c.family.arena, f.parts, func(h uint64) { dst = append(dst, block.Key(keySurnameInitial, h, letter)) })
			}
			return dst
		})
	}
	all.add("surname and initial", initials(l), initials(r), first, region, city)
	if len(all) > 0 {
		all[0].Limit = crowdedNames
	}
	both := func(c *columns) block.Keys {
		return keysOfTwo(c.given, c.family, func(g *givenValue, f *familyValue, dst []uint64) []uint64 {
			if g.lead == 0 {
				return dst
			}
			return append(dst, block.Key(keyNames, min(g.key, f.key), max(g.key, f.key)))
		})
	}
	all.add("both names, in any order", both(l), both(r), city, employed)
	surnameCompany := func(c *columns) block.Keys {
		return keysOfTwo(c.family, c.employer, func(f *familyValue, e *employer, dst []uint64) []uint64 {
			hashes(c.employer.arena, e.keys, func(h uint64) { dst = append(dst, block.Key(keySurnameCompany, f.key, h)) })
			return dst
		})
	}
	all.add("surname and company", surnameCompany(l), surnameCompany(r), first)
	givenCompany := func(c *columns) block.Keys {
		return keysOfTwo(c.given, c.employer, func(g *givenValue, e *employer, dst []uint64) []uint64 {
			if g.lead != 0 {
				hashes(c.employer.arena, e.keys, func(h uint64) { dst = append(dst, block.Key(keyGivenCompany, g.key, h)) })
			}
			return dst
		})
	}
	all.add("given name and company", givenCompany(l), givenCompany(r), last, city)
	surnameCity := func(c *columns) block.Keys {
		return keysOfTwo(c.family, c.place, func(f *familyValue, p *location, dst []uint64) []uint64 {
			if p.city == 0 {
				return dst
			}
			return append(dst, block.Key(keySurnameCity, f.key, p.cityKey))
		})
	}
	all.add("surname and city", surnameCity(l), surnameCity(r), first)
	sounds := func(c *columns) block.Keys {
		return keysOfTwo(c.given, c.family, func(g *givenValue, f *familyValue, dst []uint64) []uint64 {
			if g.lead == 0 {
				return dst
			}
			return append(dst, block.Key(keySounds, g.key, f.sound))
		})
	}
	all.add("given name and sound of the surname", sounds(l), sounds(r), city, employed)
	givenCity := func(c *columns) block.Keys {
		return keysOfTwo(c.given, c.place, func(g *givenValue, p *location, dst []uint64) []uint64 {
			if g.lead == 0 || p.city == 0 {
				return dst
			}
			return append(dst, block.Key(keyGivenCity, g.key, p.cityKey))
		})
	}
	all.add("given name and city", givenCity(l), givenCity(r), employed, last)
	surnamePostal := func(c *columns) block.Keys {
		return keysOfTwo(c.family, c.postal, func(f *familyValue, p *token, dst []uint64) []uint64 {
			return append(dst, block.Key(keySurnamePostal, f.key, p.key))
		})
	}
	all.add("surname and postal code", surnamePostal(l), surnamePostal(r), first)
	givenPostal := func(c *columns) block.Keys {
		return keysOfTwo(c.given, c.postal, func(g *givenValue, p *token, dst []uint64) []uint64 {
			return append(dst, block.Key(keyGivenPostal, g.key, p.key))
		})
	}
	all.add("given name and postal code", givenPostal(l), givenPostal(r), last)
	doors := func(c *columns) block.Keys {
		return keysOfTwo(c.street, c.postal, func(a *address, p *token, dst []uint64) []uint64 {
			if a.number == 0 {
				return dst
			}
			return append(dst, block.Key(keyDoor, block.Text(w.texts.text(a.number)), p.key))
		})
	}
	all.add("house number and postal code", doors(l), doors(r), last, first)
	area := func(c *columns) block.Keys {
		return keysOfTwo(c.place, c.postal, func(a *location, p *token, dst []uint64) []uint64 {
			if a.city == 0 {
				return dst
			}
			return append(dst, block.Key(keyArea, a.cityKey, p.key))
		})
	}
	all.add("city and postal code", area(l), area(r), last, first)
	streets := func(c *columns) block.Keys {
		return keysOf(c.street, func(_ *column[address], a *address, dst []uint64) []uint64 {
			if a.key == 0 {
				return dst
			}
			return append(dst, block.Key(keyStreet, a.key))
		})
	}
	all.add("street", streets(l), streets(r), last, first)
	streetNames := func(c *columns) block.Keys {
		return keysOfTwo(c.street, c.place, func(a *address, p *location, dst []uint64) []uint64 {
			return append(dst, block.Key(keyStreetName, a.name, p.regionKey))
		})
	}
	all.add("street and region", streetNames(l), streetNames(r), last, first)
	mail := func(c *columns) block.Keys {
		return keysOf(c.email, func(c *column[list], boxes *list, dst []uint64) []uint64 {
			b := boxes.in(c.arena)
			for i := 0; i < len(b); i += 3 {
				local := block.Text(w.texts.text(b[i]))
				dst = append(dst, block.Key(keyEmail, local, block.Text(w.texts.text(b[i+1]))))
				if b[i+2]&boxTelling != 0 {
					dst = append(dst, block.Key(keyLocal, local))
				}
			}
			return dst
		})
	}
	all.add("e-mail", mail(l), mail(r), last)
	all.add("phone", phoneKeys(l, w), phoneKeys(r, w), last)
	dates := func(c *columns) block.Keys {
		return keysOf(c.date, func(_ *column[day], d *day, dst []uint64) []uint64 {
			return append(dst, block.Key(keyDate, block.Text(w.texts.text(d.digits))))
		})
	}
	all.add("date", dates(l), dates(r), last, first)
	all.add("code", codeKeys(l), codeKeys(r), last)
	return all
}

func phoneKeys(c *columns, w vocabulary) block.Keys {
	return keysOf(c.phone, func(c *column[list], lines *list, dst []uint64) []uint64 {
		n := lines.in(c.arena)
		for i := 0; i < len(n); i += lineWords {
			dst = append(dst, block.Key(keyPhone, block.Text(w.texts.text(n[i+1]))))
		}
		return dst
	})
}

func codeKeys(c *columns) block.Keys {
	return keysOf(c.code, func(_ *column[token], v *token, dst []uint64) []uint64 { return append(dst, block.Key(keyCode, v.key)) })
}
