package feature

// How the employers of two people relate, best first. A person's company is known by name, by the account's own link, by the
// domain of web site and e-mail, and by former positions; these hang together, so they are one comparison.
const (
	employerLinked = 1 + iota
	employerExact
	employerAlias
	employerAcronym
	employerContained
	employerSimilar
	employerDomain
	employerFormer
	employerShares
	employerDiffers
)

var employerLevels = []Level{
	{Name: missing},
	{"linked", 0.55, 0.0004, true, true},
	{"exact", 0.60, 0.0006, true, true},
	{"alias", 0.02, 0.0003, true, true},
	{"acronym", 0.02, 0.0004, true, false},
	{"contained", 0.10, 0.0006, true, true},
	{"similar", 0.03, 0.0004, true, false},
	{"domain", 0.02, 0.0004, true, false},
	{"former", 0.05, 0.002, false, false},
	{"shares", 0.02, 0.002, false, false}, // other companies of a group, a town, a family
	{Differs, 0.12, 0.995, false, false},
}

// employerKernel compares what two rows say of a company.
type employerKernel struct{ *companies }

func (k employerKernel) levels(a uint32, bs []uint32, out []uint8, m *memo) {
	x := &k.left.values[a]
	slow := k.compare
	for _, b := range bs {
		v := &k.right.values[b]
		m.touched += uint32(v.sets)
	}
	m.later = m.later[:0]
	for i, b := range bs {
		y := &k.right.values[b]
		switch {
		case b == 0:
			out[i] = 0
		case x.joined == y.joined && x.joined != 0 && (x.key == 0 || y.key == 0):
			out[i] = employerExact
		case k.apart(x, y):
			out[i] = employerDiffers
		default:
			m.touched += y.brief.words[0]
			m.later = append(m.later, int32(i))
		}
	}
	if len(m.later) == 0 {
		return
	}
	if x.simple == 0 {
		for _, i := range m.later {
			out[i] = m.get(a, bs[i], slow)
		}
		return
	}
	var name, other companyName // the left one is read once
	x.simpleName(&name, k.left.arena)
	for _, i := range m.later {
		b := bs[i]
		out[i] = m.get(a, b, func(_, b uint32) uint8 {
			y := &k.right.values[b]
			if y.simple == 0 {
				return k.compare(a, b)
			}
			y.simpleName(&other, k.right.arena)
			return k.simple(x, y, k.relate(&name, &other))
		})
	}
}

// simple gives the level of two employers of which little more is known than one name each, which relate in some way.
func (k employerKernel) simple(a, b *employer, name uint8) uint8 {
	if a.key != 0 && a.key == b.key {
		return employerLinked
	}
	level := nameToEmployer(name)
	if level > employerDomain && a.domains.n > 0 && meet(a.domains.in(k.left.arena), b.domains.in(k.right.arena)) {
		return employerDomain
	}
	return level
}

// compare gives the level of two employers. Domains alone (of an e-mail address, say) never differ: people write from many domains.
func (k employerKernel) compare(l, r uint32) uint8 {
	a, b := &k.left.values[l], &k.right.values[r]
	if name, ok := k.only(a, b); ok {
		return k.simple(a, b, name)
	}
	name, _, _ := k.best(a.names, b.names)
	level := k.simple(a, b, name)
	if level > employerFormer {
		if former, _, _ := k.best(a.names, b.past); former <= nameContained {
			return employerFormer
		}
		if a.names.n == 0 || b.names.n == 0 {
			return 0
		}
	}
	return level
}

func nameToEmployer(n uint8) uint8 {
	switch {
	case n <= nameSimilar:
		return n + employerExact - nameExact
	case n == nameShares:
		return employerShares
	}
	return employerDiffers
}

func employerToName(e uint8) uint8 {
	switch {
	case e >= employerExact && e <= employerSimilar:
		return e - employerExact + nameExact
	case e == employerShares:
		return nameShares
	}
	return nameDiffers
}

func employerComparison(k *companies, of Usual) *Comparison {
	u := k.usuals(of)
	return &Comparison{
		Name: "company", Levels: employerLevels, Ordered: true, left: k.left.codes, kernel: employerKernel{k},
		group: func(side int, code uint32) uint32 {
			return [2]*column[employer]{k.left, k.right}[side].values[code].joined
		},
		surprise: func(a, b uint32, level uint8, _ word) float64 {
			x, y := &k.left.values[a], &k.right.values[b]
			if level == employerLinked && y.joined != 0 {
				return k.x.names.surprise(y.joined, *u.name)
			}
			return k.surprise(x, y, employerToName(level), u)
		},
	}
}
