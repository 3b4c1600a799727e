package feature

import (
	"slices"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/compare"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
)

const (
	emailSame = 1 + iota
	emailLocal
	emailDomain
	emailDiffers
)

var emailLevels = []Level{
	{Name: missing},
	{"same", 0.60, 0.0000005, true, false},
	{"local part", 0.10, 0.0002, false, false},
	{"domain", 0.10, 0.0005, false, false},
	{Differs, 0.20, 0.9993, false, false},
}

// mailbox is one e-mail address.
type mailbox struct {
	local, domain word
	free, telling bool // telling: the local part is long enough to say who
}

func emailColumn(t *record.Table, w *words, workers int) column[[]mailbox] {
	return derive(t, source{schemas.Email}, workers,
		func(args []string) []normalise.Address {
			var list []normalise.Address
			for _, s := range strings.Split(args[0], schemas.ListSeparator) {
				if a := normalise.Email(s); a.Domain != "" {
					list = append(list, a)
				}
			}
			return list
		},
		func(list []normalise.Address) (string, []mailbox) {
			key := ""
			var boxes []mailbox
			for _, a := range list {
				key += a.Local + "@" + a.Domain + " "
				boxes = append(boxes, mailbox{w.number("mail " + a.Local), w.number(a.Domain), a.Free, len(a.Local) > 4})
			}
			return key, boxes
		})
}

func compareEmails(a, b *[]mailbox) uint8 {
	level := uint8(emailDiffers)
	for _, x := range *a {
		for _, y := range *b {
			switch {
			case x.local == y.local && x.domain == y.domain:
				return emailSame
			case x.local == y.local && x.telling:
				level = min(level, emailLocal)
			case x.domain == y.domain && !x.free:
				level = min(level, emailDomain)
			}
		}
	}
	return level
}

func emailComparison(w *words, left, right *record.Table, workers int) (*Comparison, [2]column[[]mailbox]) {
	l, r := emailColumn(left, w, workers), emailColumn(right, w, workers)
	return &Comparison{
		Name: "email", Levels: emailLevels, Ordered: true, Parent: "company", left: l.codes, right: r.codes,
		kernel: func(a, b uint32) uint8 { return compareEmails(&l.values[a], &r.values[b]) },
	}, [2]column[[]mailbox]{l, r}
}

const (
	phoneSame = 1 + iota
	phoneNational
	phoneExchange
	phoneDiffers
)

var phoneLevels = []Level{
	{Name: missing},
	{"same", 0.55, 0.000002, true, false},
	{"national number", 0.02, 0.000001, true, false},
	{"same exchange", 0.10, 0.002, false, false},
	{Differs, 0.33, 0.998, false, false},
}

// line is one telephone number.
type line struct{ e164, national, exchange word }

func phoneColumn(t *record.Table, w *words, workers int, country string) column[[]line] {
	return derive(t, source{schemas.Phone, schemas.Country}, workers,
		func(args []string) []normalise.Number {
			from := country
			if c := normalise.Place("", "", args[1]).Country; c != "" {
				from = c
			}
			var list []normalise.Number
			for _, s := range strings.Split(args[0], schemas.ListSeparator) {
				if n := normalise.Phone(s, from); n.E164 != "" {
					list = append(list, n)
				}
			}
			return list
		},
		func(list []normalise.Number) (string, []line) {
			key := ""
			var lines []line
			for _, n := range list {
				key += n.E164 + " "
				v := line{e164: w.number(n.E164), national: w.number("tel " + n.National)}
				if cut := len(n.E164) - 4; cut > 6 {
					v.exchange = w.number(n.E164[:cut])
				}
				lines = append(lines, v)
			}
			return key, lines
		})
}

func comparePhones(a, b *[]line) uint8 {
	level := uint8(phoneDiffers)
	for _, x := range *a {
		for _, y := range *b {
			switch {
			case x.e164 == y.e164:
				return phoneSame
			case x.national == y.national:
				level = min(level, phoneNational)
			case x.exchange != 0 && x.exchange == y.exchange:
				level = min(level, phoneExchange)
			}
		}
	}
	return level
}

func phoneComparison(w *words, left, right *record.Table, o Options, parent string) (*Comparison, [2]column[[]line]) {
	l, r := phoneColumn(left, w, o.Workers, o.Country), phoneColumn(right, w, o.Workers, o.Country)
	return &Comparison{
		Name: "phone", Levels: phoneLevels, Ordered: true, Parent: parent, left: l.codes, right: r.codes,
		kernel: func(a, b uint32) uint8 { return comparePhones(&l.values[a], &r.values[b]) },
	}, [2]column[[]line]{l, r}
}

const (
	siteSame = 1 + iota
	siteLabel
	siteSimilar
	siteDiffers
)

var siteLevels = []Level{
	{Name: missing},
	{"same", 0.85, 0.00001, true, false},
	{"other suffix", 0.03, 0.00002, true, false},
	{"similar", 0.06, 0.001, false, false},
	{Differs, 0.06, 0.999, false, false},
}

// site is a web site: registrable domain and its label.
type site struct{ domain, label word }

func siteColumn(t *record.Table, w *words, workers int) column[[]site] {
	return derive(t, source{schemas.Website}, workers,
		func(args []string) []string {
			var list []string
			for _, s := range strings.Split(args[0], schemas.ListSeparator) {
				if d, label := normalise.Domain(s); d != "" {
					list = append(list, d, label)
				}
			}
			return list
		},
		func(list []string) (string, []site) {
			var sites []site
			for i := 0; i+1 < len(list); i += 2 {
				sites = append(sites, site{w.number(list[i]), w.number(list[i+1])})
			}
			return strings.Join(list, " "), sites
		})
}

func compareSites(w *words, a, b *[]site) uint8 {
	level := uint8(siteDiffers)
	for _, x := range *a {
		for _, y := range *b {
			if x.domain == y.domain {
				return siteSame
			}
			if x.label == y.label {
				level = min(level, siteLabel)
				continue
			}
			s, t := w.text(x.label), w.text(y.label)
			if len(s) > 3 && len(t) > 3 && (strings.HasPrefix(s, t) || strings.HasPrefix(t, s) || compare.JaroWinkler(s, t) > 0.92) {
				level = min(level, siteSimilar)
			}
		}
	}
	return level
}

func siteComparison(w *words, left, right *record.Table, workers int) (*Comparison, [2]column[[]site]) {
	l, r := siteColumn(left, w, workers), siteColumn(right, w, workers)
	return &Comparison{
		Name: "website", Levels: siteLevels, Ordered: true, left: l.codes, right: r.codes, costly: true,
		kernel: func(a, b uint32) uint8 { return compareSites(w, &l.values[a], &r.values[b]) },
	}, [2]column[[]site]{l, r}
}

// common reports whether two short lists have an element in common.
func common[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}
