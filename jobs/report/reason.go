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
	"ticker": "stock ticker", "website": "web site",
}

// levels turn a level and a feature's name into words; others read "feature: level".
var levels = map[string]string{
	"same": "same %s", "exact": "same %s", "close": "almost the same %s", "similar": "similar %s", "differs": "different %s", "part": "part of the %s",
	"alias": "known alias of the %s", "acronym": "acronym of the %s", "contained": "%s within the other's", "shares": "%s shares a rare word",
	"linked": "%s linked to the account", "former": "former %s", "nickname": "nickname of the %s", "initial": "initial of the %s",
	"middle": "middle name as %s", "swapped": "%s and the other name swapped", "local part": "same part of the %s before the @", "domain": "same %s domain",
}

// phrases are features and levels that neither table puts right.
var phrases = map[[2]string]string{
	{"place", "city"}: "same city", {"place", "region"}: "same region", {"place", "region, city unknown"}: "same region", {"place", "country"}: "same country, elsewhere",
	{"place", "differs"}: "different country", {"company", "domain"}: "e-mail at the company's domain", {"website", "other suffix"}: "web site under another suffix",
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
	if phrase, ok := phrases[[2]string{e.Feature, e.Level}]; ok {
		text = phrase
	}
	return fmt.Sprintf("%s (%s bits)", text, signed(e.Bits))
}

func signed(x float64) string {
	return strings.Replace(fmt.Sprintf("%+.1f", x), "-", "−", 1)
}
