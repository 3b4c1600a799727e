package compare

import (
	"math"
	"testing"
)

// TestJaroWinkler checks the values published by Winkler (1990) and later authors for these pairs.
func TestJaroWinkler(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"martha", "marhta", 0.961},
		{"dwayne", "duane", 0.840},
		{"dixon", "dicksonx", 0.813},
		{"jones", "johnson", 0.832},
		{"abroms", "abrams", 0.922},
		{"shackleford", "shackelford", 0.982},
		{"abc", "xyz", 0},
		{"", "", 1},
		{"a", "", 0},
		{"smith", "smith", 1},
	} {
		if got := JaroWinkler(c.a, c.b); math.Abs(got-c.want) > 0.0006 {
			t.Errorf("JaroWinkler(%s, %s) = %.4f, want %.3f", c.a, c.b, got, c.want)
		}
	}
}

// osa is the optimal string alignment distance, by the book.
func osa(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range len(b) + 1 {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func FuzzWords(f *testing.F) {
	f.Add("smith", "smiht")
	f.Add("a", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 80 || len(b) > 80 {
			return
		}
		if got, want := OneEdit(a, b), osa(a, b) <= 1; got != want {
			t.Errorf("OneEdit(%q, %q) = %v, distance %d", a, b, got, osa(a, b))
		}
		s := JaroWinkler(a, b)
		if s < 0 || s > 1 || a == b && s != 1 {
			t.Errorf("JaroWinkler(%q, %q) = %v", a, b, s)
		}
	})
}

func BenchmarkJaroWinkler(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		JaroWinkler("shackleford", "shackelford")
	}
}
