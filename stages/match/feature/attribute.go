package feature

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/block"
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

// job is a title.
type job struct {
	rank      uint32
	functions list
}

func titleColumn(t *record.Table, w *words, workers int) *column[job] {
	return derive(t, source{schemas.Title}, workers,
		func(args []string) normalise.Job { return normalise.Title(args[0]) },
		func(j normalise.Job) string {
			if j.Empty() {
				return ""
			}
			return strconv.Itoa(j.Rank) + strings.Join(j.Functions, " ")
		},
		func(c *column[job], j normalise.Job) job {
			var functions []word
			for _, f := range j.Functions {
				functions = append(functions, w.number(f))
			}
			return job{uint32(j.Rank), c.keep(functions)}
		})
}

func titleComparison(left, right *column[job]) *Comparison {
	return &Comparison{
		Name: "title", Levels: titleLevels, Ordered: true, left: left.codes,
		kernel: remembered(func(l, r uint32) uint8 {
			x, y := &left.values[l], &right.values[r]
			a, b := x.functions.in(left.arena), y.functions.in(right.arena)
			switch {
			case x.rank == y.rank && slices.Equal(a, b):
				return 1
			case meet(a, b):
				return 2
			case x.rank == y.rank:
				return 3
			}
			return 4
		}),
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
type address struct {
	sign           compare.Signature // of the street
	number, street word
	key, name      uint64 // hash of number and street, 0 without a number, and of the street alone
}

var streetBound, postalBound = compare.NewBound(0.9), compare.NewBound(1)

func streetColumn(t *record.Table, w *words, workers int) *column[address] {
	return derive(t, source{schemas.Street}, workers,
		func(args []string) [2]string {
			n, words := normalise.Street(args[0])
			return [2]string{n, strings.Join(words, "")} // people write one word or two
		},
		func(a [2]string) string {
			if a[1] == "" {
				return ""
			}
			return a[0] + " " + a[1]
		},
		func(_ *column[address], a [2]string) address {
			v := address{sign: compare.Sign(a[1]), number: w.number(a[0]), street: w.number(a[1]), name: block.Text(a[1])}
			if a[0] != "" {
				v.key = block.Text(a[0] + " " + a[1])
			}
			return v
		})
}

func streetComparison(w *words, left, right *column[address]) *Comparison {
	return &Comparison{
		Name: "street", Levels: streetLevels, Ordered: true, Parent: "place", left: left.codes,
		kernel: simple(func(l, r uint32) uint8 {
			x, y := &left.values[l], &right.values[r]
			same := x.street == y.street
			switch {
			case same && x.number == y.number:
				return 1
			case same:
				return 2
			case (x.number == y.number || x.number == 0 || y.number == 0) && !streetBound.Unlike(&x.sign, &y.sign) &&
				compare.JaroWinkler(w.text(x.street), w.text(y.street)) > 0.9:
				return 3
			}
			return 4
		}),
	}
}

var postalLevels = []Level{
	{Name: missing},
	{"same", 0.75, 0.001, true, true},
	{"close", 0.03, 0.004, false, false},
	{"same area", 0.08, 0.01, false, false},
	{Differs, 0.14, 0.985, false, false},
}

// token is a value of one word, with its first letters where they mean something.
type token struct {
	sign       compare.Signature
	text, head word
	key        uint64 // hash of the text
}

// postalColumn holds postal codes as their country writes them.
func postalColumn(t *record.Table, w *words, workers int) *column[token] {
	if t.Column(schemas.PostalCode) == nil {
		t = t.Without(schemas.Country)
	}
	return tokenColumn(t, w, workers, func(args []string) string {
		if args[0] == "" {
			return ""
		}
		return normalise.PostalCode(args[0], normalise.Place("", "", args[1]).Country)
	}, schemas.PostalCode, schemas.Country)
}

// tokenColumn holds the values of some roles, made one word by normal. Those of four letters and more have the first three as their
// head.
func tokenColumn(t *record.Table, w *words, workers int, normal func(args []string) string, roles ...schemas.Role) *column[token] {
	return derive(t, roles, workers, normal, func(s string) string { return s },
		func(_ *column[token], s string) token {
			v := token{sign: compare.Sign(s), text: w.number(s), key: block.Text(s)}
			if len(s) >= 4 {
				v.head = w.number(s[:3])
			}
			return v
		})
}

func postalComparison(w *words, left, right *column[token], of Usual) *Comparison {
	counts, rows := make([]float64, len(right.counts)), 0.0
	most := word(0)
	for i := 1; i < len(counts); i++ {
		counts[i] = float64(right.counts[i])
		rows += counts[i]
		most = max(most, right.values[i].text)
	}
	byText := make([]float32, most+1)
	for i, share := range plain(counts, rows) {
		byText[right.values[i].text] = share
	}
	codes := newShares(byText)
	often := of.set("postal code", usual(left, func(v *token) float64 { return codes.of(v.text) }))
	return &Comparison{
		Name: "postal_code", Levels: postalLevels, Ordered: true, Parent: "place", left: left.codes,
		kernel: simple(func(l, r uint32) uint8 {
			x, y := &left.values[l], &right.values[r]
			switch {
			case x.text == y.text:
				return 1
			case x.sign.Len > 3 && y.sign.Len > 3 && !postalBound.Unlike(&x.sign, &y.sign) && compare.OneEdit(w.text(x.text), w.text(y.text)):
				return 2
			case x.head != 0 && x.head == y.head:
				return 3
			}
			return 4
		}),
		surprise: func(_, b uint32, _ uint8, _ word) float64 { return codes.surprise(right.values[b].text, *often) },
	}
}

var tickerLevels = []Level{
	{Name: missing},
	{"same", 0.90, 0.00001, true, false},
	{Differs, 0.10, 1, false, false},
}

func tickerComparison(left, right *column[token]) *Comparison {
	return &Comparison{
		Name: "ticker", Levels: tickerLevels, Ordered: true, left: left.codes,
		kernel: simple(func(l, r uint32) uint8 {
			if left.values[l].text == right.values[r].text {
				return 1
			}
			return 2
		}),
	}
}

var industryLevels = []Level{
	{Name: missing},
	{"same", 0.55, 0.06, false, false},
	{"shares a word", 0.15, 0.05, false, false},
	{Differs, 0.30, 0.89, false, false},
}

// phrase is a text and its significant words.
type phrase struct {
	text  word
	words list
}

func industryColumn(t *record.Table, w *words, workers int) *column[phrase] {
	return derive(t, source{schemas.Industry}, workers, func(args []string) string { return fold.Text(args[0]) }, func(s string) string { return s },
		func(c *column[phrase], s string) phrase {
			var telling []word
			for _, f := range strings.Fields(s) {
				if len(f) >= 4 && f != "services" && f != "other" {
					telling = append(telling, w.number(f))
				}
			}
			return phrase{w.number(s), c.keep(telling)}
		})
}

func industryComparison(left, right *column[phrase]) *Comparison {
	return &Comparison{
		Name: "industry", Levels: industryLevels, Ordered: true, left: left.codes,
		kernel: remembered(func(l, r uint32) uint8 {
			x, y := &left.values[l], &right.values[r]
			switch {
			case x.text == y.text:
				return 1
			case meet(x.words.in(left.arena), y.words.in(right.arena)):
				return 2
			}
			return 3
		}),
	}
}

var sizeLevels = []Level{
	{Name: missing},
	{"within 10%", 0.35, 0.03, false, false},
	{"within 30%", 0.30, 0.07, false, false},
	{"within factor 2", 0.22, 0.20, false, false},
	{"within factor 5", 0.09, 0.32, false, false},
	{Differs, 0.04, 0.38, false, false},
}

// sizeColumn holds the logarithms of numbers of employees.
func sizeColumn(t *record.Table, workers int) *column[float64] {
	return derive(t, source{schemas.Employees}, workers,
		func(args []string) float64 {
			n, err := strconv.ParseFloat(strings.NewReplacer(",", "", " ", "").Replace(args[0]), 64)
			if err != nil || n < 1 || math.IsInf(n, 0) {
				return 0
			}
			return n
		},
		func(n float64) string {
			if n == 0 {
				return ""
			}
			return strconv.FormatFloat(n, 'g', -1, 64)
		},
		func(_ *column[float64], n float64) float64 { return math.Log(n) })
}

func sizeComparison(left, right *column[float64]) *Comparison {
	limits := []float64{math.Log(1.1), math.Log(1.3), math.Log(2), math.Log(5)}
	return &Comparison{
		Name: "employees", Levels: sizeLevels, Ordered: true, left: left.codes,
		kernel: simple(func(a, b uint32) uint8 {
			d := math.Abs(left.values[a] - right.values[b])
			for i, limit := range limits {
				if d <= limit {
					return uint8(i + 1)
				}
			}
			return uint8(len(limits) + 1)
		}),
	}
}
