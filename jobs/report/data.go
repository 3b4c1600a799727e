package report

import "time"

// Data is what the page shows.
type Data struct {
	Summary
	// Scores are the histogram of best match weights, from match_scores.
	Scores []ScoreBin
	Influence
	// RateHistory are the match rates of the runs so far, oldest first.
	RateHistory []RateAt
}

// Summary is what runs did, in the form of summary.json. Times are UTC, durations seconds, shares 0 to 1.
type Summary struct {
	Contract string `json:"contract"`
	// AsOf is the instant, by the org's clock, that the latest sync describes.
	AsOf time.Time `json:"as_of"`
	// Runs are the runs that are told of, in the order in which they ran.
	Runs []Run `json:"runs"`
	// MatchRates has one row for each of Account, Contact and Lead, as of the latest sync.
	MatchRates []MatchRate `json:"match_rates"`
	// Examples are a few links with the reasons that weighed most.
	Examples  []Example   `json:"examples"`
	Saves     Saves       `json:"saves"`
	ROI       ROI         `json:"roi"`
	Writeback []StateRows `json:"writeback"`
	// Cases are examples of what became of activities and saves; none outside the demonstration.
	Cases []Case `json:"cases,omitempty"`
	// Paths say where files are, in the order in which they are shown.
	Paths []Path `json:"paths"`
	// SQL is the command line that opens the database.
	SQL string `json:"sql"`
}

// Run is one run of a job.
type Run struct {
	ID       string  `json:"run_id"`
	Job      string  `json:"job"`
	State    string  `json:"state"`
	Seconds  float64 `json:"seconds"`
	APICalls int64   `json:"api_calls"`
	// Objects are the rows that the run read from the org: all of them first, what changed afterwards.
	Objects []ObjectRows `json:"objects,omitempty"`
}

// ObjectRows counts what a run read of one object.
type ObjectRows struct {
	Object  string `json:"object"`
	Read    int64  `json:"read"`
	Deleted int64  `json:"deleted"`
	// Rows is how many there are after the run.
	Rows int64 `json:"rows"`
}

// MatchRate is a row of match_rates.
type MatchRate struct {
	Object       string  `json:"object"`
	Records      int64   `json:"records"`
	Eligible     int64   `json:"eligible"`
	Linked       int64   `json:"linked"`
	LinkedByHand int64   `json:"linked_by_hand"`
	Review       int64   `json:"review"`
	Rate         float64 `json:"rate"`
}

// Example is a link and why it was made.
type Example struct {
	Object string `json:"object"`
	// Record and Target are how people call the two sides: a name and what tells it apart.
	Record      string  `json:"record"`
	RecordID    string  `json:"record_id"`
	Target      string  `json:"target"`
	TargetID    string  `json:"target_id"`
	Probability float64 `json:"probability"`
	// Weight is the match weight in bits.
	Weight float64 `json:"weight_bits"`
	// Evidence is as in the data set links; Reasons are the strongest of it in words, see Reasons.
	Evidence []Evidence `json:"evidence,omitempty"`
	Reasons  []string   `json:"reasons"`
}

// Saves counts auto-saves.
type Saves struct {
	Seats     int64 `json:"seats"`
	SeatsTied int64 `json:"seats_tied"` // to a CRM user
	People    int64 `json:"people"`
	Companies int64 `json:"companies"`
	Sellers   int64 `json:"sellers"` // who have at least one save
	New       int64 `json:"new"`     // made by the latest sync
}

// StateRows counts activities in one state of write-back.
type StateRows struct {
	State string `json:"state"`
	Rows  int64  `json:"rows"`
}

// Path says where something is.
type Path struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// ScoreBin counts records by the weight of their best candidate. Bins are two bits wide.
type ScoreBin struct {
	Object string
	// Bin is the lower edge in bits.
	Bin int64
	// Records has all in the bin; Linked and Review are parts of it.
	Records, Linked, Review int64
}

// RateAt is the match rate of an object as of a run.
type RateAt struct {
	AsOf   time.Time `json:"as_of"`
	Object string    `json:"object"`
	Rate   float64   `json:"rate"`
}

// weightBin is a bin over all objects. The outermost bins take what lies beyond.
type weightBin struct {
	Bin                 int64
	Name                string
	Linked, Review, Not int64
}

// weights adds up the bins over objects, without gaps from the lowest to the highest.
func weights(scores []ScoreBin) []weightBin {
	if len(scores) == 0 {
		return nil
	}
	low, high := int64(highestBin), int64(lowestBin)
	beyond := map[int64]string{}
	for _, s := range scores {
		low, high = min(low, max(s.Bin, lowestBin)), max(high, min(s.Bin, highestBin))
		if s.Bin < lowestBin {
			beyond[lowestBin] = " and below"
		}
		if s.Bin > highestBin {
			beyond[highestBin] = " and above"
		}
	}
	bins := make([]weightBin, 0, (high-low)/binBits+1)
	for b := low; b <= high; b += binBits {
		bins = append(bins, weightBin{Bin: b, Name: minus(b) + beyond[b]})
	}
	for _, s := range scores {
		b := &bins[(min(max(s.Bin, lowestBin), highestBin)-low)/binBits]
		b.Linked += s.Linked
		b.Review += s.Review
		b.Not += s.Records - s.Linked - s.Review
	}
	return bins
}

// Bins are two bits wide; those shown lie between the two ends.
const (
	binBits    = 2
	lowestBin  = -40
	highestBin = 60
)

// RowsRead is how many rows the run read from the org.
func (r Run) RowsRead() int64 {
	var n int64
	for _, o := range r.Objects {
		n += o.Read
	}
	return n
}
