package feature

import "github.com/crmsync/crmsync/stages/match/block"

func companyRules(l, r *columns, w vocabulary) []block.Rule {
	city := refiner("city", l.place, r.place, func(v *location) uint64 { return v.cityKey })
	region := refiner("region", l.place, r.place, func(v *location) uint64 { return v.regionKey })
	second := refiner("second word", l.employer, r.employer, func(v *employer) uint64 { return v.second })

	var all ruleList
	// names makes keys of a kind from each name of a company.
	names := func(c *columns, key func(c *column[employer], e *employer, n companyName, add func(id word))) block.Keys {
		return keysOf(c.employer, func(c *column[employer], e *employer, dst []uint64) []uint64 {
			namesAt(c.arena, e.names, func(n companyName) {
				key(c, e, n, func(id word) { dst = append(dst, block.Key(keyCompanyName, block.Text(w.companies.text(id)))) })
			})
			return dst
		})
	}
	whole := func(_ *column[employer], _ *employer, n companyName, add func(id word)) { add(n.joined) }
	all.add("name", names(l, whole), names(r, whole), region, city)
	rare := func(c *columns) block.Keys {
		return keysOf(c.employer, func(c *column[employer], e *employer, dst []uint64) []uint64 {
			hashes(c.arena, e.keys, func(h uint64) { dst = append(dst, block.Key(keyCompanyWord, h)) })
			return dst
		})
	}
	all.add("rare word", rare(l), rare(r), region, city, second)
	acronym := func(_ *column[employer], _ *employer, n companyName, add func(id word)) {
		for _, a := range n.acronyms {
			add(a)
		}
		if len(w.companies.text(n.joined)) < 8 {
			add(n.joined)
		}
	}
	all.add("acronym", names(l, acronym), names(r, acronym), region, city)
	beginning := func(c *columns) block.Keys {
		return keysOfTwo(c.employer, c.place, func(e *employer, p *location, dst []uint64) []uint64 {
			if p.region == 0 {
				return dst
			}
			namesAt(c.employer.arena, e.names, func(n companyName) {
				if t := w.companies.text(n.joined); len(t) > 3 {
					dst = append(dst, block.Key(keyPrefix, p.regionKey, block.Text(t[:4])))
				}
			})
			return dst
		})
	}
	all.add("beginning of the name, region", beginning(l), beginning(r), city)
	sites := func(c *columns) block.Keys {
		return keysOf(c.site, func(c *column[list], sites *list, dst []uint64) []uint64 {
			s := sites.in(c.arena)
			for i := 0; i < len(s); i += 2 {
				dst = append(dst, block.Key(keyDomain, block.Text(w.texts.text(s[i]))), block.Key(keyLabel, block.Text(w.texts.text(s[i+1]))))
			}
			return dst
		})
	}
	all.add("website", sites(l), sites(r), region, city)
	all.add("phone", phoneKeys(l, w), phoneKeys(r, w))
	tickers := func(c *columns) block.Keys {
		return keysOf(c.ticker, func(_ *column[token], t *token, dst []uint64) []uint64 {
			return append(dst, block.Key(keyTicker, t.key))
		})
	}
	all.add("ticker", tickers(l), tickers(r), region)
	streets := func(c *columns) block.Keys {
		return keysOfTwo(c.street, c.place, func(a *address, p *location, dst []uint64) []uint64 {
			if a.key == 0 || p.city == 0 {
				return dst
			}
			return append(dst, block.Key(keyStreet, p.cityKey, a.key))
		})
	}
	all.add("street and city", streets(l), streets(r))
	all.add("code", codeKeys(l), codeKeys(r))
	return all
}
