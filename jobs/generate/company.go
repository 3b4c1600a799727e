package generate

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// company is what is held of each company; the rest is made when asked for.
type company struct {
	brand, form string // Acme Logistics, GmbH
	domain      string
	country     *country
	at          *place
	trade       uint8
	mail        uint8 // how its addresses are made
	parent      int32 // -1 for none
}

var (
	trades = list("Systems,Logistics,Capital,Foods,Laboratories,Health,Energy,Media,Software,Partners,Consulting,Motors,Pharma,Bank," +
		"Insurance,Design,Robotics,Textiles,Steel,Analytics,Travel,Education,Security,Telecommunications,Retail,Holdings,Manufacturing,Industries")
	industries = list("Information Technology & Services,Transportation,Financial Services,Food Production,Research,Hospital & Health Care,Oil & Energy,Media," +
		"Computer Software,Venture Capital,Management Consulting,Automotive,Pharmaceuticals,Banking,Insurance,Design,Industrial Automation,Textiles,Mining & Metals," +
		"Information Services,Leisure & Travel,Education,Security,Telecommunications,Retail,Investment Management,Machinery,Conglomerates")
	starts = words("Al Bel Cor Del Em Fin Gal Hel In Jas Kor Lum Mar Nor Ov Pol Qua Ros Sol Tel Ul Ver Wex Xan Yor Zen Ac Bri Cle Dyn Eco Flo Gen Hy Am Bar Cal Dra El Fal Gri Hal Is Jun Kel Lex Mon Nex Or Pra Ral San Tri Ur Val Wil Zor")
	middle = words("ba bi co da de di fo ga ge go la le li lo ma mi mo na ne ni no pa pe po ra re ri ro sa se si ta te ti to va ve vi zo tra dri")
	ends   = words("a ax en era ex ia ica ico igo ion is ium ix o ora os ova um us yx tis tron via core net wave path line mark point lis nor dex lux mont zen gen tec")
	adjs   = words("Northern Blue Global First Green United Pacific Atlantic Royal Silver Golden Central Eastern Summit Pioneer Liberty Crown Harbor River Stone International General National Advanced Applied American European Western")
)

// coin makes a word: Quafinia.
func coin(r *rand.Rand) string {
	s := one(r, starts) + one(r, middle)
	if chance(r, 0.4) {
		s += one(r, middle)
	}
	return s + one(r, ends)
}

// brand names a company, without its legal form, and says whether the first word alone tells it from others.
func brand(r *rand.Rand, c *country, trade int) (name string, telling bool) {
	what := trades[trade]
	if trade < len(c.trades) && chance(r, 0.6) {
		what = c.trades[trade]
	}
	family := func() string {
		n := c.family.draw(r)
		if c.local > 0.5 {
			return n.local
		}
		return n.roman
	}
	switch x := r.Float64(); {
	case x < 0.12:
		return coin(r), true
	case x < 0.45:
		return coin(r) + " " + what, true
	case x < 0.60: // founders
		return family() + " " + what, false
	case x < 0.68:
		return family() + " & " + family() + " " + what, false
	case x < 0.82: // where it is
		return c.places.draw(r).name.roman + " " + what, false
	case x < 0.93: // three words, known by their initials
		return one(r, adjs) + " " + coin(r) + " " + what, false
	case x < 0.97:
		return one(r, adjs) + " " + what + " " + one(r, trades), false
	default:
		return string([]byte{letter(r), letter(r), letter(r)}) + " " + what, false
	}
}

func letter(r *rand.Rand) byte { return byte('A' + r.IntN(26)) }

// newCompany makes company i. Its domain may be another's as yet.
func (g *generator) newCompany(i int) company {
	r := source(g.Seed, ofBrand, i)
	w := theWorld()
	k := company{country: *w.countries.draw(r), trade: uint8(r.IntN(len(trades))), mail: uint8(r.IntN(len(mailForms))), parent: -1}
	k.at = k.country.places.draw(r)
	var telling bool
	k.brand, telling = brand(r, k.country, int(k.trade))
	k.form = one(r, k.country.forms)
	tld := k.country.tld
	if tld != "com" && chance(r, 0.3) {
		tld = "com"
	}
	name := strings.Fields(k.brand)
	if i > 10 && i < g.Companies && chance(r, 0.04) { // part of a larger one, called after it
		k.parent = int32(r.IntN(i / 2))
		p, first := &g.companies[k.parent], name[:1]
		k.brand, k.trade, telling = p.brand+" "+k.country.label, p.trade, false
		if name = append(strings.Fields(p.brand)[:1:1], k.country.label); p.country == k.country {
			k.brand = p.brand + " " + first[0]
			name[1] = first[0]
		}
	}
	label := host(name[0])
	if !telling || chance(r, 0.6) { // two or three words of the name
		hyphen := ""
		if chance(r, 0.3) {
			hyphen = "-"
		}
		for _, w := range name[1:min(len(name), 3)] {
			if h := host(w); h != "" {
				label += hyphen + h
			}
		}
	}
	if label == "" {
		label = "firm"
	}
	k.domain = label + "." + tld
	return k
}

// host reduces a word to what domains hold.
func host(word string) string {
	b := make([]byte, 0, len(word))
	for i := range len(word) {
		switch c := word[i]; {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b = append(b, c)
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		}
	}
	return string(b)
}

// name is the full name.
func (k *company) name() string { return k.called(k.brand, k.form) }

// called puts a brand and a legal form together.
func (k *company) called(brand, form string) string {
	switch {
	case form == "":
		return brand
	case k.country.formFirst:
		return form + " " + brand
	}
	return brand + " " + form
}

// acronym returns the initials of three words or more, "" otherwise.
func (k *company) acronym() string {
	var b strings.Builder
	parts := strings.Fields(k.brand)
	for _, w := range parts {
		if c := w[0]; c >= 'A' && c <= 'Z' {
			b.WriteByte(c)
		}
	}
	if len(parts) < 3 || b.Len() < 3 {
		return ""
	}
	return b.String()
}

// office is what is known of a company besides its name.
type office struct {
	street, postal string
	phone          phone
	industry       string
	employees      int
	ticker         string
	others         []string // names that it goes by besides
}

// office makes what is known of company i.
func (g *generator) office(i int) office {
	k := &g.companies[i]
	r := source(g.Seed, ofOffice, i)
	o := office{street: k.country.street(r), postal: k.country.postcode(r, k.at), phone: k.country.dial(r, false), industry: industries[k.trade]}
	// The directory knows a part of the people who work there.
	o.employees = max(1, int(math.Round(g.expected(i)*(1.2+2*r.Float64()))))
	if i < g.Companies/10 && chance(r, 0.3) {
		o.ticker = strings.ToUpper((host(k.brand) + "xxx")[:3]) + string(letter(r))
	}
	if a := k.acronym(); a != "" && chance(r, 0.4) {
		o.others = append(o.others, a)
	}
	if first, _, more := strings.Cut(k.brand, " "); more && len(first) > 5 && chance(r, 0.15) {
		o.others = append(o.others, first)
	}
	if chance(r, 0.04) { // what it was called before
		o.others = append(o.others, coin(r)+" "+trades[k.trade])
	}
	return o
}

// expected is how many people of the directory work at company i.
func (g *generator) expected(i int) float64 {
	if i >= g.Companies {
		i = g.Companies - 1 - (i-g.Companies)%g.Companies
	}
	return float64(g.People) * g.sizes.share(i)
}

// found makes all companies, those of the directory and those beyond it, and gives each a domain of its own.
func (g *generator) found(n int) {
	g.companies = make([]company, n)
	taken := make(map[string]struct{}, n)
	for i := range g.companies {
		k := g.newCompany(i)
		label, tld, _ := strings.Cut(k.domain, ".")
		for try := 0; ; try++ {
			if _, ok := taken[k.domain]; !ok {
				break
			}
			switch {
			case try == 0:
				k.domain = label + "-" + host(k.at.name.roman) + "." + tld
			default:
				k.domain = label + strconv.Itoa(i+try) + "." + tld
			}
		}
		taken[k.domain] = struct{}{}
		g.companies[i] = k
	}
}
