package weigh

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/record"
)

// plainSet compares surnames, titles and places of people; which people does not matter, the tests count patterns themselves.
func plainSet(t testing.TB) *feature.Set {
	t.Helper()
	b := record.NewBuilder(schemas.GivenName, schemas.Surname, schemas.Title, schemas.Company, schemas.City)
	for _, id := range []string{"1", "2"} {
		if err := b.Row(id); err != nil {
			t.Fatal(err)
		}
		for i, v := range []string{"Ann", "Lee", "CEO", "Acme", "Paris"} {
			b.Set(i, v)
		}
	}
	tab := b.Table()
	return feature.New(feature.Person, tab, tab, feature.Options{})
}

// draw makes the patterns of pairs from a model: matches from m, others from u.
func draw(s *feature.Set, m *Model, rnd *rand.Rand, n int, match func() bool) Counts {
	counts := Counts{}
	for range n {
		var p feature.Pattern
		is := match()
		for c, f := range m.Comparisons {
			k := 0
			if at := s.Index(f.Parent); at >= 0 && s.Comparisons[at].Levels[p.Level(at)].Agrees {
				k = 1
			}
			x := rnd.Float64()
			for l := 1; l < len(f.Levels); l++ {
				q := f.Levels[l].U[k]
				if is {
					q = f.Levels[l].M[k]
				}
				if x -= q; x < 0 || l == len(f.Levels)-1 {
					p |= feature.Pattern(l) << (4 * c)
					break
				}
			}
		}
		counts[p]++
	}
	return counts
}

// TestTrainFindsParameters draws pairs from a known model and looks whether training finds it again.
func TestTrainFindsParameters(t *testing.T) {
	s := plainSet(t)
	truth := Defaults(s)
	truth.Prior = 0.002
	for c := range truth.Comparisons {
		levels := truth.Comparisons[c].Levels
		for k := range 2 { // different from the defaults: matches differ more often
			levels[1].M[k] -= 0.2
			levels[len(levels)-1].M[k] += 0.2
		}
	}
	rnd := rand.New(rand.NewPCG(9, 9))
	const n = 2_000_000
	all := draw(s, truth, rnd, n, func() bool { return rnd.Float64() < truth.Prior })
	got := Train(s, Sample{Candidates: all, Total: n, Rows: 4000 * 10, Random: all})
	if !got.Training.Converged {
		t.Errorf("no convergence in %d rounds", got.Training.Iterations)
	}
	if math.Abs(got.Prior/truth.Prior-1) > 0.15 {
		t.Errorf("prior %v, true %v", got.Prior, truth.Prior)
	}
	for c, f := range got.Comparisons {
		want := truth.Comparisons[c].Levels
		for _, l := range []int{1, len(want) - 1} {
			if m := f.Levels[l].M[0]; f.Parent == "" && math.Abs(m-want[l].M[0]) > 0.05 {
				t.Errorf("%s %s: m %.3f, true %.3f", f.Name, f.Levels[l].Name, m, want[l].M[0])
			}
		}
	}
}

func TestTrainIsRepeatable(t *testing.T) {
	s := plainSet(t)
	rnd := rand.New(rand.NewPCG(4, 4))
	counts := draw(s, Defaults(s), rnd, 50_000, func() bool { return rnd.IntN(100) == 0 })
	sample := Sample{Candidates: counts, Total: 50_000, Rows: 500, Random: counts}
	first := Train(s, sample)
	for range 5 {
		copied := Counts{}
		copied.Merge(counts)
		if again := Train(s, Sample{Candidates: copied, Total: 50_000, Rows: 500, Random: copied}); !reflect.DeepEqual(first, again) || again.Fingerprint() != first.Fingerprint() {
			t.Fatal("the same counts gave another model")
		}
	}
	if none := Train(s, Sample{Total: 1, Rows: 1}); !reflect.DeepEqual(none.Comparisons, Defaults(s).Comparisons) {
		t.Error("no pairs gave other than the defaults")
	}
}

func TestPoolMakesRatiosFall(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	for range 1000 {
		levels := make([]Level, 3+rnd.IntN(8))
		var before float64
		for l := 1; l < len(levels); l++ {
			levels[l].M[1], levels[l].U[1] = 0.001+rnd.Float64(), 0.001+rnd.Float64()
			before += levels[l].U[1]
		}
		pool(levels, 1)
		after := 0.0
		for l := 1; l < len(levels); l++ {
			after += levels[l].U[1]
			if l > 1 && levels[l].M[1]/levels[l].U[1] > levels[l-1].M[1]/levels[l-1].U[1]*(1+1e-9) {
				t.Fatalf("level %d weighs more than the one before: %v", l, levels)
			}
		}
		if math.Abs(before-after) > 1e-9 {
			t.Fatalf("u added up to %v, then %v", before, after)
		}
	}
}

func TestModelFile(t *testing.T) {
	s := plainSet(t)
	m := Defaults(s)
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Read(data)
	if err != nil || !reflect.DeepEqual(m, back) || back.Fingerprint() != m.Fingerprint() {
		t.Errorf("read back: %v", err)
	}
	back.Training.Iterations = 7
	if back.Fingerprint() != m.Fingerprint() {
		t.Error("how a model was trained changes its fingerprint")
	}
	back.Prior *= 2
	if back.Fingerprint() == m.Fingerprint() {
		t.Error("another prior has the same fingerprint")
	}
	back.Comparisons[0].Levels[1].U[0] = 0
	broken, err := json.Marshal(back)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{"", "[]", `{"version":1}`, `{"version":2,"prior":2}`, string(broken)} {
		if _, err := Read([]byte(data)); !errors.Is(err, ErrModel) {
			t.Errorf("%.40s: %v, want ErrModel", data, err)
		}
	}
	if _, err := NewScorer(s, &Model{Entity: feature.Company, Prior: 0.1}); !errors.Is(err, ErrModel) {
		t.Errorf("model of a company for people: %v", err)
	}
}

func FuzzReadModel(f *testing.F) {
	f.Add([]byte(`{"version":2,"entity":"person","prior":0.1,"comparisons":[{"name":"surname","levels":[{"name":"missing","m":[0,0],"u":[0,0]},{"name":"exact","m":[1,1],"u":[0.1,0.1]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Read(data)
		if err != nil {
			return
		}
		s := plainSet(t)
		c, err := NewScorer(s, m)
		if err != nil {
			return
		}
		for i := range s.Comparisons {
			if v := c.Part(i, 0, 0, feature.Pattern(0x1111111111111111)); math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%s: part %v", data, v)
			}
		}
	})
}
