package feature

import (
	"math"
	"slices"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/compare"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
)

// How two company names relate, best first.
const (
	nameExact = 1 + iota
	nameAlias
	nameAcronym
	nameContained
	nameSimilar
	nameShares
	nameDiffers
)

var nameLevels = []Level{
	{Name: missing},
	{"exact", 0.86, 0.00002, true, true},
	{"alias", 0.02, 0.00001, true, true},
	{"acronym", 0.02, 0.0004, true, false},
	{"contained", 0.06, 0.0004, true, true},
	{"similar", 0.02, 0.0002, true, false},
	{"shares", 0.01, 0.002, false, true},
	{"differs", 0.02, 0.997, false, false},
}

// companyName is one name of a company.
type companyName struct {
	words    []word // distinct
	joined   word
	acronyms []word
	first    byte
	long     []longWord // words that may be misspelt
	weight   float32    // of all words, set by the lexicon
}

// longWord is a word of six letters and more.
type longWord struct {
	id    word
	first byte
}

// employer is what a row says of a company.
type employer struct {
	names   []companyName // the main one first
	past    []companyName // of former employers
	key     word          // company id on the directory's side
	domains []word        // of web site and e-mail
}

// raw is an employer before its words are numbered.
type rawEmployer struct {
	names, past []normalise.CompanyName
	key         string
	domains     []string
}

func companyNames(w *words, list []normalise.CompanyName) []companyName {
	out := make([]companyName, len(list))
	for i, n := range list {
		out[i] = companyName{words: distinct(w.numbers(n.Words)), joined: w.number(n.Joined()), acronyms: w.numbers(n.Acronyms), first: n.Words[0][0]}
		for _, id := range out[i].words {
			if s := w.text(id); len(s) > 5 {
				out[i].long = append(out[i].long, longWord{id, s[0]})
			}
		}
	}
	return out
}

// distinct drops the words that came before.
func distinct(list []word) []word {
	out := list[:0]
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// employerRoles are read in this order by readEmployer.
var employerRoles = source{schemas.Company, schemas.OtherNames, schemas.PastCompanies, schemas.CompanyKey, schemas.Website, schemas.Email}

func readEmployer(args []string) rawEmployer {
	e := rawEmployer{names: normalise.Company(args[0]), key: args[3]}
	for _, other := range strings.Split(args[1], schemas.ListSeparator) {
		e.names = append(e.names, normalise.Company(other)...)
	}
	if args[2] != "" {
		for _, former := range strings.Split(args[2], schemas.ListSeparator) {
			e.past = append(e.past, normalise.Company(former)...)
		}
	}
	for _, site := range strings.Split(args[4], schemas.ListSeparator) {
		if d, _ := normalise.Domain(site); d != "" {
			e.domains = append(e.domains, d)
		}
	}
	for _, address := range strings.Split(args[5], schemas.ListSeparator) {
		if a := normalise.Email(address); a.Domain != "" && !a.Free {
			e.domains = append(e.domains, a.Domain)
		}
	}
	return e
}

// key identifies what the employer says, so that equal ones meet.
func (e rawEmployer) text() string {
	var b strings.Builder
	for i, list := range [][]normalise.CompanyName{e.names, e.past} {
		for _, n := range list {
			b.WriteByte(byte('0' + i))
			b.WriteString(strings.Join(n.Words, " "))
			b.WriteByte('/')
			b.WriteString(strings.Join(n.Acronyms, " "))
			b.WriteByte('|')
		}
	}
	if e.key != "" {
		b.WriteString("#" + e.key)
	}
	for _, d := range e.domains {
		b.WriteString("@" + d)
	}
	return b.String()
}

func employerColumn(t *record.Table, w *words, workers int, roles ...schemas.Role) column[employer] {
	from := slices.Clone(employerRoles)
	for i, r := range from {
		if !slices.Contains(roles, r) {
			from[i] = schemas.NoRole
		}
	}
	return derive(t, from, workers, readEmployer, func(e rawEmployer) (string, employer) {
		v := employer{names: companyNames(w, e.names), past: companyNames(w, e.past), domains: w.numbers(e.domains)}
		if e.key != "" {
			v.key = w.number("#" + e.key)
		}
		return e.text(), v
	})
}

// lexicon knows how common the words of company names are.
type lexicon struct {
	words  *words
	weight []float32 // bits: -log2 of the share of distinct names that hold the word
	rows   []float64 // share of the right side's rows whose name holds the word
	names  []float64 // share of the right side's rows with this joined name

	usualName, usualWord float64 // of the left rows
}

// generic are words that say what trade a company is in, or that it is one. They weigh little even in a list of few names.
var generic = strings.Fields("group holdings international services systems technologies financial energy industries partners enterprises solutions " +
	"resources capital management insurance health healthcare bank bancorp national american america global united general first products foods " +
	"communications corporate associates brands stores properties trust realty life medical pharmaceuticals entertainment media networks power electric " +
	"gas oil petroleum steel motors automotive airlines transportation logistics construction building materials chemical software digital data " +
	"consulting research laboratories institute university college hospital center school department city county state of us usa uk europe " +
	"north south east west new world")

// newLexicon counts words. identifies says that a name tells records apart, as among companies; among people it does not.
func newLexicon(w *words, left, right column[employer], identifies bool) *lexicon {
	x := &lexicon{words: w}
	holders := make([]float64, w.dict.Len())
	seen := make([]bool, w.dict.Len())
	names := 0.0
	for _, c := range []column[employer]{left, right} {
		for i := 1; i < len(c.values); i++ {
			for _, n := range c.values[i].names {
				if seen[n.joined] {
					continue
				}
				seen[n.joined] = true
				names++
				for _, id := range n.words {
					holders[id]++
				}
			}
		}
	}
	const imagined = 400 // names, of which the generic words hold a sixtieth each
	for _, g := range generic {
		if id, ok := w.dict.Find(g); ok {
			holders[id] += imagined / 60.0
		}
	}
	x.weight = make([]float32, len(holders))
	for id, n := range holders {
		x.weight[id] = float32(-math.Log2(max(n, 0.5) / (names + imagined)))
	}
	x.rows, x.names = make([]float64, len(holders)), make([]float64, len(holders))
	for _, c := range []column[employer]{left, right} {
		for i := range c.values {
			for _, list := range [2][]companyName{c.values[i].names, c.values[i].past} {
				for k := range list {
					list[k].weight = 0
					for _, id := range list[k].words {
						list[k].weight += x.weight[id]
					}
				}
			}
		}
	}
	chance := make([]float64, len(holders)) // of a name, by its words
	rows := 0.0 // both are counts until they are turned into shares
	for i := 1; i < len(right.values); i++ {
		n := float64(right.counts[i])
		rows += n
		for _, name := range right.values[i].names {
			x.names[name.joined] += n
			chance[name.joined] = x.chance(name)
			for _, id := range name.words {
				x.rows[id] += n
			}
		}
	}
	x.rows = plain(x.rows, rows)
	if identifies {
		x.names = discounted(x.names, rows, rows, func(id int) float64 { return chance[id] })
	} else {
		x.names = plain(x.names, rows)
	}
	x.usualName = usual(left, func(e *employer) float64 {
		if len(e.names) == 0 {
			return 0
		}
		return x.names[e.names[0].joined]
	})
	x.usualWord = usual(left, func(e *employer) float64 {
		if len(e.names) == 0 {
			return 0
		}
		return x.rows[x.rare(e.names[0])[0]]
	})
	return x
}

// chance is the probability of drawing the name's words one by one.
func (x *lexicon) chance(n companyName) float64 {
	bits := 0.0
	for _, id := range n.words {
		bits += float64(x.weight[id])
	}
	return math.Exp2(-bits)
}

// best returns how the closest two names of a and b relate, and which.
func (x *lexicon) best(a, b []companyName) (level uint8, i, j int) {
	level = nameDiffers
	for p := range a {
		for q := range b {
			n := x.relate(&a[p], &b[q])
			if p+q > 0 && n == nameExact {
				n = nameAlias
			}
			if n < level {
				level, i, j = n, p, q
			}
		}
	}
	return level, i, j
}

// relate compares two names, the same in both directions. Words are weighed by their rarity, so that a shared `Wabtec` counts and a
// shared `Group` does not.
func (x *lexicon) relate(a, b *companyName) uint8 {
	if a.joined == b.joined {
		return nameExact
	}
	if slices.Contains(a.acronyms, b.joined) || slices.Contains(b.acronyms, a.joined) {
		return nameAcronym
	}
	var shared, rarest float32
	for _, id := range a.words {
		if slices.Contains(b.words, id) {
			shared += x.weight[id]
			rarest = max(rarest, x.weight[id])
		}
	}
	if weight, most := x.near(a, b); weight > 0 {
		shared += weight
		rarest = max(rarest, most)
	}
	if shared > 0 {
		dice := 2 * shared / (a.weight + b.weight)
		inside := shared / min(a.weight, b.weight)
		switch {
		case inside > 0.99 && (dice > 0.45 || rarest > 6):
			return nameContained
		case dice > 0.72:
			return nameSimilar
		case rarest > 5 && inside > 0.4:
			return nameShares
		}
	}
	if a.first == b.first {
		s, t := x.words.text(a.joined), x.words.text(b.joined)
		if len(s) > 4 && len(t) > 4 && (len(s) > 5 && compare.OneEdit(s, t) || compare.JaroWinkler(s, t) >= 0.95) {
			return nameSimilar
		}
	}
	return nameDiffers
}

// near adds up the words of one name that are one letter from a word of the other, both long, and not shared as they are. They
// weigh a little less.
func (x *lexicon) near(a, b *companyName) (sum, most float32) {
	for _, p := range a.long {
		for _, q := range b.long {
			if p.first != q.first || p.id == q.id || !compare.OneEdit(x.words.text(p.id), x.words.text(q.id)) {
				continue
			}
			if slices.Contains(b.words, p.id) || slices.Contains(a.words, q.id) {
				continue
			}
			weight := 0.4 * (x.weight[p.id] + x.weight[q.id])
			sum += weight
			most = max(most, weight)
		}
	}
	return sum, most
}

// share is the share of right rows that agree on as much as the two names do at the level, and what is usual.
func (x *lexicon) share(a, b []companyName, level uint8) (share, usual float64) {
	_, i, j := x.best(a, b)
	switch level {
	case nameExact, nameAlias:
		return x.names[b[j].joined], x.usualName
	case nameContained, nameShares:
		least := 0.0
		for _, id := range a[i].words {
			if s := x.rows[id]; slices.Contains(b[j].words, id) && (least == 0 || s < least) {
				least = s
			}
		}
		return least, x.usualWord
	}
	return 0, 0
}

// rare returns the words of a name that are worth a blocking key: the two rarest, the generic ones only when there is nothing else.
func (x *lexicon) rare(n companyName) []word {
	list := slices.Clone(n.words)
	slices.SortFunc(list, func(a, b word) int {
		if x.weight[a] != x.weight[b] {
			if x.weight[a] > x.weight[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(x.words.text(a), x.words.text(b))
	})
	return list[:min(2, len(list))]
}
