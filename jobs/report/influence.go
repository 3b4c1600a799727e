package report

import (
	"cmp"
	"slices"
)

// Influence is what the ROI tables tell of their current run.
type Influence struct {
	Quarters    []Quarter    // roi_quarters_current
	Comparisons []Comparison // roi_comparison_current
	// OpenDeals are the largest open influenced opportunities of each currency.
	OpenDeals []OpenDeal
	// Touches count closed opportunities by how many touches came before their close.
	Touches []TouchBin
}

// ROI is the headline of the ROI report; see ROIFrom. Strict counts look at people with a role on the opportunity only.
type ROI struct {
	Authorised       bool  `json:"authorised"`
	Opportunities    int64 `json:"opportunities"`
	Influenced       int64 `json:"influenced"`
	InfluencedStrict int64 `json:"influenced_strict"`
	Sourced          int64 `json:"sourced"`
	SourcedStrict    int64 `json:"sourced_strict"`
	// Amounts are per currency, the one with most opportunities first; they are never added up.
	Amounts []Amounts `json:"amounts,omitempty"`
}

// Amounts are revenues in one currency: empty for that of an org with one currency.
type Amounts struct {
	Currency          string  `json:"currency"`
	Opportunities     int64   `json:"opportunities"`
	Won               float64 `json:"revenue_won"`
	WonInfluenced     float64 `json:"revenue_won_influenced"`
	WonSourced        float64 `json:"revenue_won_sourced"`
	Pipeline          float64 `json:"revenue_open"`
	PipelineInfluence float64 `json:"revenue_open_influenced"`
}

// Quarter is a row of roi_quarters.
type Quarter struct {
	Quarter          string  `json:"quarter"`
	Currency         string  `json:"currency"`
	Influenced       bool    `json:"influenced"`
	Opportunities    int64   `json:"opportunities"`
	Won              int64   `json:"won"`
	Lost             int64   `json:"lost"`
	Open             int64   `json:"open"`
	Sourced          int64   `json:"sourced"`
	InfluencedStrict int64   `json:"influenced_strict"`
	SourcedStrict    int64   `json:"sourced_strict"`
	RevenueWon       float64 `json:"revenue_won"`
	RevenueOpen      float64 `json:"revenue_open"`
	RevenueSourced   float64 `json:"revenue_sourced"`
}

// Comparison is a row of roi_comparison; nil means that there is no number, and Method says why.
type Comparison struct {
	Comparison      string   `json:"comparison"`
	Dimension       string   `json:"dimension"`
	Segment         string   `json:"segment"`
	Name            string   `json:"segment_name"` // the owner's name where the segment is an owner
	Measure         string   `json:"measure"`
	Currency        string   `json:"currency"`
	Unit            string   `json:"unit"`
	InfluencedN     int64    `json:"influenced_n"`
	OtherN          int64    `json:"other_n"`
	InfluencedValue *float64 `json:"influenced_value"`
	OtherValue      *float64 `json:"other_value"`
	Difference      *float64 `json:"difference"`
	DifferenceLow   *float64 `json:"difference_low"`
	DifferenceHigh  *float64 `json:"difference_high"`
	Method          string   `json:"method"`
}

// OpenDeal is an open opportunity that was influenced.
type OpenDeal struct {
	ID        string  `json:"opportunity_id"`
	Name      string  `json:"name"`
	Stage     string  `json:"stage"`
	CloseDate string  `json:"close_date"` // as 2026-07-01
	Currency  string  `json:"currency"`
	Revenue   float64 `json:"revenue"`
	Touches   int64   `json:"touches"`
	Sourced   bool    `json:"sourced"`
}

// TouchBin counts closed opportunities in the pipeline with From touches and more, up to the next bin.
type TouchBin struct {
	From int64 `json:"from"`
	Won  int64 `json:"won"`
	Lost int64 `json:"lost"`
}

// TouchBins are where the bins begin.
var TouchBins = []int64{0, 1, 2, 3, 6, 11, 21}

// Name says which numbers of touches the bin holds.
func (b TouchBin) Name() string {
	at := slices.Index(TouchBins, b.From)
	switch {
	case at < 0 || at+1 < len(TouchBins) && TouchBins[at+1] == b.From+1:
		return count(b.From)
	case at+1 == len(TouchBins):
		return count(b.From) + "+"
	}
	return count(b.From) + "–" + count(TouchBins[at+1]-1)
}

// Rate is the share won, 0 to 1; nil below ten.
func (b TouchBin) Rate() *float64 {
	n := b.Won + b.Lost
	if n < 10 {
		return nil
	}
	r := float64(b.Won) / float64(n)
	return &r
}

// Overall are the plain comparisons over all opportunities.
func (i Influence) Overall() []Comparison { return i.pick("plain", "all") }

// Checks are the comparisons that tell how far the plain ones can be trusted: matched, and placebo.
func (i Influence) Checks() []Comparison {
	return slices.Concat(i.pick("matched", "all"), i.pick("placebo", "all"))
}

// Segments are the win rates of the segments of a dimension in which something closed, the largest first, at most so many.
func (i Influence) Segments(dimension string, most int) []Comparison {
	var out []Comparison
	for _, c := range i.pick("plain", dimension) {
		if c.Measure == "win_rate" && c.InfluencedN+c.OtherN > 0 {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Comparison) int { return cmp.Compare(b.InfluencedN+b.OtherN, a.InfluencedN+a.OtherN) })
	if dimension == "quarter" {
		slices.SortStableFunc(out, func(a, b Comparison) int { return cmp.Compare(b.Segment, a.Segment) })
	}
	return out[:min(most, len(out))]
}

func (i Influence) pick(comparison, dimension string) []Comparison {
	var out []Comparison
	for _, c := range i.Comparisons {
		if c.Comparison == comparison && c.Dimension == dimension {
			out = append(out, c)
		}
	}
	order := []string{"win_rate", "median_revenue", "median_days_to_close"}
	slices.SortStableFunc(out, func(a, b Comparison) int {
		return cmp.Compare(slices.Index(order, a.Measure), slices.Index(order, b.Measure))
	})
	return out
}

// ROIFrom adds up the headline from the quarters.
func ROIFrom(authorised bool, quarters []Quarter) ROI {
	r := ROI{Authorised: authorised}
	for _, q := range quarters {
		r.Opportunities += q.Opportunities
		r.Sourced += q.Sourced
		r.InfluencedStrict += q.InfluencedStrict
		r.SourcedStrict += q.SourcedStrict
		at := slices.IndexFunc(r.Amounts, func(a Amounts) bool { return a.Currency == q.Currency })
		if at < 0 {
			at = len(r.Amounts)
			r.Amounts = append(r.Amounts, Amounts{Currency: q.Currency})
		}
		a := &r.Amounts[at]
		a.Opportunities += q.Opportunities
		a.Won += q.RevenueWon
		a.Pipeline += q.RevenueOpen
		a.WonSourced += q.RevenueSourced
		if q.Influenced {
			r.Influenced += q.Opportunities
			a.WonInfluenced += q.RevenueWon
			a.PipelineInfluence += q.RevenueOpen
		}
	}
	slices.SortStableFunc(r.Amounts, func(a, b Amounts) int {
		return cmp.Or(cmp.Compare(b.Opportunities, a.Opportunities), cmp.Compare(a.Currency, b.Currency))
	})
	return r
}

// quarterPair is one quarter with its two rows.
type quarterPair struct {
	Quarter            string
	Influenced, Others Quarter
}

// Open is the revenue of the quarter's open deals.
func (p quarterPair) Open() float64 { return p.Influenced.RevenueOpen + p.Others.RevenueOpen }

// pairs returns the quarters in order, a missing row being empty. Counts are over all currencies; amounts are of the given one.
func pairs(quarters []Quarter, currency string) []quarterPair {
	at := map[string]*quarterPair{}
	var out []*quarterPair
	for _, q := range quarters {
		p := at[q.Quarter]
		if p == nil {
			p = &quarterPair{Quarter: q.Quarter}
			at[q.Quarter] = p
			out = append(out, p)
		}
		to := &p.Others
		if q.Influenced {
			to = &p.Influenced
		}
		to.Opportunities += q.Opportunities
		to.Won += q.Won
		to.Sourced += q.Sourced
		if q.Currency == currency {
			to.RevenueWon, to.RevenueOpen, to.RevenueSourced = q.RevenueWon, q.RevenueOpen, q.RevenueSourced
		}
	}
	slices.SortFunc(out, func(a, b *quarterPair) int { return cmp.Compare(a.Quarter, b.Quarter) })
	flat := make([]quarterPair, len(out))
	for i, p := range out {
		flat[i] = *p
	}
	return flat
}
