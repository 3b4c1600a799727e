package normalise

import (
	"net/url"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/crmsync/crmsync/stages/match/reference"
)

// Domain returns the registrable domain of a web address or host name (shop.acme.co.uk/x is acme.co.uk) and its label (acme);
// empty when there is none.
func Domain(s string) (domain, label string) {
	s = strings.ToLower(strings.TrimSpace(s))
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", ""
	}
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(u.Hostname(), "."))
	if err != nil {
		return "", ""
	}
	domain, err = publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return "", ""
	}
	if _, icann := publicsuffix.PublicSuffix(domain); !icann && !strings.Contains(domain, ".") {
		return "", ""
	}
	label, _, _ = strings.Cut(domain, ".")
	if label == "" {
		return "", ""
	}
	return domain, label
}

// Address is an e-mail address.
type Address struct {
	Local  string // without a +tag
	Domain string // registrable domain
	Free   bool   // whether anyone can have an address there
}

// Email reads an e-mail address; the empty value when it is none.
func Email(s string) Address {
	s = strings.ToLower(strings.Trim(strings.TrimSpace(s), "<>"))
	s = strings.TrimPrefix(s, "mailto:")
	at := strings.LastIndexByte(s, '@')
	if at < 1 || strings.ContainsAny(s, " \t\r\n,;") {
		return Address{}
	}
	host := s[at+1:]
	domain, _ := Domain(host)
	if domain == "" {
		return Address{}
	}
	local, _, _ := strings.Cut(s[:at], "+")
	if local == "" {
		return Address{}
	}
	return Address{local, domain, reference.FreeMail(host) || reference.FreeMail(domain)}
}

// Number is a telephone number.
type Number struct {
	E164     string // +14155550123
	National string // digits without the country code
}

// Phone reads a telephone number as typed in a country (ISO alpha-2, for numbers without a country code); the empty value when it
// cannot be one. The extension is dropped.
func Phone(s, country string) Number {
	if len(s) < 5 || len(s) > 100 {
		return Number{}
	}
	if country == "" {
		country = "US"
	}
	n, err := phonenumbers.Parse(s, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return Number{}
	}
	return Number{phonenumbers.Format(n, phonenumbers.E164), phonenumbers.GetNationalSignificantNumber(n)}
}

// Ticker returns a stock ticker without its exchange (NYSE: IBM is ibm).
func Ticker(s string) string {
	if at := strings.LastIndexByte(s, ':'); at >= 0 {
		s = s[at+1:]
	}
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > 10 || strings.ContainsAny(s, " \t") {
		return ""
	}
	return s
}
