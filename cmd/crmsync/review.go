package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/report"
	"github.com/crmsync/crmsync/jobs/waterfall"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/match/feature"
	"github.com/crmsync/crmsync/stages/match/linkage"
)

func (a *app) reviewCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "review",
		Short: "List the matches that need a person's eye, and decide them",
		Long: `A record waits for a review when its best candidate is likely but not sure, or another candidate is nearly as good. What is decided
here holds for everyone in the contract, wins over the model, and survives every later run. It takes effect with the next sync.`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(a.reviewListCommand(), a.reviewAcceptCommand(), a.reviewRejectCommand(), a.reviewUndoCommand())
	return c
}

// review is an open review.
type review struct {
	Object         string   `json:"object"`
	RecordID       string   `json:"record_id"`
	Record         string   `json:"record"`
	RecordURL      string   `json:"record_url"`
	CandidateID    string   `json:"candidate_id"`
	Candidate      string   `json:"candidate"`
	CandidateURL   string   `json:"candidate_url"`
	Probability    float64  `json:"probability"`
	Weight         float64  `json:"weight_bits"`
	RunnerUpID     string   `json:"runner_up_id,omitempty"`
	RunnerUp       string   `json:"runner_up,omitempty"`
	RunnerUpWeight *float64 `json:"runner_up_weight_bits,omitempty"`
	Why            []string `json:"why"`
}

// reviewList is what `review list --json` prints.
type reviewList struct {
	RunID   string `json:"run_id"`
	Open    int    `json:"open"`
	Decided int    `json:"decided_since"` // reviews of the run that were decided since; the next sync takes them up
	// Reviews are the likeliest first, as many as were asked for.
	Reviews []review `json:"reviews"`
}

func (a *app) reviewListCommand() *cobra.Command {
	var object string
	var limit int
	c := &cobra.Command{
		Use:     "list",
		Short:   "Show the open reviews of the latest sync, the likeliest first",
		Example: "  crmsync review list -c work/demo/crmsync.yaml --object lead --limit 10",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			objects := []string{"Lead", "Contact", "Account"}
			if object != "" {
				at := slices.IndexFunc(objects, func(o string) bool { return strings.EqualFold(o, object) })
				if at < 0 {
					return usageError{fmt.Errorf("--object: %q is none of lead, contact, account", object)}
				}
				objects = objects[at : at+1]
			}
			if limit < 0 {
				return usageError{errors.New("--limit: give 0 for all, or more")}
			}
			return a.with(cmd.Context(), func(s *session) error {
				list, err := s.reviews(cmd.Context(), objects, limit)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(list)
				}
				a.printReviews(list)
				return nil
			})
		},
	}
	c.Flags().StringVar(&object, "object", "", "lead, contact or account (default: all)")
	c.Flags().IntVar(&limit, "limit", 20, "how many to show; 0 shows all")
	return c
}

// reviews reads the open reviews of some objects.
func (s *session) reviews(ctx context.Context, objects []string, limit int) (*reviewList, error) {
	m, err := s.run("")
	if err != nil {
		return nil, err
	}
	made, err := control.Decisions(ctx, s.db, s.cfg.Contract)
	if err != nil {
		return nil, err
	}
	decided := map[string]bool{} // records linked by hand, and pairs rejected
	for _, d := range made {
		decided[d.RecordID] = decided[d.RecordID] || d.Verdict == control.Link
		decided[d.RecordID+" "+d.TargetID] = true
	}
	list := &reviewList{RunID: m.RunID, Reviews: []review{}}
	links, err := s.runLinks(ctx, m, func(l *runLink) bool {
		if l.Decision != linkage.Review || !slices.Contains(objects, l.Object) {
			return false
		}
		if decided[l.RecordID] || decided[l.RecordID+" "+l.TargetID] {
			list.Decided++
			return false
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(links, func(a, b runLink) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Object, b.Object), cmp.Compare(a.RecordID, b.RecordID))
	})
	list.Open = len(links)
	if limit > 0 {
		links = links[:min(limit, len(links))]
	}
	ids := wanted{}
	for _, l := range links {
		ids.add(l.Object, l.RecordID)
		ids.add(kindOf(l.Object), l.TargetID)
		ids.add(kindOf(l.Object), l.RunnerUp)
	}
	names, err := ids.read(ctx, s, m)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		record, candidate := names[l.Object][l.RecordID], names[kindOf(l.Object)][l.TargetID]
		r := review{
			Object: l.Object, RecordID: l.RecordID, Record: record.Name, RecordURL: record.URL,
			CandidateID: l.TargetID, Candidate: candidate.Name, CandidateURL: candidate.URL,
			Probability: l.Probability, Weight: l.Weight, Why: s.whyReview(&l),
		}
		if l.RunnerUp != "" {
			r.RunnerUpID, r.RunnerUp, r.RunnerUpWeight = l.RunnerUp, names[kindOf(l.Object)][l.RunnerUp].Name, &l.RunnerUpWeight
		}
		list.Reviews = append(list.Reviews, r)
	}
	return list, nil
}

// whyReview says why the record was not simply linked, by the thresholds in force.
func (s *session) whyReview(l *runLink) (why []string) {
	c := s.cfg.Match
	if l.Probability < c.LinkProbability {
		why = append(why, fmt.Sprintf("less likely than %v", c.LinkProbability))
	}
	if l.RunnerUp != "" && l.RunnerUpWeight > l.Weight-c.MarginBits {
		why = append(why, fmt.Sprintf("the runner-up is within %v bits", c.MarginBits))
	}
	if at := slices.IndexFunc(l.Evidence, func(e report.Evidence) bool {
		return kindOf(l.Object) == kindPerson && (e.Feature == "given_name" || e.Feature == "surname") && e.Level == feature.Differs
	}); at >= 0 {
		why = append(why, "the "+strings.ReplaceAll(l.Evidence[at].Feature, "_", " ")+" differs")
	}
	if why == nil {
		why = append(why, "the model left it unlinked for another record's sake")
	}
	return why
}

// printReviews prints the two names of each review one below the other, so that they compare at a glance, and ids and addresses whole, so
// that they can be copied.
func (a *app) printReviews(list *reviewList) {
	longest := 0
	for _, r := range list.Reviews {
		longest = max(longest, text.StringWidthWithoutEscSequences(r.Record), text.StringWidthWithoutEscSequences(r.Candidate), text.StringWidthWithoutEscSequences(r.RunnerUp))
	}
	line := func(name, id string) { fmt.Fprintf(a.stdout, "  %s  %s\n", text.Pad(name, longest, ' '), id) }
	for _, r := range list.Reviews {
		fmt.Fprintf(a.stdout, "probability %s, %s bits: %s\n", waterfall.Chance(r.Weight), waterfall.Signed(r.Weight), strings.Join(r.Why, "; "))
		line(r.Record, r.Object+" "+r.RecordID)
		line(r.Candidate, strings.TrimSpace(r.CandidateID+"  "+r.CandidateURL))
		if r.RunnerUpWeight != nil {
			line(r.RunnerUp, fmt.Sprintf("%s  runner-up, %.1f bits less", r.RunnerUpID, r.Weight-*r.RunnerUpWeight))
		}
		fmt.Fprintln(a.stdout)
	}
	fmt.Fprintf(a.stdout, "%d open reviews of %s, %d shown\n", list.Open, list.RunID, len(list.Reviews))
	if list.Decided > 0 {
		fmt.Fprintf(a.stdout, "%d more were decided since and go with the next sync\n", list.Decided)
	}
	if len(list.Reviews) > 0 {
		fmt.Fprintln(a.stdout, "crmsync explain RECORD                   shows why")
		fmt.Fprintln(a.stdout, "crmsync review accept RECORD [PROFILE]   links the two")
		fmt.Fprintln(a.stdout, "crmsync review reject RECORD [PROFILE]   never links them")
	}
}
