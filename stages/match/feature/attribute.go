package feature

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/compare"
	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/normalise"
	"github.com/crmsync/crmsync/stages/match/record"
)

var titleLevels = []Level{
	{Name: missing},
	{"same", 0.50, 0.03, true, false},
	{"same function", 0.22, 0.06, false, false},
	{"same rank", 0.10, 0.16, false, false},
	{Differs, 0.18, 0.75, false, false},
}

func titleComparison(left, right *record.Table, workers int) *Comparison {
	read := func(t *record.Table) column[normalise.Job] {
		return derive(t, source{schemas.Title}, workers,
			func(args []string) normalise.Job { return normalise.Title(args[0]) },
			func(j normalise.Job) (string, normalise.Job) {
				if j.Empty() {
					return "", j
				}
				return strconv.Itoa(j.Rank) + strings.Join(j.Functions, " "), j
			})
	}
	l, r := read(left), read(right)
	return &Comparison{
		Name: "title", Levels: titleLevels, Ordered: true, left: l.codes, right: r.codes, costly: true,
		kernel: func(a, b uint32) uint8 {
			x, y := &l.values[a], &r.values[b]
			switch {
			case x.Rank == y.Rank && slices.Equal(x.Functions, y.Functions):
				return 1
			case common(x.Functions, y.Functions):
				return 2
			case x.Rank == y.Rank:
				return 3
			}
			return 4
		},
	}
}

var streetLevels = []Level{
	{Name: missing},
	{"same", 0.55, 0.00002, true, false},
	{"same street", 0.12, 0.0005, true, false},
	{"close", 0.08, 0.0005, true, false},
	{Differs, 0.25, 0.999, false, false},
}

// address is a street address.
type address struct{ number, street string }

func streetColumn(t *record.Table, workers int) column[address] {
	return derive(t, source{schemas.Street}, workers,
		func(args []string) address {
			n, words := normalise.Street(args[0])
			return address{n, strings.Join(words, " ")}
		},
		func(a address) (string, address) {
			if a.street == "" {
				return "", a
			}
			return a.number + " " + a.street, a
		})
}

func streetComparison(left, right *record.Table, workers int) (*Comparison, [2]column[address]) {
	l, r := streetColumn(left, workers), streetColumn(right, workers)
	return &Comparison{
		Name: "street", Levels: streetLevels, Ordered: true, Parent: "place", left: l.codes, right: r.codes, costly: true,
		kernel: func(a, b uint32) uint8 {
			x, y := &l.values[a], &r.values[b]
			same := x.street == y.street
			switch {
			case same && x.number == y.number:
				return 1
			case same:
				return 2
			case (x.number == y.number || x.number == "" || y.number == "") && compare.JaroWinkler(x.street, y.street) > 0.9:
				return 3
			}
			return 4
		},
	}, [2]column[address]{l, r}
}

var postalLevels = []Level{
	{Name: missing},
	{"same", 0.75, 0.001, true, true},
	{"same area", 0.10, 0.01, false, false},
	{Differs, 0.15, 0.989, false, false},
}

func textColumn(t *record.Table, role schemas.Role, workers int, normal func(string) string) column[string] {
	return derive(t, source{role}, workers, func(args []string) string { return normal(args[0]) },
		func(s string) (string, string) { return s, s })
}

func postalComparison(left, right *record.Table, workers int) (*Comparison, [2]column[string]) {
	l, r := textColumn(left, schemas.PostalCode, workers, normalise.PostalCode), textColumn(right, schemas.PostalCode, workers, normalise.PostalCode)
	counts, rows := make([]float64, len(r.counts)), 0.0
	for i := 1; i < len(counts); i++ {
		counts[i] = float64(r.counts[i])
		rows += counts[i]
	}
	codes := plain(counts, rows)
	byCode := map[string]float64{}
	for i := 1; i < len(r.values); i++ {
		byCode[r.values[i]] = codes[i]
	}
	often := usual(l, func(v *string) float64 { return byCode[*v] })
	return &Comparison{
		Name: "postal_code", Levels: postalLevels, Ordered: true, Parent: "place", left: l.codes, right: r.codes,
		kernel: func(a, b uint32) uint8 {
			x, y := l.values[a], r.values[b]
			switch {
			case x == y:
				return 1
			case len(x) >= 4 && len(y) >= 4 && x[:3] == y[:3]:
				return 2
			}
			return 3
		},
		share: func(_, b uint32, _ uint8) (float64, float64) { return codes[b], often },
	}, [2]column[string]{l, r}
}

var tickerLevels = []Level{
	{Name: missing},
	{"same", 0.90, 0.00001, true, false},
	{Differs, 0.10, 1, false, false},
}

func tickerComparison(left, right *record.Table, workers int) (*Comparison, [2]column[string]) {
	l, r := textColumn(left, schemas.Ticker, workers, normalise.Ticker), textColumn(right, schemas.Ticker, workers, normalise.Ticker)
	return &Comparison{
		Name: "ticker", Levels: tickerLevels, Ordered: true, left: l.codes, right: r.codes,
		kernel: func(a, b uint32) uint8 {
			if l.values[a] == r.values[b] {
				return 1
			}
			return 2
		},
	}, [2]column[string]{l, r}
}

var industryLevels = []Level{
	{Name: missing},
	{"same", 0.55, 0.06, false, false},
	{"shares a word", 0.15, 0.05, false, false},
	{Differs, 0.30, 0.89, false, false},
}

func industryComparison(left, right *record.Table, workers int) *Comparison {
	l, r := textColumn(left, schemas.Industry, workers, fold.Text), textColumn(right, schemas.Industry, workers, fold.Text)
	return &Comparison{
		Name: "industry", Levels: industryLevels, Ordered: true, left: l.codes, right: r.codes, costly: true,
		kernel: func(a, b uint32) uint8 {
			x, y := l.values[a], r.values[b]
			switch {
			case x == y:
				return 1
			case common(significant(x), significant(y)):
				return 2
			}
			return 3
		},
	}
}

func significant(s string) []string {
	return slices.DeleteFunc(strings.Fields(s), func(w string) bool { return len(w) < 4 || w == "services" || w == "other" })
}

var sizeLevels = []Level{
	{Name: missing},
	{"within 10%", 0.35, 0.03, false, false},
	{"within 30%", 0.30, 0.07, false, false},
	{"within factor 2", 0.22, 0.20, false, false},
	{"within factor 5", 0.09, 0.32, false, false},
	{Differs, 0.04, 0.38, false, false},
}

func sizeComparison(left, right *record.Table, workers int) *Comparison {
	read := func(t *record.Table) column[float64] {
		return derive(t, source{schemas.Employees}, workers,
			func(args []string) float64 {
				n, err := strconv.ParseFloat(strings.NewReplacer(",", "", " ", "").Replace(args[0]), 64)
				if err != nil || n < 1 || math.IsInf(n, 0) {
					return 0
				}
				return n
			},
			func(n float64) (string, float64) {
				if n == 0 {
					return "", 0
				}
				return strconv.FormatFloat(n, 'g', -1, 64), math.Log(n)
			})
	}
	l, r := read(left), read(right)
	limits := []float64{math.Log(1.1), math.Log(1.3), math.Log(2), math.Log(5)}
	return &Comparison{
		Name: "employees", Levels: sizeLevels, Ordered: true, left: l.codes, right: r.codes,
		kernel: func(a, b uint32) uint8 {
			d := math.Abs(l.values[a] - r.values[b])
			for i, limit := range limits {
				if d <= limit {
					return uint8(i + 1)
				}
			}
			return uint8(len(limits) + 1)
		},
	}
}
