package generate

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// person is somebody of the world, in the directory or not.
type person struct {
	index         int
	sex           int
	given, family name
	local         bool // the profile has the name as its people write it
	country       *country
	career
	title          string
	at             *place
	postal         string
	direct, mobile phone
	private        string // address at a free provider
	odd            bool   // the address is not made as those of colleagues
}

// career is where somebody works, and worked before.
type career struct {
	employer int
	past     []int32
}

// career draws the career of the person whose random numbers these are.
func (g *generator) career(r *rand.Rand) career {
	c := career{employer: g.sizes.draw(r)}
	if n := r.IntN(4); n > 0 {
		c.past = make([]int32, n)
		for i := range c.past {
			c.past[i] = int32(g.sizes.draw(r))
		}
	}
	return c
}

// person makes person i. Those below the number of the directory's people are in it. employer is where those beyond it work, -1 for
// anywhere.
func (g *generator) person(i, employer int) person {
	r := source(g.Seed, ofPerson, i)
	p := person{index: i, career: g.career(r)}
	if employer >= 0 {
		p.employer = employer
	}
	k := &g.companies[p.employer]
	w := theWorld()
	p.country = k.country
	if chance(r, 0.1) { // works for a company of another country
		p.country = *w.countries.draw(r)
	}
	from := p.country
	if chance(r, from.foreign) {
		from = *w.countries.draw(r)
	}
	p.sex = r.IntN(2)
	p.given, p.family = *from.given[p.sex].draw(r), from.surname(r, p.sex)
	p.local = chance(r, from.local) && (from == p.country || from.local > 0.5)
	if hyphen := from.code == "ES" || from.code == "MX"; hyphen && chance(r, 0.5) { // two surnames
		more := from.surname(r, p.sex)
		p.family = name{p.family.local + " " + more.local, p.family.roman + " " + more.roman}
	} else if p.sex == women && chance(r, 0.03) && from.local > 0.5 {
		more := from.surname(r, p.sex)
		p.family = name{p.family.local + "-" + more.local, p.family.roman + "-" + more.roman}
	}
	p.title = p.country.job(r)
	p.at = k.at
	if p.country != k.country || chance(r, 0.45) {
		p.at = p.country.places.draw(r)
	}
	p.postal = p.country.postcode(r, p.at)
	p.direct, p.mobile = p.country.dial(r, false), p.country.dial(r, true)
	p.odd = chance(r, 0.08)
	given, family := host(p.given.roman), host(p.family.roman)
	switch r.IntN(3) {
	case 0:
		p.private = given + "." + family
	case 1:
		p.private = given + initial(family)
	default:
		p.private = initial(given) + family
	}
	if chance(r, 0.6) {
		p.private += strconv.Itoa(r.IntN(100))
	}
	p.private += "@" + one(r, free)
	return p
}

// surname draws a surname: a popular one, or one of the many that few bear.
func (c *country) surname(r *rand.Rand, sex int) name {
	if c.coined > 0 && chance(r, c.coined) {
		s := one(r, c.stems)
		if chance(r, 0.4) {
			s += strings.ToLower(one(r, c.stems))
		}
		s += one(r, c.tails)
		return c.gendered(name{s, c.ascii(s)}, sex)
	}
	return c.gendered(*c.family.draw(r), sex)
}

// gendered gives a woman's surname its ending.
func (c *country) gendered(n name, sex int) name {
	if sex != women {
		return n
	}
	for i := 0; i+3 < len(c.feminine); i += 4 {
		if local, ok := strings.CutSuffix(n.local, c.feminine[i]); ok {
			return name{local + c.feminine[i+1], strings.TrimSuffix(n.roman, c.feminine[i+2]) + c.feminine[i+3]}
		}
	}
	return n
}

// marks are the letters of coined surnames that are not ASCII.
var marks = strings.NewReplacer("ö", "o", "Ö", "O", "ü", "u", "Ü", "U", "ş", "s", "ğ", "g", "ı", "i", "ą", "a", "ó", "o", "ń", "n", "ä", "a", "å", "a", "ß", "ss", "É", "E", "é", "e")

// twofold are those that some countries write as two.
var twofold = strings.NewReplacer("ö", "oe", "ü", "ue", "ä", "ae", "Ö", "Oe", "Ü", "Ue", "Ä", "Ae", "ß", "ss", "ø", "oe", "Ø", "Oe", "æ", "ae", "å", "aa")

// ascii writes a coined surname in ASCII.
func (c *country) ascii(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			if c.code == "DE" || c.code == "DK" {
				return twofold.Replace(s)
			}
			return marks.Replace(s)
		}
	}
	return s
}

// initial is the first letter of a word, "" of none.
func initial(word string) string { return word[:min(len(word), 1)] }

// mailForms are how companies make addresses of given name and surname, the commonest more than once.
var mailForms = []func(given, family string) string{
	dotted, dotted, dotted, dotted, joined, shortened, shortened, shortened, alone, alone,
	func(given, family string) string { return family + "." + given },
	func(given, family string) string { return given + "_" + family },
	func(given, family string) string { return family + initial(given) },
}

func dotted(given, family string) string    { return given + "." + family }
func joined(given, family string) string    { return given + family }
func shortened(given, family string) string { return initial(given) + family }
func alone(given, _ string) string          { return given }

// mailAt is the person's address at a company.
func (p *person) mailAt(k *company) string {
	form := int(k.mail)
	if p.odd {
		form = (form + p.index) % len(mailForms)
	}
	return mailForms[form](host(p.given.roman), host(p.family.roman)) + "@" + k.domain
}

// names returns the name as the profile has it.
func (p *person) names() (given, family string) {
	if p.local {
		return p.given.local, p.family.local
	}
	return p.given.roman, p.family.roman
}
