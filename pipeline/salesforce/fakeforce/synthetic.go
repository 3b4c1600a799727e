package fakeforce

import (
	"strconv"
	"strings"
	"time"
)

// The generators below make plausible people and companies out of a seed, for measuring at scale. Nobody is meant: names
// are put together from common ones, mail goes to example.com, telephone numbers are of the kind kept for fiction.

var (
	givenNames = strings.Fields("Ada Alan Alice Amir Ana Andrei Anna Ben Carla Chen Clara Daniel David Diana Elena Emma Erik Eva Fatima Felix Grace Hana Hugo Ines Ivan James Jana Joao John Julia Karim Lars Laura Lena Linda Luca Maria Mark Mei Mia Nadia Nina Noah Olga Omar Paul Petra Priya Ravi Rosa Sam Sara Sofia Tariq Tom Uma Vera Wei Yuki Zoe")
	surnames   = strings.Fields("Abe Adams Ahmed Alvarez Bauer Becker Berg Brown Cohen Costa Cruz Diaz Dubois Evans Ferrari Fischer Garcia Gomez Green Gupta Hall Hansen Ito Ivanov Jensen Johnson Jones Kaya Keller Khan Kim Klein Kowalski Kumar Larsen Lee Lopez Martin Meyer Miller Moreau Nguyen Novak Olsen Patel Pereira Petrov Rossi Santos Sato Schmidt Silva Singh Smith Suzuki Tanaka Taylor Wang Weber Wilson Wong Yilmaz Young Zhang")
	places     = [][3]string{{"Springfield", "Illinois", "United States"}, {"Portland", "Oregon", "United States"}, {"Austin", "Texas", "United States"}, {"Boston", "MA", "USA"}, {"London", "", "United Kingdom"}, {"Berlin", "", "Germany"}, {"Lyon", "", "France"}, {"Toronto", "Ontario", "Canada"}, {"Porto", "", "Portugal"}, {"Osaka", "", "Japan"}}
	jobTitles  = []string{"Account Executive", "Buyer", "CEO", "CFO", "Chief Information Officer", "Director of Sales", "Engineer", "Head of Procurement", "VP, Marketing", "Analyst"}
	sectors    = []string{"Analytics", "Foods", "Freight", "Glass", "Health", "Labs", "Paper", "Software", "Steel", "Textiles"}
)

// synthetic is a table of n rows; value gives a field of row i from the row's random number.
type synthetic struct {
	n     int
	seed  uint64
	value map[string]func(i int, r uint64) string
}

// Len is the number of rows.
func (s *synthetic) Len() int { return s.n }

// Bind implements Generator.
func (s *synthetic) Bind(fields []string) func(i int, dst []string) {
	makers := make([]func(int, uint64) string, len(fields))
	for k, f := range fields {
		makers[k] = s.value[f]
	}
	return func(i int, dst []string) {
		r := scramble(s.seed ^ scramble(uint64(i)+1))
		for k, value := range makers {
			if value == nil {
				dst[k] = ""
				continue
			}
			dst[k] = value(i, r)
		}
	}
}

// scramble is the finaliser of splitmix64: a permutation of the 64-bit numbers that looks random.
func scramble(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// choose picks from a list by some bits of the row's number; different shifts pick independently enough.
func choose[T any](list []T, r uint64, shift int) T { return list[(r>>shift)%uint64(len(list))] }

// stampedAt spreads rows over the two years before until, in steps of whole seconds.
func stampedAt(until time.Time, r uint64, shift int) string {
	return until.Add(-time.Duration((r>>shift)%(2*365*24*3600)) * time.Second).UTC().Format(dateTimeLayout)
}

func systemFields(value map[string]func(int, uint64) string, until time.Time) {
	user := MakeID("005", 1)
	value["CreatedDate"] = func(_ int, r uint64) string { return stampedAt(until.AddDate(-2, 0, 0), r, 3) }
	for _, name := range []string{"LastModifiedDate", "SystemModstamp"} {
		value[name] = func(_ int, r uint64) string { return stampedAt(until, r, 5) }
	}
	for _, name := range []string{"CreatedById", "LastModifiedById", "OwnerId"} {
		value[name] = func(int, uint64) string { return user }
	}
}

// SyntheticContacts generates n Contacts that were last changed before until. With accounts > 0 they belong to the first so
// many generated Accounts.
func SyntheticContacts(n int, seed uint64, until time.Time, accounts int) Generator {
	first := func(_ int, r uint64) string { return choose(givenNames, r, 0) }
	last := func(i int, r uint64) string {
		name := choose(surnames, r, 8)
		if (r>>16)%8 == 0 {
			name += "-" + choose(surnames, r, 24)
		}
		return name
	}
	v := map[string]func(int, uint64) string{
		"FirstName": first, "LastName": last,
		"Name": func(i int, r uint64) string { return first(i, r) + " " + last(i, r) },
		"Email": func(i int, r uint64) string {
			return strings.ToLower(first(i, r)) + "." + strconv.Itoa(i) + "@example.com"
		},
		"Phone": func(_ int, r uint64) string {
			return "(555) 555-01" + string([]byte{'0' + byte(r>>20%10), '0' + byte(r>>28%10)})
		},
		"Title": func(_ int, r uint64) string { return choose(jobTitles, r, 12) },
		"Department": func(_ int, r uint64) string {
			return choose([]string{"Sales", "Finance", "IT", "Operations", ""}, r, 32)
		},
		"LeadSource": func(_ int, r uint64) string { return choose(leadSources, r, 36) },
		"MailingStreet": func(_ int, r uint64) string {
			return strconv.Itoa(int(r>>40%999)+1) + " Main Street\nSuite " + strconv.Itoa(int(r>>50%40))
		},
		"MailingCity":    func(_ int, r uint64) string { return choose(places, r, 44)[0] },
		"MailingState":   func(_ int, r uint64) string { return choose(places, r, 44)[1] },
		"MailingCountry": func(_ int, r uint64) string { return choose(places, r, 44)[2] },
		"Description": func(_ int, r uint64) string {
			if (r>>52)%4 != 0 {
				return ""
			}
			return "Met at a trade fair. Said \"call me\",\nprefers mornings."
		},
		"LastActivityDate": func(_ int, r uint64) string { return stampedAt(until, r, 7)[:len(dateLayout)] },
	}
	if accounts > 0 {
		v["AccountId"] = func(_ int, r uint64) string { return MakeID("001", generatedSerial+r>>4%uint64(accounts)) }
	}
	systemFields(v, until)
	return &synthetic{n, seed, v}
}

// SyntheticAccounts generates n Accounts that were last changed before until.
func SyntheticAccounts(n int, seed uint64, until time.Time) Generator {
	name := func(i int, r uint64) string {
		return choose(surnames, r, 0) + " " + choose(sectors, r, 10) + " " + strconv.Itoa(i)
	}
	v := map[string]func(int, uint64) string{
		"Name":              name,
		"Website":           func(i int, _ uint64) string { return "https://company-" + strconv.Itoa(i) + ".example.com" },
		"Industry":          func(_ int, r uint64) string { return choose(industries, r, 20) },
		"NumberOfEmployees": func(_ int, r uint64) string { return strconv.Itoa(int(r>>24%100_000) + 1) },
		"AnnualRevenue":     func(_ int, r uint64) string { return strconv.FormatFloat(float64(r>>30%10_000_000)*1000, 'g', -1, 64) },
		"BillingStreet":     func(_ int, r uint64) string { return strconv.Itoa(int(r>>40%999)+1) + " Market Street" },
		"BillingCity":       func(_ int, r uint64) string { return choose(places, r, 44)[0] },
		"BillingState":      func(_ int, r uint64) string { return choose(places, r, 44)[1] },
		"BillingCountry":    func(_ int, r uint64) string { return choose(places, r, 44)[2] },
	}
	systemFields(v, until)
	return &synthetic{n, seed, v}
}
