package generate

import (
	"math/rand/v2"
	"strings"
)

// pattern is a telephone number to be, after the calling code: X stands for any digit, N for one from 2 to 8.
type pattern string

// numbering lists the patterns of a country, landlines first.
func numbering(c *country) (plan []pattern) {
	for _, p := range append(c.numbers[:len(c.numbers):len(c.numbers)], c.mobiles...) {
		plan = append(plan, pattern(p))
	}
	return plan
}

// phone is a telephone number of a country: its parts, separated by blanks; none when there are no parts.
type phone struct {
	country *country
	parts   string
}

// dial makes a number. Where mobile numbers look like others, as in North America, all serve as both.
func (c *country) dial(r *rand.Rand, mobile bool) phone {
	n := len(c.numbers)
	p := c.plan[r.IntN(n)]
	if mobile && n < len(c.plan) {
		p = c.plan[n+r.IntN(len(c.plan)-n)]
	}
	b := []byte(p)
	for i, x := range b {
		switch x {
		case 'X':
			b[i] = digit(r, 0, 10)
		case 'N':
			b[i] = digit(r, 2, 7)
		}
	}
	return phone{c, string(b)}
}

// digit is one of n digits from the first.
func digit(r *rand.Rand, first, n int) byte { return byte('0' + first + r.IntN(n)) }

// international writes the number with the calling code: +44 20 7946 0000.
func (p phone) international() string {
	if p.parts == "" {
		return ""
	}
	return "+" + p.country.calling + " " + p.parts
}

// national writes the number as people of the country do among themselves.
func (p phone) national(r *rand.Rand) string {
	switch {
	case p.parts == "":
		return ""
	case p.country.calling == "1":
		area, rest, _ := strings.Cut(p.parts, " ")
		rest = strings.ReplaceAll(rest, " ", "-")
		if chance(r, 0.6) {
			return "(" + area + ") " + rest
		}
		return area + "-" + rest
	case chance(r, 0.3):
		return p.country.trunk + strings.ReplaceAll(p.parts, " ", "")
	}
	return p.country.trunk + p.parts
}

// postcode makes a postal code of a city: codes of one city begin alike.
func (c *country) postcode(r *rand.Rand, at *place) string {
	const letters = "ABCEGHJKLMNPRSTVXY"
	h := uint32(2166136261) // FNV-1a of the city
	for i := range len(at.name.roman) {
		h = (h ^ uint32(at.name.roman[i])) * 16777619
	}
	b := []byte(c.postal)
	for i, x := range b {
		switch x {
		case '9':
			b[i] = digit(r, 0, 10)
		case 'A':
			b[i] = letters[r.IntN(len(letters))]
		case 'c', 'C': // of the city
			if x == 'c' {
				b[i] = byte('1' + h%9)
			} else {
				b[i] = letters[h%uint32(len(letters))]
			}
			h = h/18 ^ h*2654435761
		}
	}
	return string(b)
}

// street makes an address. Streets are called after people, and the names are those of the country.
func (c *country) street(r *rand.Rand) string {
	form := one(r, c.streets)
	var b strings.Builder
	for i := range len(form) {
		switch form[i] {
		case '#':
			number := 1 + r.IntN(180)
			if number > 99 {
				b.WriteByte(byte('0' + number/100))
			}
			if number > 9 {
				b.WriteByte(byte('0' + number/10%10))
			}
			b.WriteByte(byte('0' + number%10))
		case '*':
			n := c.family.draw(r)
			if c.local > 0.5 {
				b.WriteString(n.local)
			} else {
				b.WriteString(n.roman)
			}
		default:
			b.WriteByte(form[i])
		}
	}
	return b.String()
}

// free are providers where anyone can have an address.
var free = words("gmail.com gmail.com gmail.com outlook.com yahoo.com icloud.com hotmail.com gmx.net proton.me")
