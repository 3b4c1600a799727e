package roi

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestTableNumbersTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	table, want := newTable(), map[string]int32{}
	for range 20_000 {
		s := fmt.Sprint(r.IntN(9000))
		if r.IntN(50) == 0 {
			s = ""
		}
		if _, ok := want[s]; !ok {
			if got := table.find(s); got != -1 {
				t.Fatalf("%q is found before it was added, as %d", s, got)
			}
			want[s] = int32(len(want))
		}
		if got := table.add(s); got != want[s] || table.find(s) != want[s] || table.at(got) != s {
			t.Fatalf("%q: added as %d, found as %d, want %d", s, got, table.find(s), want[s])
		}
	}
	if table.len() != len(want) {
		t.Errorf("%d texts, want %d", table.len(), len(want))
	}
}

func TestEdges(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	var e edges
	want := map[int32][]int32{}
	const things = 50
	for range 500 {
		from, to := r.Int32N(things), r.Int32N(things)
		e.add(from, to)
		want[from] = append(want[from], to)
	}
	e.seal(things + 1)
	for i := range int32(things + 1) {
		if !slices.Equal(e.of(i), want[i]) {
			t.Errorf("from %d: got %v, want %v", i, e.of(i), want[i])
		}
	}
}
