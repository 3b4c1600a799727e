package normalise

import (
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/crmsync/crmsync/stages/match/reference"
)

// Domain returns the registrable domain of a web address or host name (shop.acme.co.uk:8080/x is acme.co.uk), international ones in
// their ASCII form, and its label (acme); empty when there is none.
func Domain(s string) (domain, label string) {
	host := hostOf(strings.ToLower(strings.TrimSpace(s)))
	if host == "" {
		return "", ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return "", ""
	}
	label, _, _ = strings.Cut(domain, ".")
	if label == "" {
		return "", ""
	}
	return domain, label
}

// hostOf returns the host of a web address in lower case. Plain ones are cut out, others parsed.
func hostOf(s string) string {
	rest := s
	if at := strings.Index(s, "://"); at >= 0 {
		rest = s[at+3:]
	}
	end := strings.IndexAny(rest, "/?#:")
	if end < 0 {
		end = len(rest)
	}
	if host := strings.TrimSuffix(rest[:end], "."); plainHost(host) && (end == len(rest) || rest[end] == '/') && !strings.ContainsAny(rest[end:], "%\x7f ") && printable(s) {
		return host
	}
	if rest == s {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(u.Hostname(), "."))
	if err != nil {
		return ""
	}
	return host
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// plainHost reports whether a host is one that needs no conversion: labels of a-z, 0-9 and single hyphens inside.
func plainHost(s string) bool {
	length := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			length++
		case c == '-' && length > 0 && i+1 < len(s) && s[i+1] != '-' && s[i+1] != '.':
			length++
		case c == '.' && length > 0:
			length = 0
		default:
			return false
		}
		if length > 63 {
			return false
		}
	}
	return length > 0 && len(s) < 250
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
