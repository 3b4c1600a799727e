package normalise

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

func TestExtensions(t *testing.T) {
	for _, c := range []struct{ in, country, number, extension string }{
		{"415-555-0123 x123", "US", "+14155550123", "123"},
		{"(415) 555-0123 ext. 5", "US", "+14155550123", "5"},
		{"tel:+1-415-555-0123;ext=77", "DE", "+14155550123", "77"},
		{"+49 89 63600 Durchwahl 12", "", "+498963600", "12"},
		{"+33 1 42 68 53 00 poste 204", "", "+33142685300", "204"},
		{"8 (495) 123-45-67 доб. 89", "RU", "+74951234567", "89"},
		{"089 636-00", "DE", "+498963600", ""},
		{"020 7946 0018", "GB", "+442079460018", ""},
		{"06 12 34 56 78", "FR", "+33612345678", ""},
		{"03-1234-5678", "JP", "+81312345678", ""},
		{"1-415-555-0123", "US", "+14155550123", ""},
		{"06 1234567", "IT", "+39061234567", ""},
		{"001 415 555 0123", "DE", "+14155550123", ""},
	} {
		if n := Phone(c.in, c.country); n.E164 != c.number || n.Extension != c.extension {
			t.Errorf("Phone(%q, %s) = %+v, want %s ext %q", c.in, c.country, n, c.number, c.extension)
		}
	}
}

// The plain way is a shortcut: it gives what the library gives, or leaves the number to it.
func samePhone(t *testing.T, s, country string) bool {
	t.Helper()
	n, ok := plainPhone(s, country)
	if !ok {
		return false
	}
	if want := parsedPhone(s, country); n != want {
		t.Errorf("plain Phone(%q, %s) = %+v, the library says %+v", s, country, n, want)
	}
	return true
}

func TestPlainPhoneIsTheLibrarys(t *testing.T) {
	var regions []string
	for r := range phonenumbers.GetSupportedRegions() {
		regions = append(regions, r)
	}
	slices.Sort(regions)
	r := rand.New(rand.NewPCG(1, 2))
	plain, international := 0, 0
	try := func(s, country string) bool { return samePhone(t, s, country) }
	for _, region := range regions {
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE} {
			if n := phonenumbers.GetExampleNumberForType(region, kind); n != nil {
				for _, format := range []phonenumbers.PhoneNumberFormat{phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL} {
					ok := try(phonenumbers.Format(n, format), region)
					if format == phonenumbers.E164 {
						if international++; ok {
							plain++
						}
					}
				}
			}
		}
		for range 60 {
			digits := fmt.Sprintf("%015d", r.Int64N(1e15))[:7+r.IntN(9)]
			if r.IntN(3) == 0 {
				digits = "0" + digits[1:]
			}
			try(digits, region)
			try(fmt.Sprintf("+%d%s", phonenumbers.GetCountryCodeForRegion(region), digits), region)
			try(fmt.Sprintf("%d%s", phonenumbers.GetCountryCodeForRegion(region), digits), region)
			try("+"+digits, "US")
		}
	}
	if plain < international*3/4 {
		t.Errorf("%d of %d international numbers are plain", plain, international)
	}
}

func FuzzPhone(f *testing.F) {
	f.Add("+1 415 555 0123", "US")
	f.Add("(089) 636-00", "DE")
	f.Add("415-555-0123 x7", "")
	f.Add("00 39 06 698", "IT")
	f.Add("8 495 123 45 67", "RU")
	f.Add("+5491112345678", "AR")
	f.Fuzz(func(t *testing.T, s, country string) {
		n := Phone(s, country)
		if (n.E164 == "") != (n.National == "") || n.E164 != "" && n.E164[0] != '+' {
			t.Errorf("Phone(%q, %q) = %+v", s, country, n)
		}
		if country != "" {
			samePhone(t, s, country)
		}
	})
}
