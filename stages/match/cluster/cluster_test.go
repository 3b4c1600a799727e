package cluster

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type pair [2]string

func seq(pairs []pair) iter.Seq2[string, string] {
	return func(yield func(a, b string) bool) {
		for _, p := range pairs {
			if !yield(p[0], p[1]) {
				return
			}
		}
	}
}

// reference names clusters by passing the smaller name over every link until nothing changes.
func reference(pairs []pair) map[string]string {
	name := map[string]string{}
	for _, p := range pairs {
		name[p[0]], name[p[1]] = p[0], p[1]
	}
	for changed := true; changed; {
		changed = false
		for _, p := range pairs {
			least := min(name[p[0]], name[p[1]])
			if name[p[0]] != least || name[p[1]] != least {
				name[p[0]], name[p[1]], changed = least, least, true
			}
		}
	}
	return name
}

// TestClustersAreComponents holds for random links of every density, in any order.
func TestClustersAreComponents(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		var pairs []pair
		records := 2 + r.IntN(60)
		for range r.IntN(records * 2) {
			pairs = append(pairs, pair{fmt.Sprint("r", r.IntN(records)), fmt.Sprint("r", r.IntN(records))})
		}
		want := reference(pairs)
		for range 3 {
			c := Of(seq(pairs))
			got := map[string]string{}
			for id, name := range c.All() {
				got[id] = name
				if c.Name(id) != name {
					t.Fatalf("round %d: Name(%s) is %s, All says %s", round, id, c.Name(id), name)
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("round %d, %v: %s", round, pairs, d)
			}
			count := map[string]int{}
			for _, name := range want {
				count[name]++
			}
			sizes, wantSizes := c.Sizes(), []int(nil)
			for _, n := range count {
				wantSizes = append(wantSizes, n)
			}
			slices.Sort(sizes)
			slices.Sort(wantSizes)
			if !slices.Equal(sizes, wantSizes) {
				t.Fatalf("round %d: sizes %v, want %v", round, sizes, wantSizes)
			}
			r.Shuffle(len(pairs), func(i, k int) { pairs[i], pairs[k] = pairs[k], pairs[i] })
		}
	}
}

// TestLongChain joins so many records in a row that a search by recursion would be felt.
func TestLongChain(t *testing.T) {
	var c Clusters
	const n = 200_000
	for i := n; i > 0; i-- {
		c.Join(fmt.Sprintf("%06d", i), fmt.Sprintf("%06d", i-1))
	}
	if name := c.Name(fmt.Sprintf("%06d", n)); name != "000000" || !slices.Equal(c.Sizes(), []int{n + 1}) {
		t.Errorf("cluster %s of sizes %v", name, c.Sizes())
	}
	if c.Name("stranger") != "" {
		t.Error("a record without a link has a cluster")
	}
}
