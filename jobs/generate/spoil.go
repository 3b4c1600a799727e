package generate

import (
	"math/rand/v2"
	"strings"

	"github.com/crmsync/crmsync/stages/match/fold"
)

// neighbours are the keys beside each letter.
var neighbours = map[rune]string{
	'a': "sqz", 'b': "vgn", 'c': "xdv", 'd': "sfe", 'e': "wrd", 'f': "dgr", 'g': "fht", 'h': "gjy", 'i': "uok", 'j': "hku", 'k': "jli", 'l': "ko", 'm': "nj", 'n': "bm",
	'o': "ipl", 'p': "ol", 'q': "wa", 'r': "etf", 's': "adw", 't': "ryg", 'u': "yij", 'v': "cb", 'w': "qes", 'x': "zc", 'y': "tu", 'z': "xa",
}

// sounds are spellings that sound alike.
var sounds = [][2]string{{"ph", "f"}, {"ck", "k"}, {"ie", "y"}, {"ei", "ie"}, {"c", "k"}, {"th", "t"}, {"ll", "l"}, {"nn", "n"}, {"z", "s"}, {"w", "v"}, {"ai", "ay"}, {"ou", "u"}}

// typo makes one error in a text, by the keyboard or by ear.
func typo(r *rand.Rand, s string) string {
	list := []rune(s)
	if len(list) < 3 {
		return s
	}
	if r.Float64() < 0.3 {
		first, rest := string(list[:1]), string(list[1:])
		for _, k := range r.Perm(len(sounds)) {
			if from := sounds[k]; strings.Contains(rest, from[0]) {
				return first + strings.Replace(rest, from[0], from[1], 1)
			}
		}
	}
	i := 1 + r.IntN(len(list)-2)
	near := neighbours[list[i]]
	if near == "" {
		near = "aeio"
	}
	other := rune(near[r.IntN(len(near))])
	switch x := r.Float64(); {
	case x < 0.3:
		list = append(list[:i], list[i+1:]...)
	case x < 0.55:
		list[i], list[i+1] = list[i+1], list[i]
	case x < 0.8:
		list[i] = other
	default:
		list = append(list[:i], append([]rune{other}, list[i:]...)...)
	}
	return string(list)
}

// nicknames are what people with a formal name are called.
var nicknames = func() map[string][]string {
	m := map[string][]string{}
	for _, line := range strings.Split(`robert bob rob bobby|william bill will billy|richard rick dick rich|james jim jimmy|john jack johnny|michael mike mick|
thomas tom tommy|charles charlie chuck|joseph joe joey|david dave|daniel dan danny|matthew matt|anthony tony|donald don|steven steve|andrew andy drew|kenneth ken|
joshua josh|edward ed ted eddie|ronald ron|timothy tim|jeffrey jeff|gregory greg|benjamin ben|samuel sam|patrick pat|alexander alex|nicholas nick|jonathan jon|
stephen steve|christopher chris|lawrence larry|raymond ray|gerald jerry|walter walt|peter pete|henry hank|douglas doug|zachary zach|nathan nate|frederick fred|
margaret maggie meg peggy|elizabeth liz beth betty|patricia pat patty|jennifer jen jenny|susan sue|jessica jess|katherine kate kathy|rebecca becky|deborah debbie|
barbara barb|dorothy dot|sandra sandy|christine chris tina|victoria vicky|samantha sam|pamela pam|catherine cathy kate|theresa terry|judith judy|jacqueline jackie|
francisco paco|jose pepe|ignacio nacho|johannes hans|giuseppe beppe|alexandra sasha|mikhail misha|dmitry dima|ekaterina katya`, "|") {
		words := strings.Fields(line)
		m[words[0]] = words[1:]
	}
	return m
}()

// nickname returns what somebody is called, the name itself when there is nothing.
func nickname(r *rand.Rand, given string) string {
	list := nicknames[fold.Text(given)]
	if len(list) == 0 {
		return given
	}
	n := list[r.IntN(len(list))]
	return strings.ToUpper(n[:1]) + n[1:]
}

// romanised spells a name in other letters.
func romanised(n name, local bool) string {
	if !local {
		return n.local
	}
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "ø", "o", "æ", "ae", "å", "aa", "Ö", "Oe", "Ü", "Ue", "Ä", "Ae").Replace(n.roman)
}

var shortened = strings.NewReplacer("International", "Intl", "Systems", "Sys", "Laboratories", "Labs", "Group", "Grp", "Industries", "Ind.", "Holdings", "Hldgs", "Telecom", "Tel")

// writeCompany returns a company's name as somebody types it into a CRM.
func (e *Errors) writeCompany(r *rand.Rand, c *company) string {
	s := c.name
	if r.Float64() < e.CompanyForm {
		s = c.base
	}
	switch x := r.Float64(); {
	case x < e.CompanyShort/2:
		s = shortened.Replace(s)
	case x < e.CompanyShort && len(strings.Fields(c.base)) > 2:
		s = initials(strings.Fields(fold.Text(c.base)))
	case x < e.CompanyShort+e.CompanyTypo:
		s = typo(r, s)
	}
	if r.Float64() < 0.05 {
		s = strings.ToUpper(s)
	}
	return s
}

// writeName returns given name and surname as somebody types them.
func (e *Errors) writeName(r *rand.Rand, p *person) (given, family string) {
	g, f := p.given, p.family
	given, family = p.names()
	if r.Float64() < e.Romanised {
		given, family = romanised(g, p.local), romanised(f, p.local)
	}
	switch x := r.Float64(); {
	case x < e.Nickname:
		given = nickname(r, given)
	case x < e.Nickname+e.Initial:
		given = string([]rune(given)[:1]) + "."
	case x < e.Nickname+e.Initial+e.GivenTypo:
		given = typo(r, given)
	}
	switch x := r.Float64(); {
	case x < e.SurnameTypo:
		family = typo(r, family)
	case x < e.SurnameTypo+e.Married/2:
		family = p.country.surname(r).roman
	case x < e.SurnameTypo+e.Married:
		family += "-" + p.country.surname(r).roman
	}
	switch x := r.Float64(); {
	case x < e.Swapped:
		given, family = family, given
	case x < e.Swapped+e.OneField:
		given, family = "", given+" "+family
	}
	return given, family
}
