package feature

import (
	"github.com/crmsync/crmsync/stages/match/reference"
)

// population is how many rows the surname shares of the census weigh.
const population = 200

// shareTable holds the shares of the right side's rows that bear a word of a name, by word.
type shareTable struct {
	given, family           shares
	localGiven, localFamily local
}

func shareNames(w *words, given *column[givenValue], family *column[familyValue], place *column[location]) shareTable {
	counts, rows := bearers(w, given, func(v *givenValue, add func(word)) {
		for _, x := range v.words.in(given.arena) {
			add(x)
		}
	})
	var s shareTable
	s.given = newShares(plain(counts, rows))
	counts, rows = bearers(w, family, func(v *familyValue, add func(word)) {
		add(v.joined)
		if v.words.n > 1 {
			for _, x := range v.words.in(family.arena) {
				add(x)
			}
		}
	})
	s.family = newShares(discounted(counts, rows, population, func(x int) float64 { return reference.SurnameShare(w.text(word(x))) }))
	s.localGiven = localShares(given.codes, len(given.values), place, s.given, func(v uint32) word { return given.values[v].lead })
	s.localFamily = localShares(family.codes, len(family.values), place, s.family, func(v uint32) word { return family.values[v].joined })
	return s
}

// bearers counts, per word, the rows that bear it.
func bearers[V any](w *words, c *column[V], words func(v *V, add func(word))) (counts []float64, rows float64) {
	counts = make([]float64, w.len())
	for i := 1; i < len(c.values); i++ {
		n := float64(c.counts[i])
		rows += n
		words(&c.values[i], func(x word) { counts[x] += n })
	}
	return counts, rows
}

// nameComparisons compares given names and surnames.
func nameComparisons(s *Set, w *words, table shareTable, givens [2]*column[givenValue], families [2]*column[familyValue]) {
	usualGiven := s.usual.set("given name", usual(givens[0], func(v *givenValue) float64 { return table.given.of(v.lead) }))
	usualFamily := s.usual.set("surname", usual(families[0], func(v *familyValue) float64 { return table.family.of(v.joined) }))
	lg, rg, lf, rf := givens[0], givens[1], families[0], families[1]
	surnames := surnameKernel{w, lf, rf}
	s.Comparisons = append(s.Comparisons,
		&Comparison{
			Name: "given_name", Levels: givenLevels, left: lg.codes, kernel: givenKernel{w, lg, rg},
			surprise: func(l, r uint32, level uint8, country word) float64 {
				a, b := &lg.values[l], &rg.values[r]
				if level == givenMiddle && a.lead != b.lead {
					for _, x := range a.words.in(lg.arena) {
						for _, y := range b.words.in(rg.arena) {
							if x == y && len(w.text(x)) > 1 {
								return table.given.surpriseIn(&table.localGiven, country, x, *usualGiven)
							}
						}
					}
				}
				return table.given.surpriseIn(&table.localGiven, country, b.lead, *usualGiven)
			},
		},
		&Comparison{
			Name: "surname", Levels: surnameLevels, left: lf.codes, kernel: surnames,
			surprise: func(l, r uint32, level uint8, country word) float64 {
				a, b := &lf.values[l], &rf.values[r]
				if level == surnamePart {
					if x, ok := surnames.common(a, b); ok {
						return table.family.surpriseIn(&table.localFamily, country, x, *usualFamily)
					}
				}
				return table.family.surpriseIn(&table.localFamily, country, b.joined, *usualFamily)
			},
		})
	s.swap = &swapped{set: s, w: w, givens: givens, families: families}
}
