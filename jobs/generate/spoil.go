package generate

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// otherRoman are the ways in which names are romanised otherwise, tried from a place drawn by chance.
var otherRoman = map[string][][2]string{
	"DE": {{"ue", "u"}, {"oe", "o"}, {"ae", "a"}},
	"DK": {{"oe", "o"}, {"aa", "a"}, {"ae", "e"}},
	"RU": {{"kh", "h"}, {"yu", "iu"}, {"ya", "ia"}, {"y", "i"}, {"zh", "j"}, {"v", "w"}, {"ks", "x"}, {"ts", "c"}},
	"GR": {{"ch", "h"}, {"ou", "u"}, {"f", "ph"}, {"i", "e"}, {"k", "c"}},
	"JP": {{"shi", "si"}, {"tsu", "tu"}, {"chi", "ti"}, {"o", "oh"}, {"ji", "zi"}},
	"KR": {{"Lee", "Yi"}, {"Park", "Bak"}, {"Choi", "Choe"}, {"Jung", "Jeong"}, {"Cho", "Jo"}, {"Yoon", "Yun"}, {"young", "yeong"}, {"oo", "u"}, {"Lim", "Im"}},
	"CN": {{"Zh", "Ch"}, {"Xu", "Hsu"}, {"Zhang", "Chang"}, {"Xi", "Hsi"}, {"q", "ch"}, {"Li", "Lee"}},
	"EG": {{"ou", "u"}, {"Moh", "Muh"}, {"ee", "i"}, {"kh", "k"}, {"El ", "Al "}, {"med", "mad"}},
	"IL": {{"Y", "J"}, {"ch", "h"}, {"itz", "its"}, {"kh", "ch"}, {"Y", "I"}},
}

// otherwise romanises a name in another way.
func (c *country) otherwise(r *rand.Rand, s string) string {
	ways := otherRoman[c.code]
	if len(ways) == 0 {
		return s
	}
	from := r.IntN(len(ways))
	for k := range ways {
		if w := ways[(from+k)%len(ways)]; strings.Contains(s, w[0]) {
			return strings.Replace(s, w[0], w[1], 1)
		}
	}
	return s
}

// writeName returns given name and surname as somebody types them.
func (e *Errors) writeName(r *rand.Rand, p *person) (given, family string) {
	given, family = p.names()
	if chance(r, e.Romanised) {
		if given, family = p.given.roman, p.family.roman; chance(r, e.OtherWay) {
			given, family = p.country.otherwise(r, given), p.country.otherwise(r, family)
		}
	}
	switch x := r.Float64(); {
	case x < e.Nickname:
		given = nickname(r, given)
	case x < e.Nickname+e.Initial:
		first, _ := utf8.DecodeRuneInString(given)
		given = string(first) + "."
	case x < e.Nickname+e.Initial+e.GivenTypo:
		given = typo(r, given)
	case x < e.Nickname+e.Initial+e.GivenTypo+e.Middle:
		given += " " + string(letter(r)) + "."
	}
	x := r.Float64()
	switch woman := p.sex == women; {
	case x < e.SurnameTypo:
		family = typo(r, family)
	case woman && x < e.SurnameTypo+e.Married:
		family = p.country.surname(r, p.sex).roman
	case woman && x < e.SurnameTypo+e.Married+e.DoubleBarrel:
		family += "-" + p.country.surname(r, p.sex).roman
	}
	if chance(r, e.Honorific) {
		title := "Dr."
		if len(p.country.honorary) > 0 {
			title = one(r, p.country.honorary)
		}
		given = title + " " + given
	}
	if chance(r, e.Upper) {
		given, family = recase(r, given), recase(r, family)
	}
	switch x := r.Float64(); {
	case x < e.Swapped:
		given, family = family, given
	case x < e.Swapped+e.OneField:
		given, family = "", given+" "+family
	}
	return given, family
}

// abbreviated are the short forms of words in companies' names.
var abbreviated = strings.NewReplacer("International", "Intl.", "Systems", "Sys", "Laboratories", "Labs", "Group", "Grp", "Industries", "Ind.", "Holdings", "Hldgs", "Telecommunications", "Telecom",
	"Manufacturing", "Mfg.", "National", "Natl", "General", "Gen.", "American", "Amer.", "Advanced", "Adv.", "Logistics", "Log.", "Consulting", "Cons.", "Insurance", "Ins.", "Technology", "Tech", " & ", " and ")

// writeCompany returns a company's name as somebody types it into a CRM. others are further names that it goes by.
func (e *Errors) writeCompany(r *rand.Rand, k *company, others func() []string) string {
	brand, form := k.brand, k.form
	switch x := r.Float64(); {
	case x < e.CompanyForm:
		form = ""
	case x < e.CompanyForm+e.OtherForm:
		if v := k.country.variants[form]; len(v) > 0 {
			form = one(r, v)
		}
	}
	acronym, short := e.CompanyShort+e.CompanyAcronym, e.CompanyShort
	switch x := r.Float64(); {
	case x < short:
		brand = abbreviated.Replace(brand)
	case x < acronym:
		if a := k.acronym(); a != "" {
			brand, form = a, ""
		}
	case x < acronym+e.CompanyOther:
		if names := others(); len(names) > 0 {
			brand, form = one(r, names), ""
		}
	case x < acronym+e.CompanyOther+e.CompanyTypo:
		brand = typo(r, brand)
	}
	name := k.called(brand, form)
	if chance(r, e.Upper) {
		name = recase(r, name)
	}
	return name
}

// address is where somebody is.
type address struct {
	street string
	at     *place
	postal string
}

// written is an address as somebody types it.
type written struct{ street, city, state, postal, country string }

// writePlace types an address of a country.
func (e *Errors) writePlace(r *rand.Rand, c *country, a address) written {
	w := written{street: a.street, postal: a.postal, country: c.label}
	at := a.at
	if chance(r, e.OtherLand) {
		w.country = one(r, c.also)
	}
	misspelt := false
	switch x := r.Float64(); {
	case x < e.NoPlace:
		return written{}
	case x < e.NoPlace+e.OtherPlace:
		at = c.places.draw(r)
		w.street, w.postal = c.street(r), c.postcode(r, at)
	case x < e.NoPlace+e.OtherPlace+e.PlaceTypo:
		misspelt = true
	}
	if w.city = at.name.local; chance(r, e.Romanised) {
		w.city = at.name.roman
	}
	if misspelt {
		w.city = typo(r, w.city)
	}
	if w.state = at.code; at.code == "" || !abbreviates(c) && !chance(r, 0.2) || abbreviates(c) && chance(r, 0.3) {
		w.state = at.region
	}
	if chance(r, e.NoStreet) {
		w.street, w.postal = "", ""
	}
	return w
}

// abbreviates reports whether people of the country write the codes of its regions.
func abbreviates(c *country) bool {
	switch c.code {
	case "US", "CA", "AU", "BR":
		return true
	}
	return false
}

// writePhone types a number.
func (e *Errors) writePhone(r *rand.Rand, p phone) string {
	if chance(r, e.PhoneLocal) {
		return p.national(r)
	}
	if chance(r, 0.3) {
		return strings.ReplaceAll(p.international(), " ", "")
	}
	return p.international()
}
