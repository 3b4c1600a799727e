package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Evidence is one feature's share of a match weight, as in the data set links.
type Evidence struct {
	Feature string  `json:"feature"`
	Level   string  `json:"level"`
	Bits    float64 `json:"bits"`
}

// names are features as people call them, where the name itself does not do.
var names = map[string]string{
	"email": "e-mail", "given_name": "given name", "full_name": "full name", "postal_code": "postal code", "employees": "number of employees",
	"ticker": "stock ticker", "website": "web site", "past_employer": "past employer",
}

// levels turn a level and a feature's name into words; others read "feature: level".
var levels = map[string]string{
	"same": "same %s", "exact": "same %s", "close": "%s close by", "similar": "similar %s", "alias": "known alias of the %s",
	"nickname": "nickname of the %s", "acronym": "acronym of the %s", "contained": "%s within the other's", "shares": "%s shares a rare word",
	"differs": "different %s", "local part": "same part of the %s before the @", "domain": "same %s domain",
}

// Reasons puts the n strongest pieces of evidence for a link into words, the strongest first, then the strongest one against it, if it
// costs at least a bit. The prior is no reason.
func Reasons(evidence []Evidence, n int) []string {
	sorted := slices.DeleteFunc(slices.Clone(evidence), func(e Evidence) bool { return e.Feature == "prior" })
	slices.SortStableFunc(sorted, func(a, b Evidence) int { return cmp.Compare(b.Bits, a.Bits) })
	var out []string
	for _, e := range sorted {
		if len(out) < n && e.Bits > 0 {
			out = append(out, e.words())
		}
	}
	if len(sorted) > 0 {
		if worst := sorted[len(sorted)-1]; worst.Bits <= -1 {
			out = append(out, "although "+worst.words())
		}
	}
	return out
}

func (e Evidence) words() string {
	name, ok := names[e.Feature]
	if !ok {
		name = strings.ReplaceAll(e.Feature, "_", " ")
	}
	text := name + ": " + e.Level
	if form, ok := levels[e.Level]; ok {
		text = fmt.Sprintf(form, name)
	}
	return fmt.Sprintf("%s (%s bits)", text, signed(e.Bits))
}

func signed(x float64) string {
	return strings.Replace(fmt.Sprintf("%+.1f", x), "-", "−", 1)
}
