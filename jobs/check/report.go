package check

import (
	"errors"
	"fmt"
	"strings"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// Level is how a finding is judged.
type Level string

// The levels.
const (
	Green  Level = "green"
	Yellow Level = "yellow"
	Red    Level = "red"
)

// Finding is one thing that was looked at.
type Finding struct {
	Level Level  `json:"level"`
	Check string `json:"check"`
	// Says what was found; Do what would mend or better it, if anything.
	Says string `json:"says"`
	Do   string `json:"do,omitempty"`
}

// Org is which org was looked at, as whom. Fields that the org did not tell are empty.
type Org struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Edition  string `json:"edition"`
	Sandbox  bool   `json:"sandbox"`
	Instance string `json:"instance"`
	User     string `json:"user"`
}

// Report is what a check found.
type Report struct {
	Org      Org       `json:"org"`
	Findings []Finding `json:"findings"`
	Green    int       `json:"green"`
	Yellow   int       `json:"yellow"`
	Red      int       `json:"red"`
}

// Add appends a finding.
func (r *Report) Add(level Level, check, says, do string) {
	switch level {
	case Green:
		r.Green++
	case Yellow:
		r.Yellow++
	default:
		r.Red++
	}
	r.Findings = append(r.Findings, Finding{level, check, says, do})
}

// decisions are the sentinels whose texts say what to do.
var decisions = []error{
	salesforce.ErrQuota, salesforce.ErrRevoked, salesforce.ErrTokenLost, salesforce.ErrLogin, salesforce.ErrEdition, salesforce.ErrPermission,
	salesforce.ErrNotFound, salesforce.ErrUnavailable,
}

// Fail appends a failure as a red finding. What its sentinel says to do becomes the finding's advice, unless there is better.
func (r *Report) Fail(check string, err error, do string) {
	says := err.Error()
	for _, d := range decisions {
		if !errors.Is(err, d) {
			continue
		}
		if rest, ok := cut(says, d.Error()); ok {
			says = rest
		}
		if do == "" {
			do = d.Error()
		}
		break
	}
	r.Add(Red, check, says, do)
}

// cut takes a sentinel's text off the end of an error's.
func cut(s, sentinel string) (string, bool) {
	head, tail, ok := strings.Cut(s, sentinel)
	if !ok {
		return s, false
	}
	head = strings.TrimRight(head, ":; ")
	return head + tail, head != ""
}

// final reports whether an error means that the org would refuse whatever is asked next.
func final(err error) bool {
	for _, e := range []error{salesforce.ErrQuota, salesforce.ErrRevoked, salesforce.ErrTokenLost, salesforce.ErrLogin, salesforce.ErrEdition} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// plural writes a number of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
