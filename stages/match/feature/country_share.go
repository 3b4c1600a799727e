package feature

import (
	"math"
	"slices"

	"github.com/crmsync/crmsync/stages/match/arrays"
)

// local knows names that are commoner in a country than elsewhere. People of one country share names: agreeing on `Noah Schneider`
// says less of two Germans than the names' shares among all records do.
type local struct {
	// keys are countries and words, placed by hash in a list whose length is a power of two; 0 is free.
	keys []uint64
	bits []float32 // -log2 of the share among the country's rows
}

// leastBearers is how many rows of a country must bear a name for its share there to count, and localPrior how many rows the name's
// share among all records weighs against those of the country.
const (
	leastBearers = 3
	localPrior   = 200
)

// in returns -log2 of the share of a word's bearers in a country, or of all rows when it is not known to be commoner there.
func (x *local) in(country, w word, everywhere float32) float32 {
	if country == 0 || len(x.keys) == 0 {
		return everywhere
	}
	key := uint64(country)<<32 | uint64(w)
	if at := slotOf(x.keys, key); x.keys[at] == key {
		return min(everywhere, x.bits[at])
	}
	return everywhere
}

// slotOf returns where a key is in a list that is placed by hash, or where it would go.
func slotOf(keys []uint64, key uint64) int {
	mask := len(keys) - 1
	at := int(key*0x9E3779B97F4A7C15>>20) & mask
	for keys[at] != 0 && keys[at] != key {
		at = (at + 1) & mask
	}
	return at
}

// mostCounters bounds the memory of localShares: so many counters are held at a time.
const mostCounters = 16 << 20

// localShares counts the bearers of names by country. bearer returns the word that a value stands for, 0 for none.
func localShares(names []uint32, values int, places *column[location], everywhere shares, bearer func(value uint32) word) local {
	var out local
	if names == nil || places.codes == nil {
		return out
	}
	// Countries are few, so they are numbered anew, 0 for an unknown one.
	numbers, countries := map[word]uint16{0: 0}, []word{0}
	at := make([]uint16, len(places.values))
	for i := range places.values {
		country := places.values[i].country
		if _, known := numbers[country]; !known {
			numbers[country] = uint16(len(countries))
			countries = append(countries, country)
		}
		at[i] = numbers[country]
	}
	people := make([]float64, len(countries))
	for _, place := range places.codes {
		people[at[place]]++
	}
	bearers := map[uint64]uint32{} // by country and word
	counts := arrays.Make[uint32](min(values, max(1, mostCounters/len(countries))) * len(countries))
	for begin := 0; begin < values; begin += len(counts) / len(countries) {
		clear(counts)
		for row, name := range names {
			if v := (int(name) - begin) * len(countries); v >= 0 && v < len(counts) {
				counts[v+int(at[places.codes[row]])]++
			}
		}
		for i, n := range counts {
			country := countries[i%len(countries)]
			if n == 0 || country == 0 {
				continue
			}
			if w := bearer(uint32(begin + i/len(countries))); w != 0 {
				bearers[uint64(country)<<32|uint64(w)] += n
			}
		}
	}
	share := func(key uint64) float64 {
		return (float64(bearers[key]) - 1 + localPrior*everywhere.of(word(key))) / (people[numbers[word(key>>32)]] + localPrior)
	}
	var kept []uint64
	for key, n := range bearers {
		if n >= leastBearers && share(key) > everywhere.of(word(key)) {
			kept = append(kept, key)
		}
	}
	// What is kept is placed in order, so that where it goes does not depend on chance.
	slices.Sort(kept)
	size := 1
	for size < 2*len(kept) {
		size *= 2
	}
	out.keys, out.bits = make([]uint64, size), make([]float32, size)
	for _, key := range kept {
		to := slotOf(out.keys, key)
		out.keys[to], out.bits[to] = key, float32(-math.Log2(share(key)))
	}
	return out
}
