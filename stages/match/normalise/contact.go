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

// shared are sites on which many companies have a page.
var shared = set(`facebook.com fb.com linkedin.com instagram.com twitter.com x.com youtube.com tiktok.com pinterest.com google.com goo.gl bit.ly linktr.ee yelp.com
	tripadvisor.com wikipedia.org crunchbase.com xing.com vk.com etsy.com ebay.com wixsite.com weebly.com squarespace.com godaddysites.com medium.com github.com about.me
	business.site t.me wa.me whatsapp.com opentable.com booking.com airbnb.com yellowpages.com`)

// Site is Domain for a company's web site: a page at a site that many share says nothing of the company, unless it is that site itself.
func Site(s string) (domain, label string) {
	domain, label = Domain(s)
	if !shared[domain] {
		return domain, label
	}
	rest := strings.ToLower(strings.TrimSpace(s))
	if at := strings.Index(rest, "://"); at >= 0 {
		rest = rest[at+3:]
	}
	host, path, _ := strings.Cut(rest, "/")
	if strings.Trim(path, "/") != "" || strings.TrimPrefix(host, "www.") != domain {
		return "", ""
	}
	return domain, label
}

// roleBoxes are local parts of addresses that belong to an office and not to a person.
var roleBoxes = set(`info information office contact contacts contactus admin administrator administration support sales hello mail email enquiries enquiry inquiries inquiry
	hr jobs careers marketing team service services customerservice kundenservice help helpdesk billing accounts accounting accountspayable ap ar invoices finance
	reception secretary noreply no-reply donotreply do-not-reply notifications alerts postmaster webmaster hostmaster abuse orders order bestellung shop store general
	main company firma kontakt verwaltung buchhaltung vertrieb zentrale contacto ventas comercial administracion contato vendas comptabilite direction accueil info1
	info2 press media it itsupport purchasing procurement einkauf legal compliance privacy events partners partner webinfo feedback`)

// RoleBox reports whether the local part of an address belongs to an office and not to a person.
func RoleBox(local string) bool { return roleBoxes[local] }

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
