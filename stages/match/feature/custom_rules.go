package feature

import (
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/block"
)

// customRules are rules given by roles: rows that agree on every role of a rule are candidates. Names agree by their skeletons,
// companies by a rare word, an acronym or a domain.
func customRules(l, r *columns, w vocabulary, custom [][]schemas.Role) []block.Rule {
	var all ruleList
	for _, roles := range custom {
		side := func(c *columns) block.Keys {
			var parts []block.Keys
			for _, role := range roles {
				k := roleKeys(c, role, w)
				if k == nil {
					return nil
				}
				parts = append(parts, k)
			}
			return product(parts)
		}
		names := make([]string, len(roles))
		for i, role := range roles {
			names[i] = string(role)
		}
		all.add(strings.Join(names, ", "), side(l), side(r))
	}
	return all
}

// product makes a key of every combination of the parts' keys.
func product(parts []block.Keys) block.Keys {
	return func(row int, dst []uint64) []uint64 {
		keys := []uint64{keyCustom}
		for _, p := range parts {
			var next []uint64
			for _, v := range p(row, nil) {
				for _, k := range keys {
					next = append(next, block.Mix(k, v))
				}
			}
			keys = next
		}
		return append(dst, keys...)
	}
}

// roleKeys returns the values of a role as keys; nil when the side has none.
func roleKeys(c *columns, role schemas.Role, w vocabulary) block.Keys {
	one := func(h uint64, dst []uint64) []uint64 {
		if h == 0 {
			return dst
		}
		return append(dst, h)
	}
	given := func(_ *column[givenValue], g *givenValue, dst []uint64) []uint64 { return one(g.key, dst) }
	family := func(_ *column[familyValue], f *familyValue, dst []uint64) []uint64 { return one(f.key, dst) }
	token := func(_ *column[token], v *token, dst []uint64) []uint64 { return append(dst, v.key) }
	place := func(part func(v *location) uint64) block.Keys {
		return keysOf(c.place, func(_ *column[location], v *location, dst []uint64) []uint64 { return one(part(v), dst) })
	}
	arena := func(c *column[list], every, at int) block.Keys {
		return keysOf(c, func(c *column[list], v *list, dst []uint64) []uint64 {
			for i, n := range v.in(c.arena) {
				if i%every == at {
					dst = append(dst, block.Text(w.texts.text(n)))
				}
			}
			return dst
		})
	}
	switch role {
	case schemas.GivenName:
		return keysOf(c.given, given)
	case schemas.Surname:
		return keysOf(c.family, family)
	case schemas.FullName:
		g, f := keysOf(c.given, given), keysOf(c.family, family)
		if g == nil || f == nil {
			return nil
		}
		return product([]block.Keys{g, f})
	case schemas.Company:
		return keysOf(c.employer, func(c *column[employer], e *employer, dst []uint64) []uint64 {
			hashes(c.arena, e.keys, func(h uint64) { dst = append(dst, h) })
			return dst
		})
	case schemas.City:
		return place(func(v *location) uint64 { return v.cityKey })
	case schemas.State:
		return place(func(v *location) uint64 { return v.regionKey })
	case schemas.Country:
		return place(func(v *location) uint64 {
			if v.country == 0 {
				return 0
			}
			return block.Text(w.texts.text(v.country))
		})
	case schemas.PostalCode:
		return keysOf(c.postal, token)
	case schemas.Code:
		return keysOf(c.code, token)
	case schemas.Ticker:
		return keysOf(c.ticker, token)
	case schemas.Street:
		return keysOf(c.street, func(_ *column[address], a *address, dst []uint64) []uint64 { return one(a.key, dst) })
	case schemas.Email:
		return arena(c.email, 3, 0)
	case schemas.Phone:
		return arena(c.phone, lineWords, 1)
	case schemas.Website:
		return arena(c.site, 2, 0)
	case schemas.Day:
		return keysOf(c.date, func(_ *column[day], d *day, dst []uint64) []uint64 {
			return append(dst, block.Text(w.texts.text(d.digits)))
		})
	case schemas.Text:
		return keysOf(c.text, func(c *column[text], v *text, dst []uint64) []uint64 {
			return append(dst, block.Text(w.texts.text(v.words.in(c.arena)[0])))
		})
	}
	return nil
}
