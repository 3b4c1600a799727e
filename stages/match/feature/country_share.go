package feature

import (
	"math"
	"slices"
)

// local knows names that are commoner in a country than elsewhere. People of one country share names: agreeing on `Noah Schneider`
// says less of two Germans than the names' shares among all records do.
type local struct {
	keys []uint64  // country and word, ascending
	bits []float32 // -log2 of the share among the country's rows
}

// leastBearers is how many rows of a country must bear a name for its share there to count, and localPrior how many rows the name's
// share among all records weighs against those of the country.
const (
	leastBearers = 3
	localPrior   = 200
)

// bits returns -log2 of the share of a word's bearers in a country, or of all rows when it is not known to be commoner there.
func (x *local) in(country, w word, everywhere float32) float32 {
	at, ok := slices.BinarySearch(x.keys, uint64(country)<<32|uint64(w))
	if !ok {
		return everywhere
	}
	return min(everywhere, x.bits[at])
}

// localShares counts the bearers of words by country. name returns the words that a row bears.
func localShares(rows int, place *column[location], everywhere shares, name func(row int, add func(word))) local {
	var out local
	if place.codes == nil {
		return out
	}
	slots := make([]uint64, 1<<16) // open addressing
	counts := make([]uint32, len(slots))
	used := 0
	find := func(key uint64) int {
		mask := len(slots) - 1
		at := int(key*0x9E3779B97F4A7C15>>20) & mask
		for slots[at] != 0 && slots[at] != key {
			at = (at + 1) & mask
		}
		return at
	}
	people := map[word]float64{}
	for row := range rows {
		country := place.values[place.codes[row]].country
		if country == 0 {
			continue
		}
		people[country]++
		name(row, func(w word) {
			key := uint64(country)<<32 | uint64(w)
			at := find(key)
			if slots[at] == 0 {
				if used++; 2*used > len(slots) {
					oldSlots, oldCounts := slots, counts
					slots, counts = make([]uint64, 4*len(oldSlots)), make([]uint32, 4*len(oldSlots))
					for i, k := range oldSlots {
						if k != 0 {
							to := find(k)
							slots[to], counts[to] = k, oldCounts[i]
						}
					}
					at = find(key)
				}
				slots[at] = key
			}
			counts[at]++
		})
	}
	type entry struct {
		key  uint64
		bits float32
	}
	var list []entry
	for i, key := range slots {
		if n := float64(counts[i]); n >= leastBearers {
			w := word(key)
			share := (n - 1 + localPrior*everywhere.of(w)) / (people[word(key>>32)] + localPrior)
			if share > everywhere.of(w) {
				list = append(list, entry{key, float32(-math.Log2(share))})
			}
		}
	}
	slices.SortFunc(list, func(a, b entry) int {
		if a.key < b.key {
			return -1
		}
		return 1
	})
	for _, e := range list {
		out.keys, out.bits = append(out.keys, e.key), append(out.bits, e.bits)
	}
	return out
}
