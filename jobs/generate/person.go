package generate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/fold"
)

// Streams of random numbers, one for each kind of thing.
const (
	streamCompany = iota + 1
	streamPerson
	streamContact
	streamLead
	streamAccount
)

// source returns the random numbers of thing i of a kind.
func source(seed uint64, stream, i int) *rand.Rand {
	return rand.New(rand.NewPCG(seed^uint64(stream)<<56, uint64(i)*0x9E3779B97F4A7C15+uint64(stream)))
}

// company is a company of the directory.
type company struct {
	id               string
	name, base, form string
	aliases          []string
	domain           string
	country          *country
	at               place
	street, postal   string
	phone            string
	industry         string
	employees        int
	ticker           string
}

var (
	trades = []string{
		"Systems", "Logistics", "Capital", "Foods", "Laboratories", "Health", "Energy", "Media", "Software", "Partners", "Consulting", "Motors", "Pharma", "Bank",
		"Insurance", "Design", "Robotics", "Textiles", "Steel", "Analytics", "Travel", "Education", "Security", "Telecom", "Retail", "Holdings", "Group", "Industries",
	}
	industries = []string{
		"Information Technology", "Transportation", "Financial Services", "Food Production", "Research", "Hospital & Health Care", "Oil & Energy", "Media", "Computer Software",
		"Venture Capital", "Management Consulting", "Automotive", "Pharmaceuticals", "Banking", "Insurance", "Design", "Industrial Automation", "Textiles", "Mining & Metals",
		"Information Services", "Leisure & Travel", "Education", "Security", "Telecommunications", "Retail", "Investment Management", "Conglomerates", "Machinery",
	}
	starts = strings.Fields("Al Bel Cor Del Em Fin Gal Hel In Jas Kor Lum Mar Nor Ov Pol Qua Ros Sol Tel Ul Ver Wex Xan Yor Zen Ac Bri Cle Dyn Eco Flo Gen Hy")
	ends   = strings.Fields("a ax en era ex ia ica ico igo ion is ium ix o ora os ova um us yx tis tron via core net wave path line mark point")
	adjs   = strings.Fields("Northern Blue Global First Green United Pacific Atlantic Royal Silver Golden Central Eastern Summit Pioneer Liberty Crown Harbor River Stone")
)

// newCompany makes company i of the world; i counts by size, the largest first.
func (g *generator) newCompany(i int) company {
	r := source(g.seed, streamCompany, i)
	c := theWorld().countries.draw(r)
	trade := r.IntN(len(trades))
	var base string
	switch x := r.Float64(); {
	case x < 0.45: // coined
		base = starts[r.IntN(len(starts))] + strings.ToLower(starts[r.IntN(len(starts))]) + ends[r.IntN(len(ends))] + " " + trades[trade]
	case x < 0.65: // founders
		base = c.surname(r).roman
		if r.Float64() < 0.4 {
			base += " & " + c.surname(r).roman
		}
		base += " " + trades[trade]
	case x < 0.85: // descriptive
		base = adjs[r.IntN(len(adjs))] + " " + c.places.draw(r).name + " " + trades[trade]
	default: // three words, known by initials
		base = adjs[r.IntN(len(adjs))] + " " + strings.TrimSpace(starts[r.IntN(len(starts))]+ends[r.IntN(len(ends))]) + " " + trades[trade] + " " + trades[r.IntN(len(trades))]
	}
	form := c.forms[r.IntN(len(c.forms))]
	k := company{id: fmt.Sprintf("c%d", i), base: base, form: form, name: strings.TrimSpace(base + " " + form), country: c, industry: industries[trade]}
	words := strings.Fields(fold.Text(base))
	if len(words) > 2 && r.Float64() < 0.4 {
		k.aliases = append(k.aliases, initials(words))
	}
	label := strings.Join(words[:min(len(words), 2)], "")
	k.domain = label + "." + c.tld
	if r.Float64() < 0.2 {
		k.domain = words[0] + fmt.Sprint(i%97) + ".com"
	}
	k.at = c.places.draw(r)
	k.street, k.postal, k.phone = c.address(r), fill(r, c.postal), dial(r, c)
	k.employees = max(3, int(float64(g.people)*2/math.Pow(float64(i+20), 0.8)*(0.5+r.Float64())))
	if r.Float64() < 0.08 {
		k.ticker = strings.ToUpper(words[0][:min(len(words[0]), 3+r.IntN(2))])
	}
	return k
}

func initials(words []string) string {
	s := ""
	for _, w := range words {
		s += strings.ToUpper(w[:1])
	}
	return s
}

func (c *country) address(r *rand.Rand) string {
	return fmt.Sprintf(c.street, 1+r.IntN(180), c.surname(r).roman)
}

// surname draws a surname: a popular one, or one of the many that few bear.
func (c *country) surname(r *rand.Rand) name {
	if len(c.stems) > 0 && r.Float64() < 0.55 {
		s := c.stems[r.IntN(len(c.stems))]
		if r.Float64() < 0.6 {
			s += strings.ToLower(string([]rune(c.stems[r.IntN(len(c.stems))])[:2]))
		}
		s += c.tails[r.IntN(len(c.tails))]
		return name{s, s}
	}
	return c.family.draw(r)
}

// given draws a given name; a part of them is international.
func (c *country) givenName(r *rand.Rand) name {
	sex := r.IntN(2)
	if c.code != "US" && r.Float64() < 0.25 {
		return theWorld().by["US"].given[sex].draw(r)
	}
	return c.given[sex].draw(r)
}

// person is somebody of the world, in the directory or not.
type person struct {
	id             string
	given, family  name
	local          bool // the directory has the name in its own script
	country        *country
	company        int
	past           []int
	title          string
	at             place
	postal, street string
	email, phone   string
	private        string // address at a free provider
}

var ranks = []struct {
	title string
	often float64
}{
	{"Chief Executive Officer", 2}, {"CEO & Founder", 1}, {"Chief Financial Officer", 1}, {"CTO", 1}, {"Vice President of Sales", 3}, {"VP Marketing", 2}, {"Director of Operations", 4},
	{"Head of Human Resources", 3}, {"Sales Manager", 8}, {"Marketing Manager", 6}, {"Account Executive", 9}, {"Software Engineer", 10}, {"Senior Software Engineer", 7},
	{"Product Manager", 6}, {"Accountant", 6}, {"Business Analyst", 7}, {"Project Manager", 7}, {"Consultant", 8}, {"Purchasing Manager", 4}, {"Office Manager", 3}, {"IT Administrator", 4},
}

// zipf draws a company by size.
func (g *generator) zipf(r *rand.Rand) int { return g.sizes.draw(r) }

// person makes person i. Those below the number of the directory's people are in it.
func (g *generator) person(i int) person {
	r := source(g.seed, streamPerson, i)
	p := person{id: fmt.Sprintf("m%d", i), company: g.zipf(r)}
	employer := &g.companies[p.company]
	p.country = employer.country
	if r.Float64() < 0.12 {
		p.country = theWorld().countries.draw(r)
	}
	p.given, p.family = p.country.givenName(r), p.country.surname(r)
	if r.Float64() < 0.05 && p.country.code != "JP" { // double-barrelled, or two surnames
		more := p.country.surname(r)
		p.family = name{p.family.local + "-" + more.local, p.family.roman + "-" + more.roman}
	}
	p.local = r.Float64() < 0.4
	for range r.IntN(4) {
		p.past = append(p.past, g.zipf(r))
	}
	p.title = g.titles.draw(r)
	p.at = employer.at
	if p.country != employer.country || r.Float64() < 0.45 {
		p.at = p.country.places.draw(r)
	}
	p.postal, p.street = fill(r, p.country.postal), p.country.address(r)
	p.phone = dial(r, p.country)
	given, family := strings.ReplaceAll(fold.Text(p.given.roman), " ", ""), strings.ReplaceAll(fold.Text(p.family.roman), " ", "")
	switch x := r.Float64(); {
	case x < 0.6:
		p.email = given + "." + family
	case x < 0.85:
		p.email = given[:1] + family
	default:
		p.email = given
	}
	p.email += "@" + employer.domain
	p.private = fmt.Sprintf("%s%s%d@%s", given, family[:1], r.IntN(100), []string{"gmail.com", "outlook.com", "yahoo.com", "icloud.com"}[r.IntN(4)])
	return p
}

// names returns the name as the directory has it.
func (p *person) names() (given, family string) {
	if p.local {
		return p.given.local, p.family.local
	}
	return p.given.roman, p.family.roman
}

// former returns the names of former employers.
func (g *generator) former(p *person) string {
	list := make([]string, len(p.past))
	for i, c := range p.past {
		list[i] = g.companies[c].name
	}
	return strings.Join(list, schemas.ListSeparator)
}
