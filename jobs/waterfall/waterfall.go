// Package waterfall draws how the weight of a pair of records came about: a bar for the prior and for each comparison, each beginning
// where the one before ended, on a scale of bits that all pairs of a page share. It draws in characters and as a page.
//
// A Page holds Pairs; a Pair is made of an explanation and has Steps, the prior first. The bits of the steps add up to the weight.
// Signs never rest on colour: they are written, and what speaks against a match is drawn with another texture.
package waterfall

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

// Page is what is drawn.
type Page struct {
	Record Side
	// Facts are said of the record, whatever the pair.
	Facts []string
	Pairs []Pair
	// Threshold is the weight in bits from which the model links.
	Threshold float64
	// Model and Run say where the weights come from.
	Model, Run string
}

// Pair is the page's record with one of the directory.
type Pair struct {
	Heading     string // "Best candidate", "Runner-up"
	Target      Side
	Verdict     string // what became of the pair
	Notes       []string
	Weight      float64
	Probability float64
	Steps       []Step
	Missing     []string // comparisons that lack a value
}

// Side is one of the two records; Name and URL may be empty.
type Side struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

func (s Side) String() string {
	text := s.Kind + " " + s.ID
	if s.Name != "" {
		text += "  " + s.Name
	}
	if s.URL != "" {
		text += "  " + s.URL
	}
	return text
}

// Step is the prior or a comparison.
type Step struct {
	Feature, Level string
	Left, Right    string
	Bits           float64
	Note           string // about the bits
}

// From makes a pair of an explanation.
func From(x linkage.Explanation) Pair {
	p := Pair{Weight: x.Weight, Probability: x.Probability, Steps: []Step{{Feature: "prior", Bits: x.Prior}}}
	for _, c := range x.Compared {
		name := Label(c.Feature)
		if c.M == 0 {
			p.Missing = append(p.Missing, name+" ("+lacks(c)+")")
			continue
		}
		p.Steps = append(p.Steps, Step{
			Feature: name, Level: c.Level, Left: Values(c.Left, c.Level), Right: Values(c.Right, c.Level), Bits: c.Bits, Note: note(c),
		})
	}
	switch {
	case len(x.Rules) > 0:
		p.Notes = append(p.Notes, "brought together by: "+strings.Join(x.Rules, "; "))
	case x.Uncompared > 0:
		p.Notes = append(p.Notes, "no blocking rule brings the two together, so a run never compares them (the record has "+
			strconv.FormatInt(x.Uncompared, 10)+" more pairs in blocks that were too large to compare)")
	default:
		p.Notes = append(p.Notes, "no blocking rule brings the two together, so a run never compares them")
	}
	if x.Unlike {
		p.Notes = append(p.Notes, "they agree on nothing without which there is no match (a part of the name; a company's name or web site), so a run drops the pair")
	} else if x.Contradicts {
		p.Notes = append(p.Notes, "a part of the name differs, and no e-mail address, telephone or other proof makes up for it: a person has to decide")
	}
	return p
}

// lacks says which side has no value.
func lacks(c linkage.Compared) string {
	switch {
	case len(c.Left) == 0 && len(c.Right) == 0:
		return "neither side"
	case len(c.Left) == 0:
		return "not in the CRM"
	case len(c.Right) == 0:
		return "not in the directory"
	}
	return "not readable"
}

// note says what the bits are made of, where that is more than the level.
func note(c linkage.Compared) string {
	var parts []string
	if s := c.Surprise; math.Abs(s) >= 0.05 {
		word := "rare"
		if s < 0 {
			word = "common"
		}
		parts = append(parts, word+" "+Signed(s))
	}
	if c.Given != "" {
		parts = append(parts, "given "+Label(c.Given))
	}
	return strings.Join(parts, ", ")
}

// Label is the name of a comparison as people say it.
func Label(comparison string) string {
	switch comparison {
	case "email":
		return "e-mail"
	case "website":
		return "web site"
	}
	return strings.ReplaceAll(comparison, "_", " ")
}

// Values joins what was compared to one text. Of what is known of a company that which the level rests on is shown.
func Values(list []linkage.Value, level string) string {
	var parts []string
	add := func(v linkage.Value) {
		text := v.Text
		switch v.Role {
		case schemas.CompanyKey:
			text = "id " + text
		case schemas.PastCompanies:
			text = "formerly " + text
		case schemas.OtherNames:
			text = "also " + text
		}
		parts = append(parts, text)
	}
	has := func(role schemas.Role) bool {
		return slices.ContainsFunc(list, func(v linkage.Value) bool { return v.Role == role })
	}
	for _, v := range list {
		shown := true
		switch v.Role {
		case schemas.CompanyKey:
			shown = level == "linked"
		case schemas.Website, schemas.Email:
			shown = !has(schemas.Company) || level == "domain"
		case schemas.PastCompanies:
			shown = level == "former"
		case schemas.OtherNames:
			shown = level != "exact" && level != feature.Differs
		case schemas.Lat, schemas.Lng:
			shown = !has(schemas.City)
		}
		if shown || len(list) == 1 {
			add(v)
		}
	}
	if parts == nil {
		for _, v := range list {
			add(v)
		}
	}
	return strings.Join(parts, ", ")
}

// Signed writes bits with their sign.
func Signed(bits float64) string {
	text := strconv.FormatFloat(math.Abs(bits), 'f', 1, 64)
	if bits < 0 && text != "0.0" {
		return "−" + text
	}
	return "+" + text
}

// Chance writes a probability with the digits that tell it from 0 and 1.
func Chance(weight float64) string {
	rest := math.Exp2(-math.Abs(weight)) // about what it lacks to 0 or 1
	digits := 2
	if rest < 1 {
		digits = min(12, max(2, 1+int(math.Ceil(-math.Log10(rest)))))
	}
	return strconv.FormatFloat(1/(1+math.Exp2(-weight)), 'f', digits, 64)
}

// extent is the range of the sums of all pairs, 0 and the threshold included.
func (p *Page) extent() (low, high float64) {
	high = max(0, p.Threshold)
	low = min(0, p.Threshold)
	for _, pair := range p.Pairs {
		sum := 0.0
		for _, s := range pair.Steps {
			sum += s.Bits
			low, high = min(low, sum), max(high, sum)
		}
	}
	if high-low < 1 {
		high = low + 1
	}
	return low, high
}
