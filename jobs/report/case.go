package report

// Case is one thing that happened, told as an example of its kind.
type Case struct {
	// Kind is one of the cases below.
	Kind string `json:"kind"`
	// About is the id of what it happened to: an activity, or a profile or company.
	About string `json:"about"`
	// Says tells it in a sentence.
	Says string `json:"says"`
}

// The kinds of cases, in the order in which they are told.
const (
	// Unassigned activities were written without a person (R31).
	Unassigned = "unassigned"
	// Refused activities were not taken by Salesforce, or by a rule of the system's own.
	Refused = "refused"
	// SaveKept is a save that outlived a change of the opportunity's owner (R23).
	SaveKept = "save kept"
)

var caseNames = map[string]string{Unassigned: "Unassigned", Refused: "Refused", SaveKept: "Save kept"}

// cases tells what is easily missed in the sums.
func (s *Summary) cases(p *printer) {
	if len(s.Cases) == 0 {
		return
	}
	p.line("")
	p.line(p.bold("For example"))
	for _, c := range s.Cases {
		p.line("  " + p.bold(caseNames[c.Kind]+":") + " " + c.Says)
	}
}
