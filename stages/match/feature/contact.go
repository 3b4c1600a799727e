package feature

import (
	"slices"
	"strconv"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/compare"
	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
)

const (
	emailSame   = 1 + iota
	emailShared // a mailbox of several people
	emailLocal
	emailDomain
	emailDiffers
)

var emailLevels = []Level{
	{Name: missing},
	{"same", 0.60, 0.0000005, true, false},
	{"shared mailbox", 0.01, 0.0002, false, false},
	{"local part", 0.10, 0.0002, false, false},
	{"domain", 0.10, 0.0005, false, false},
	{Differs, 0.20, 0.9993, false, false},
}

// Mailboxes are three numbers each in the arena: local part, domain, and marks.
const (
	boxFree    = 1 // anyone can have an address at the domain
	boxTelling = 2 // the local part says more than the name does
	boxShared  = 4 // it is no single person's
)

// crowd is how many rows must have a telephone number or an address for it to be no single person's.
const crowd = 3

// markShared calls mark for the entries of a column, of so many words each, whose key crowd rows or more have.
func markShared(c *column[list], words int, key func(entry []word) uint64, mark func(entry []word)) *column[list] {
	rows := map[uint64]uint32{}
	each := func(fn func(value int, entry []word)) {
		for i := 1; i < len(c.values); i++ {
			all := c.values[i].in(c.arena)
			for at := 0; at < len(all); at += words {
				fn(i, all[at:at+words])
			}
		}
	}
	each(func(value int, entry []word) { rows[key(entry)] += c.counts[value] })
	each(func(_ int, entry []word) {
		if rows[key(entry)] >= crowd {
			mark(entry)
		}
	})
	return c
}

// saysMore reports whether a local part says who somebody is beyond the name: j.smith does not of John Smith, since every John Smith
// has such an address somewhere.
func saysMore(local string, names []string) bool {
	rest := fold.Text(local)
	rest = strings.ReplaceAll(rest, " ", "")
	if len(rest) <= 4 {
		return false
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	explained := false
	for _, n := range names {
		if len(n) > 1 && strings.Contains(rest, n) {
			rest, explained = strings.Replace(rest, n, "", 1), true
		}
	}
	if !explained {
		return true
	}
	// What is left of initials and short numbers says little.
	return len(strings.Trim(rest, "0123456789")) > 2 || len(rest) > 4
}

// mailbox is an address with its marks.
type mailbox struct {
	normalise.Address
	marks uint32
}

func emailColumn(t *record.Table, w *words, workers int) *column[list] {
	if t.Column(schemas.Email) == nil {
		return &column[list]{values: make([]list, 1), counts: make([]uint32, 1)}
	}
	c := derive(t, source{schemas.Email, schemas.GivenName, schemas.Surname}, workers,
		func(args []string) []mailbox {
			if args[0] == "" {
				return nil
			}
			var boxes []mailbox
			names := append(normalise.Given(args[1]), normalise.Surname(args[2])...)
			for _, s := range strings.Split(args[0], schemas.ListSeparator) {
				a := normalise.Email(s)
				if a.Domain == "" {
					continue
				}
				b := mailbox{Address: a}
				if a.Free {
					b.marks |= boxFree
				}
				switch {
				case normalise.RoleBox(a.Local):
					b.marks |= boxShared
				case saysMore(a.Local, slices.Clone(names)):
					b.marks |= boxTelling
				}
				boxes = append(boxes, b)
			}
			return boxes
		},
		func(boxes []mailbox) string {
			key := ""
			for _, a := range boxes {
				key += a.Local + "@" + a.Domain + " " + strconv.Itoa(int(a.marks)) + " "
			}
			return key
		},
		func(c *column[list], from []mailbox) list {
			var boxes []word
			for _, a := range from {
				boxes = append(boxes, w.number("mail "+a.Local), w.number(a.Domain), a.marks)
			}
			return c.keep(boxes)
		})
	return markShared(c, 3, func(box []word) uint64 { return uint64(box[0])<<32 | uint64(box[1]) }, func(box []word) { box[2] |= boxShared })
}

func emailComparison(left, right *column[list]) *Comparison {
	return &Comparison{
		Name: "email", Levels: emailLevels, Ordered: true, Parent: "company", left: left.codes,
		kernel: simple(func(l, r uint32) uint8 {
			a, b := left.values[l].in(left.arena), right.values[r].in(right.arena)
			level := uint8(emailDiffers)
			for i := 0; i < len(a); i += 3 {
				for j := 0; j < len(b); j += 3 {
					switch {
					case a[i] == b[j] && a[i+1] == b[j+1] && b[j+2]&boxShared != 0:
						level = min(level, emailShared)
					case a[i] == b[j] && a[i+1] == b[j+1]:
						return emailSame
					case a[i] == b[j] && a[i+2]&b[j+2]&boxTelling != 0:
						level = min(level, emailLocal)
					case a[i+1] == b[j+1] && a[i+2]&boxFree == 0:
						level = min(level, emailDomain)
					}
				}
			}
			return level
		}),
	}
}

const (
	phoneSame = 1 + iota
	phoneNational
	phoneShared    // a line of several people
	phoneExtension // one line, two extensions: a switchboard
	phoneExchange
	phoneDiffers
)

var phoneLevels = []Level{
	{Name: missing},
	{"same", 0.55, 0.000002, true, false},
	{"national number", 0.02, 0.000001, true, false},
	{"shared line", 0.02, 0.0004, false, false},
	{"other extension", 0.005, 0.0002, false, false},
	{"same exchange", 0.10, 0.002, false, false},
	{Differs, 0.33, 0.998, false, false},
}

// lineWords is how many words of the arena a number takes: E.164, national number, exchange and extension (0 when there is none), and
// 1 when the line is no single person's.
const lineWords = 5

// phoneColumn holds numbers of lineWords words each in the arena.
func phoneColumn(t *record.Table, w *words, o Options) *column[list] {
	c := derive(t, source{schemas.Phone, schemas.Country}, o.Workers,
		func(args []string) []normalise.Number {
			from := o.Country
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
		func(list []normalise.Number) string {
			key := ""
			for _, n := range list {
				key += n.E164 + "x" + n.Extension + " "
			}
			return key
		},
		func(c *column[list], from []normalise.Number) list {
			var lines []word
			for _, n := range from {
				exchange := word(0)
				if cut := len(n.E164) - 4; cut > 6 {
					exchange = w.number(n.E164[:cut])
				}
				extension := word(0)
				if n.Extension != "" {
					extension = w.number("ext " + n.Extension)
				}
				lines = append(lines, w.number(n.E164), w.number("tel "+n.National), exchange, extension, 0)
			}
			return c.keep(lines)
		})
	return markShared(c, lineWords, func(line []word) uint64 { return uint64(line[1]) }, func(line []word) { line[4] = 1 })
}

func phoneComparison(left, right *column[list], parent string) *Comparison {
	return &Comparison{
		Name: "phone", Levels: phoneLevels, Ordered: true, Parent: parent, left: left.codes,
		kernel: simple(func(l, r uint32) uint8 {
			a, b := left.values[l].in(left.arena), right.values[r].in(right.arena)
			level := uint8(phoneDiffers)
			for i := 0; i < len(a); i += lineWords {
				for j := 0; j < len(b); j += lineWords {
					switch x, y := a[i+3], b[j+3]; {
					case a[i+1] == b[j+1] && x != y && x != 0 && y != 0:
						level = min(level, phoneExtension)
					case a[i+1] == b[j+1] && b[j+4] == 1 && (x == 0 || x != y):
						level = min(level, phoneShared)
					case a[i] == b[j]:
						return phoneSame
					case a[i+1] == b[j+1]:
						level = min(level, phoneNational)
					case a[i+2] != 0 && a[i+2] == b[j+2]:
						level = min(level, phoneExchange)
					}
				}
			}
			return level
		}),
	}
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

// siteColumn holds web sites as two words each in the arena: registrable domain and its label.
func siteColumn(t *record.Table, w *words, workers int) *column[list] {
	return derive(t, source{schemas.Website}, workers,
		func(args []string) []string {
			var list []string
			for _, s := range strings.Split(args[0], schemas.ListSeparator) {
				if d, label := normalise.Site(s); d != "" {
					list = append(list, d, label)
				}
			}
			return list
		},
		func(list []string) string { return strings.Join(list, " ") },
		func(c *column[list], from []string) list {
			var sites []word
			for _, s := range from {
				sites = append(sites, w.number(s))
			}
			return c.keep(sites)
		})
}

func siteComparison(w *words, left, right *column[list]) *Comparison {
	return &Comparison{
		Name: "website", Levels: siteLevels, Ordered: true, left: left.codes,
		kernel: remembered(func(l, r uint32) uint8 {
			a, b := left.values[l].in(left.arena), right.values[r].in(right.arena)
			level := uint8(siteDiffers)
			for i := 0; i < len(a); i += 2 {
				for j := 0; j < len(b); j += 2 {
					if a[i] == b[j] {
						return siteSame
					}
					if a[i+1] == b[j+1] {
						level = min(level, siteLabel)
						continue
					}
					s, t := w.text(a[i+1]), w.text(b[j+1])
					if len(s) > 3 && len(t) > 3 && (strings.HasPrefix(s, t) || strings.HasPrefix(t, s) || compare.JaroWinkler(s, t) > 0.92) {
						level = min(level, siteSimilar)
					}
				}
			}
			return level
		}),
	}
}
