package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// bandwidth measures how fast one core reads memory in order, and how many words a second it fetches from all over it: what bounds
// any comparison of records that do not fit the caches.
func (b *bench) bandwidth() {
	const words = 1 << 27 // 512 MiB
	list := make([]uint32, words)
	for i := range list {
		list[i] = uint32(i)
	}
	start, sum := time.Now(), uint32(0)
	for _, v := range list {
		sum += v
	}
	b.add(figure{Name: "memory, in order", Seconds: time.Since(start).Seconds(), Bound: fmt.Sprintf("%.1f GB/s", words*4/time.Since(start).Seconds()/1e9)})
	const fetches = 1 << 24
	start = time.Now()
	for at, i := uint64(1), 0; i < fetches; i++ {
		at = at*6364136223846793005 + 1442695040888963407
		sum += list[at>>(64-27)]
	}
	took := time.Since(start).Seconds()
	b.add(figure{Name: "memory, all over", Seconds: took, Bound: fmt.Sprintf("%.0f M fetches/s, check %d", fetches/took/1e6, sum%10)})
}

// kernels measures bare comparing and weighing on one core, at eight features: all pairs of some records with blocks of others that
// share some of their values, as candidates do.
func (b *bench) kernels(ctx context.Context) error {
	left, right := people(2_000, 1), people(50_000, 2)
	set := feature.New(feature.Person, left, right, feature.Options{})
	if len(set.Comparisons) != 8 {
		return fmt.Errorf("kernels: %d features, want 8", len(set.Comparisons))
	}
	scorer, err := weigh.NewScorer(set, weigh.Defaults(set))
	if err != nil {
		return err
	}
	lookup, batch, weigher := set.Blocks.NewLookup(set.Rules), set.NewBatch(), scorer.NewWeigher()
	measure := func(name string, rows func(l int) []uint32) {
		pairs, kept := int64(0), 0
		start := time.Now()
		for time.Since(start) < 2*time.Second && ctx.Err() == nil {
			for l := range left.Len() {
				rs := rows(l)
				for i, p := range batch.Compare(l, rs) {
					if _, ok := weigher.Weigh(l, int(rs[i]), p, -5); ok {
						kept++
					}
				}
				pairs += int64(len(rs))
			}
		}
		took := time.Since(start).Seconds()
		b.add(figure{Name: name, Seconds: took, CPUSeconds: took, Pairs: pairs, PairsPerCPU: float64(pairs) / took, Bound: "4 M pairs/core s at eight features"})
	}
	measure("find, compare and weigh, 8 features", lookup.Candidates)
	found := make([][]uint32, left.Len())
	for l := range found {
		found[l] = slices.Clone(lookup.Candidates(l))
	}
	measure("compare and weigh, 8 features, candidates", func(l int) []uint32 { return found[l] })
	all := make([]uint32, 1000)
	rnd := rand.New(rand.NewPCG(1, 1))
	measure("compare and weigh, 8 features, random", func(int) []uint32 {
		from := rnd.Uint32N(uint32(right.Len() - len(all)))
		for i := range all {
			all[i] = from + uint32(i)
		}
		return all
	})
	return ctx.Err()
}

// people makes records with eight comparable features from a small world, in which many share a name, a company or a city.
func people(n int, seed uint64) *record.Table {
	rnd := rand.New(rand.NewPCG(seed, 8))
	syllables := []string{"ba", "ke", "li", "mo", "nu", "ra", "so", "ti", "va", "zen", "dor", "man", "ber", "ski", "ton", "ell"}
	word := func(parts, kinds int) string {
		pick := rand.New(rand.NewPCG(uint64(rnd.IntN(kinds)), uint64(parts)))
		s := ""
		for range parts {
			s += syllables[pick.IntN(len(syllables))]
		}
		return s
	}
	cities := []string{"Boston", "Chicago", "Denver", "Seattle", "Austin", "Houston", "Atlanta", "Portland", "Dallas", "Miami"}
	titles := []string{"Chief Executive Officer", "VP Sales", "Software Engineer", "Head of Marketing", "Accountant", "Sales Manager"}
	roles := []schemas.Role{
		schemas.GivenName, schemas.Surname, schemas.Company, schemas.Title, schemas.City, schemas.Country, schemas.PostalCode, schemas.Street, schemas.Email,
	}
	b := record.NewBuilder(roles...)
	for i := range n {
		if err := b.Row(fmt.Sprint(i)); err != nil {
			panic(err) // numbers differ
		}
		given, family, company := word(2, 300), word(3, 3000), word(3, 2000)
		for k, v := range []string{
			given, family, company + " Systems", titles[rnd.IntN(len(titles))], cities[rnd.IntN(len(cities))], "US",
			fmt.Sprintf("%05d", 10000+rnd.IntN(500)), fmt.Sprintf("%d %s Street", 1+rnd.IntN(90), word(2, 400)), given + "." + family + "@" + company + ".com",
		} {
			b.Set(k, v)
		}
	}
	return b.Table()
}
