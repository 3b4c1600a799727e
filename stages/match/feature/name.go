package feature

import (
	"slices"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/reference"
)

// Levels of given names and surnames.
const (
	givenExact = 1 + iota
	givenNickname
	givenMiddle
	givenClose
	givenInitial
	givenSwapped
	givenDiffers
)

const (
	surnameExact = 1 + iota
	surnamePart
	surnameClose
	surnameSimilar
	surnameSwapped
	surnameDiffers
)

var givenLevels = []Level{
	{Name: missing},
	{"exact", 0.78, 0.006, true, true},
	{"nickname", 0.08, 0.003, true, true},
	{"middle", 0.03, 0.004, true, true},
	{"close", 0.04, 0.006, true, false},
	{"initial", 0.02, 0.006, true, false},
	{"swapped", 0.01, 0.00002, true, false},
	{Differs, 0.03, 0.97, false, false},
}

var surnameLevels = []Level{
	{Name: missing},
	{"exact", 0.90, 0.0008, true, true},
	{"part", 0.02, 0.0008, true, true},
	{"close", 0.04, 0.001, true, false},
	{"similar", 0.008, 0.01, false, false},
	{"swapped", 0.01, 0.00002, true, false},
	{Differs, 0.02, 0.985, false, false},
}

// givenValue is a given name.
type givenValue struct {
	words  []word
	joined word   // all words as one
	lead   word   // the first word that is not an initial; 0 when there are only initials
	first  byte   // first letter of the first word
	formal []word // what lead is short for, and lead
	bare   word
}

// familyValue is a surname.
type familyValue struct {
	words  []word
	joined word
	bare   word
	bares  []word // of the words
}

// completeNames returns the columns of given names and surnames, filled from full names where they are missing.
func completeNames(t *record.Table) *record.Table {
	given, family, full := t.Column(schemas.GivenName), t.Column(schemas.Surname), t.Column(schemas.FullName)
	if full == nil {
		return t
	}
	needed := false
	for row := range t.Len() {
		if full.Codes[row] != 0 && (given == nil || given.Codes[row] == 0 || family == nil || family.Codes[row] == 0) {
			needed = true
			break
		}
	}
	if !needed {
		return t
	}
	b := record.NewBuilder(schemas.GivenName, schemas.Surname)
	for row := range t.Len() {
		if err := b.Row(t.ID(row)); err != nil {
			panic(err) // ids of a table are unique
		}
		g, f := t.Value(row, schemas.GivenName), t.Value(row, schemas.Surname)
		if g == "" || f == "" {
			if p := normalise.Name(g, f, full.Value(row)); len(p.Surname) > 0 {
				g, f = strings.Join(p.Given, " "), strings.Join(p.Surname, " ")
			}
		}
		b.Set(0, g)
		b.Set(1, f)
	}
	return t.With(b.Table())
}

func givenColumn(t *record.Table, w *words, workers int) column[givenValue] {
	return derive(t, source{schemas.GivenName}, workers,
		func(args []string) []string { return normalise.Given(args[0]) },
		func(list []string) (string, givenValue) {
			if len(list) == 0 {
				return "", givenValue{}
			}
			v := givenValue{words: w.numbers(list), joined: w.number(strings.Join(list, "")), first: list[0][0]}
			for _, s := range list {
				if len(s) > 1 {
					v.lead, v.formal = w.number(s), w.formal(s)
					v.bare = w.bare(v.lead)
					break
				}
			}
			return strings.Join(list, " "), v
		})
}

func familyColumn(t *record.Table, w *words, workers int) column[familyValue] {
	return derive(t, source{schemas.Surname}, workers,
		func(args []string) []string { return normalise.Surname(args[0]) },
		func(list []string) (string, familyValue) {
			if len(list) == 0 {
				return "", familyValue{}
			}
			joined := strings.Join(list, "")
			v := familyValue{words: w.numbers(list), joined: w.number(joined)}
			v.bare = w.bare(v.joined)
			for _, n := range v.words {
				v.bares = append(v.bares, w.bare(n))
			}
			return joined, v
		})
}

// population is how many rows the surname shares of the census weigh.
const population = 200

// bearers counts, per word, the rows that bear it.
func bearers[V any](w *words, c column[V], words func(v *V, add func(word))) (counts []float64, rows float64) {
	counts = make([]float64, w.dict.Len())
	for i := 1; i < len(c.values); i++ {
		n := float64(c.counts[i])
		rows += n
		words(&c.values[i], func(x word) { counts[x] += n })
	}
	return counts, rows
}

// nameComparisons compares given names and surnames.
func nameComparisons(s *Set, w *words, left, right *record.Table, o Options) (*swapped, [2]column[givenValue], [2]column[familyValue]) {
	lg, rg := givenColumn(left, w, o.Workers), givenColumn(right, w, o.Workers)
	lf, rf := familyColumn(left, w, o.Workers), familyColumn(right, w, o.Workers)
	counts, rows := bearers(w, rg, func(v *givenValue, add func(word)) {
		for _, x := range v.words {
			add(x)
		}
	})
	givenShare := plain(counts, rows)
	counts, rows = bearers(w, rf, func(v *familyValue, add func(word)) {
		add(v.joined)
		if len(v.words) > 1 {
			for _, x := range v.words {
				add(x)
			}
		}
	})
	familyShare := discounted(counts, rows, population, func(x int) float64 { return reference.SurnameShare(w.text(word(x))) })

	usualGiven := usual(lg, func(v *givenValue) float64 { return at(givenShare, v.lead) })
	usualFamily := usual(lf, func(v *familyValue) float64 { return at(familyShare, v.joined) })
	given := &Comparison{
		Name: "given_name", Levels: givenLevels, left: lg.codes, right: rg.codes, costly: true,
		kernel: func(l, r uint32) uint8 { return compareGiven(w, &lg.values[l], &rg.values[r]) },
		share: func(l, r uint32, level uint8) (float64, float64) {
			a, b := &lg.values[l], &rg.values[r]
			if level == givenMiddle && a.lead != b.lead {
				for _, x := range a.words {
					if len(w.text(x)) > 1 && slices.Contains(b.words, x) {
						return givenShare[x], usualGiven
					}
				}
			}
			return givenShare[b.lead], usualGiven
		},
	}
	family := &Comparison{
		Name: "surname", Levels: surnameLevels, left: lf.codes, right: rf.codes, costly: true,
		kernel: func(l, r uint32) uint8 { return compareSurnames(w, &lf.values[l], &rf.values[r]) },
		share: func(l, r uint32, level uint8) (float64, float64) {
			a, b := &lf.values[l], &rf.values[r]
			if level == surnamePart {
				for _, x := range a.words {
					if slices.Contains(b.words, x) {
						return familyShare[x], usualFamily
					}
				}
			}
			return familyShare[b.joined], usualFamily
		},
	}
	s.Comparisons = append(s.Comparisons, given, family)
	var swap *swapped
	if !given.Missing() && !family.Missing() {
		swap = &swapped{
			given: s.Index("given_name"), surname: s.Index("surname"), givenDiffers: givenDiffers, surDiff: surnameDiffers,
			givenSwapped: givenSwapped, surSwap: surnameSwapped, leftGiven: lg, rightGiven: rg, leftFamily: lf, rightFamil: rf,
		}
	}
	return swap, [2]column[givenValue]{lg, rg}, [2]column[familyValue]{lf, rf}
}

// at returns the share of a word, 0 for one that came after the shares were counted.
func at(shares []float64, n word) float64 {
	if int(n) < len(shares) {
		return shares[n]
	}
	return 0
}
