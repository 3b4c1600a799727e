package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/dustin/go-humanize"
)

// none stands for a number that is not known.
const none = "–"

func count(n int64) string { return humanize.Comma(n) }

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// part is n as a share of total; amounts below zero can leave a total of which nothing is a share.
func part(n, total float64) string {
	if total <= 0 {
		return none
	}
	return percent(n / total)
}

// money shortens an amount to about three digits: 1.25 M. It carries no currency: the org's is meant.
func money(x float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, " bn"}, {1e6, " M"}, {1e3, " k"}} {
		if math.Abs(x) >= u.size*0.9995 {
			return digits(x/u.size) + u.name
		}
	}
	return digits(x)
}

// amount is money with its currency, if it has one of its own.
func amount(x float64, currency string) string {
	if currency == "" {
		return money(x)
	}
	return currency + "\u00a0" + money(x)
}

// digits writes a number below 1000 with three digits at most.
func digits(x float64) string {
	decimals := 0
	switch a := math.Abs(x); {
	case a < 9.995:
		decimals = 2
	case a < 99.95:
		decimals = 1
	}
	s := fmt.Sprintf("%.*f", decimals, x)
	if strings.ContainsRune(s, '.') {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return strings.Replace(s, "-", "−", 1)
}

func seconds(s float64) string {
	if s >= 90 {
		return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
	}
	return digits(s) + " s"
}

// measure says how a measure of the comparison is called and how its values are written.
type measure struct {
	title string
	// axis names the difference and its unit on a chart.
	axis   string
	value  func(float64) string
	change func(float64) string
	unit   string // of a change
}

// measure is what the comparison compares.
func (c Comparison) measure() measure {
	m := measureOf(c.Measure)
	if c.Currency != "" {
		m.title += ", " + c.Currency
		m.axis = "difference in " + c.Currency
	}
	return m
}

func measureOf(name string) measure {
	switch name {
	case "win_rate":
		points := func(x float64) string { return plus(strings.Replace(fmt.Sprintf("%.1f", 100*x), "-", "−", 1), x) }
		return measure{"Win rate", "difference in percentage points", percent, points, " points"}
	case "median_revenue":
		return measure{"Median revenue of deals won", "difference in the org's currency", money, func(x float64) string { return plus(money(x), x) }, ""}
	case "median_days_to_close":
		days := func(x float64) string { return digits(x) + " days" }
		return measure{"Median days to close", "difference in days", days, func(x float64) string { return plus(digits(x), x) }, " days"}
	default:
		return measure{strings.ReplaceAll(name, "_", " "), "difference", digits, func(x float64) string { return plus(digits(x), x) }, ""}
	}
}

func plus(s string, x float64) string {
	if x > 0 && s != "0" {
		return "+" + s
	}
	return s
}

// orNone writes a value that may be missing.
func orNone(v *float64, write func(float64) string) string {
	if v == nil {
		return none
	}
	return write(*v)
}

// interval writes an interval that may be missing.
func interval(low, high *float64, write func(float64) string) string {
	if low == nil || high == nil {
		return none
	}
	return write(*low) + " to " + write(*high)
}
