package feature

import (
	"strings"
	"time"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/compare"
	"github.com/crmsync/crmsync/stages/match/fold"
	"github.com/crmsync/crmsync/stages/match/record"
)

// These comparisons serve files that have more to say than a CRM: birthdays, numbers given by an office, anything else.

var dateLevels = []Level{
	{Name: missing},
	{"same", 0.88, 0.0001, true, false},
	{"day and month swapped", 0.02, 0.00005, true, false},
	{"one part differs", 0.06, 0.004, false, false},
	{"one digit differs", 0.02, 0.003, false, false},
	{Differs, 0.02, 0.993, false, false},
}

// day is a date, and the text of its eight digits.
type day struct {
	digits     word
	year       uint16
	month, day uint8
}

// dateLayouts are the ways of writing a date that leave no doubt which number is what.
var dateLayouts = []string{"20060102", time.DateOnly, "2006/01/02", "2006.01.02", time.RFC3339, time.DateTime, "2 Jan 2006", "Jan 2, 2006", "02.01.2006"}

// readDate returns the eight digits of a date, "" when it is none. Eight digits that are no date (a month 13) are taken as they are:
// they may be a date with an error.
func readDate(s string) string {
	s = strings.TrimSpace(s)
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format("20060102")
		}
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(digits) == 8 && len(s) <= 10 {
		return digits
	}
	return ""
}

func dateColumn(t *record.Table, w *words, workers int) *column[day] {
	return derive(t, source{schemas.Day}, workers, func(args []string) string { return readDate(args[0]) }, func(s string) string { return s },
		func(_ *column[day], s string) day {
			number := func(part string) (n uint16) {
				for i := range len(part) {
					n = n*10 + uint16(part[i]-'0')
				}
				return n
			}
			return day{digits: w.number(s), year: number(s[:4]), month: uint8(number(s[4:6])), day: uint8(number(s[6:]))}
		})
}

func dateComparison(w *words, left, right *column[day]) *Comparison {
	return &Comparison{
		Name: "date", Levels: dateLevels, Ordered: true, left: left.codes,
		kernel: simple(func(l, r uint32) uint8 {
			a, b := &left.values[l], &right.values[r]
			parts := 0
			for _, same := range [3]bool{a.year == b.year, a.month == b.month, a.day == b.day} {
				if same {
					parts++
				}
			}
			switch {
			case parts == 3:
				return 1
			case a.year == b.year && a.month == b.day && a.day == b.month:
				return 2
			case parts == 2:
				return 3
			case parts > 0 && differing(w.text(a.digits), w.text(b.digits)) <= 2:
				return 4
			}
			return 5
		}),
	}
}

// differing counts the places at which two texts of one length differ.
func differing(s, t string) (n int) {
	for i := range min(len(s), len(t)) {
		if s[i] != t[i] {
			n++
		}
	}
	return n
}

var codeLevels = []Level{
	{Name: missing},
	{"same", 0.90, 0.000001, true, false},
	{"close", 0.08, 0.00001, true, false},
	{Differs, 0.02, 0.99999, false, false},
}

func readCode(s string) string { return strings.ReplaceAll(fold.Text(s), " ", "") }

func codeComparison(w *words, left, right *column[token]) *Comparison {
	return &Comparison{
		Name: "code", Levels: codeLevels, Ordered: true, left: left.codes,
		kernel: simple(func(l, r uint32) uint8 {
			x, y := &left.values[l], &right.values[r]
			switch {
			case x.text == y.text:
				return 1
			case x.sign.Len > 4 && y.sign.Len > 4 && compare.OneEdit(w.text(x.text), w.text(y.text)):
				return 2
			}
			return 3
		}),
	}
}

var textLevels = []Level{
	{Name: missing},
	{"same", 0.80, 0.01, true, false},
	{"close", 0.08, 0.005, true, false},
	{"shares a word", 0.05, 0.05, false, false},
	{Differs, 0.07, 0.935, false, false},
}

var textBound = compare.NewBound(0.9)

// text is a folded text: its number, and those of its words.
type text struct {
	sign  compare.Signature
	words list
}

func textColumn(t *record.Table, w *words, workers int) *column[text] {
	return derive(t, source{schemas.Text}, workers, func(args []string) string { return fold.Text(args[0]) }, func(s string) string { return s },
		func(c *column[text], s string) text {
			own := []word{w.number(s)}
			for _, f := range strings.Fields(s) {
				if len(f) > 2 {
					own = append(own, w.number(f))
				}
			}
			return text{compare.Sign(s), c.keep(own)}
		})
}

func textComparison(w *words, left, right *column[text]) *Comparison {
	return &Comparison{
		Name: "text", Levels: textLevels, Ordered: true, left: left.codes,
		kernel: remembered(func(l, r uint32) uint8 {
			x, y := &left.values[l], &right.values[r]
			a, b := x.words.in(left.arena), y.words.in(right.arena)
			switch {
			case a[0] == b[0]:
				return 1
			case !textBound.Unlike(&x.sign, &y.sign) && compare.JaroWinkler(w.text(a[0]), w.text(b[0])) > 0.9:
				return 2
			case meet(a[1:], b[1:]):
				return 3
			}
			return 4
		}),
	}
}
