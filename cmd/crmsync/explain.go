package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/crmsync/crmsync/jobs/report"
	"github.com/crmsync/crmsync/jobs/waterfall"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/match"
	"github.com/crmsync/crmsync/stages/match/linkage"
	"github.com/crmsync/crmsync/stages/match/weigh"
)

// explanation is why a record has the link it has, or what speaks for and against another pair.
type explanation struct {
	Object    string `json:"object"`
	RecordID  string `json:"record_id"`
	Record    string `json:"record"`
	RecordURL string `json:"record_url"`
	pairOutcome
	// DuplicateOf is the record that holds the link, of a duplicate or converted record.
	DuplicateOf    *string           `json:"duplicate_of"`
	RunnerUpID     *string           `json:"runner_up_id"`
	RunnerUpWeight *float64          `json:"runner_up_weight_bits"`
	RunnerUp       *pairOutcome      `json:"runner_up"`
	Evidence       []report.Evidence `json:"evidence"` // of the pair; its bits add up to the weight
	// Facts are what people decided about the record.
	Facts []string `json:"decisions"`
	Model string   `json:"model"`
	RunID string   `json:"run_id"`
}

// pairOutcome is what the model says of one pair, and what the run made of it.
type pairOutcome struct {
	TargetID    string       `json:"target_id"`
	Target      string       `json:"target"`
	TargetURL   string       `json:"target_url"`
	Decision    string       `json:"decision"` // as in the links, or none
	Origin      string       `json:"origin"`
	Verdict     string       `json:"verdict"`
	Probability float64      `json:"probability"`
	Weight      float64      `json:"weight_bits"`
	Prior       float64      `json:"prior_bits"`
	Comparisons []comparison `json:"comparisons"`
	// Rules are the blocking rules that make the pair a candidate. Without any, a run never compares it.
	Rules       []string `json:"blocking_rules"`
	Uncompared  int64    `json:"uncompared_pairs_of_record"`
	Unlike      bool     `json:"unlike"`
	Contradicts bool     `json:"contradicts"`
}

// comparison is one comparison of a pair.
type comparison struct {
	Feature  string      `json:"feature"`
	Level    string      `json:"level"`
	CRM      []roleValue `json:"crm"`
	Target   []roleValue `json:"directory"`
	M        float64     `json:"m"`
	U        float64     `json:"u"`
	Bits     float64     `json:"bits"`
	Surprise float64     `json:"surprise_bits"`
	Given    string      `json:"given,omitempty"`
}

type roleValue struct {
	Role  string `json:"role"`
	Value string `json:"value"`
}

func (a *app) explainCommand() *cobra.Command {
	var page, runID string
	c := &cobra.Command{
		Use:   "explain RECORD [PROFILE]",
		Short: "Show why a lead, contact or account has the link it has, or what speaks for any other pair",
		Long: `explain draws how the weight of a pair came about, from the snapshots and the model of a run: the prior, then what each comparison
adds or takes, both values side by side. Without PROFILE (a member id or, for an account, a company id) it takes the record's link
or best candidate. The runner-up is drawn below. A pair that no run compared can be explained as well.`,
		Example: "  crmsync explain -c work/demo/crmsync.yaml 0035e00000AbCdEAAX\n  crmsync explain 0035e00000AbCdEAAX p00017 --html why.html",
		Args:    usage(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				x, p, err := s.explain(cmd.Context(), runID, args[0], args[1:]...)
				if err != nil {
					return err
				}
				if page != "" {
					var b bytes.Buffer
					if err := p.WriteHTML(&b); err != nil {
						return err
					}
					if err := renameio.WriteFile(page, b.Bytes(), 0o600); err != nil {
						return fmt.Errorf("write %s: %w", page, err)
					}
					fmt.Fprintf(a.stderr, "wrote %s\n", page)
				}
				if a.json {
					return a.printJSON(x)
				}
				if page != "" {
					return nil
				}
				width, color := a.screen()
				return p.WriteText(a.stdout, width, color)
			})
		},
	}
	c.Flags().StringVar(&page, "html", "", "file to draw a page to, in the place of the screen")
	c.Flags().StringVar(&runID, "run", "", "run to explain (default: the latest successful sync)")
	return c
}

// screen is the width to draw for, and whether colours show.
func (a *app) screen() (width int, color bool) {
	if f, ok := a.stdout.(*os.File); ok && isTerminal(f) {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			return w, os.Getenv("NO_COLOR") == ""
		}
	}
	return 120, false
}

// explain explains the record's pair with the target or, without one, with the target of its row in the links.
func (s *session) explain(ctx context.Context, runID, record string, target ...string) (*explanation, *waterfall.Page, error) {
	m, err := s.run(runID)
	if err != nil {
		return nil, nil, err
	}
	rec, err := s.findRecord(ctx, m, record)
	if err != nil {
		return nil, nil, err
	}
	links, err := s.runLinks(ctx, m, func(l *runLink) bool { return l.RecordID == rec.ID })
	if err != nil {
		return nil, nil, err
	}
	var row runLink // of the record; empty when it has none
	if len(links) > 0 {
		row = links[0]
	}
	if len(target) == 0 && row.TargetID == "" {
		return nil, nil, fmt.Errorf("record %s has no link, no candidate worth a review, and gave way to no other record in %s; "+
			"name a profile or company to explain any pair: crmsync explain %[1]s PROFILE", rec.ID, m.RunID)
	}
	targets := append([]string{}, target...)
	for _, id := range []string{row.TargetID, row.RunnerUp} {
		if id != "" && !slices.Contains(targets, id) && len(targets) < 2 {
			targets = append(targets, id)
		}
	}
	e := explaining{session: s, m: m, record: rec, row: row}
	for _, id := range targets {
		t, err := s.findTarget(ctx, m, rec.Object, id)
		if err != nil {
			return nil, nil, err
		}
		e.targets = append(e.targets, t)
	}
	return e.explain(ctx)
}

// explaining is a record with the targets to explain: the one asked for, and the next best.
type explaining struct {
	*session
	m       *pipeline.Manifest
	record  found
	row     runLink
	targets []found
}

func (e *explaining) explain(ctx context.Context) (*explanation, *waterfall.Page, error) {
	model, _, err := e.modelOf(e.m)
	if err != nil {
		return nil, nil, err
	}
	pairs := make([]match.Pair, len(e.targets))
	for i, t := range e.targets {
		pairs[i] = match.Pair{Object: e.record.Object, RecordID: e.record.ID, TargetID: t.ID}
	}
	list, err := e.matcher(model).Explain(ctx, e.view(e.m), pairs)
	if errors.Is(err, weigh.ErrModel) {
		return nil, nil, fmt.Errorf("run %s weighed by another version of this program; explain a later sync: %w", e.m.RunID, err)
	}
	if err != nil {
		return nil, nil, err
	}
	holders, err := e.runLinks(ctx, e.m, func(l *runLink) bool {
		return l.Decision == linkage.Link && kindOf(l.Object) == kindOf(e.record.Object) && l.RecordID != e.record.ID &&
			slices.ContainsFunc(e.targets, func(t found) bool { return t.ID == l.TargetID })
	})
	if err != nil {
		return nil, nil, err
	}
	x := &explanation{
		Object: e.record.Object, RecordID: e.record.ID, Record: e.record.Name, RecordURL: e.record.URL,
		Model: model.Person.Fingerprint(), RunID: e.m.RunID, Facts: []string{},
	}
	if kindOf(e.record.Object) == kindCompany {
		x.Model = model.Company.Fingerprint()
	}
	if x.Facts, err = e.facts(ctx); err != nil {
		return nil, nil, err
	}
	page := &waterfall.Page{
		Record: waterfall.Side{Kind: e.record.Object, ID: e.record.ID, Name: e.record.Name, URL: e.record.URL},
		Facts:  x.Facts, Threshold: weigh.Bits(e.cfg.Match.LinkProbability), Model: x.Model, Run: e.m.RunID,
	}
	for i, t := range e.targets {
		o := outcomeOf(list[i], t)
		e.judge(&o, holders)
		p := waterfall.From(list[i])
		p.Target, p.Verdict = waterfall.Side{Kind: t.Object, ID: t.ID, Name: t.Name, URL: t.URL}, o.Verdict
		p.Heading = e.heading(i, &o)
		page.Pairs = append(page.Pairs, p)
		if i == 0 {
			x.pairOutcome, x.Evidence = o, evidenceOf(list[i])
		} else {
			x.RunnerUp, x.RunnerUpID, x.RunnerUpWeight = &o, &o.TargetID, &o.Weight
		}
	}
	if x.Decision != none && e.row.DuplicateOf != "" {
		x.DuplicateOf = &e.row.DuplicateOf
	}
	return x, page, nil
}

// none is the decision about a pair that is no row of the links.
const none = "none"

// judge says what the run made of a pair.
func (e *explaining) judge(o *pairOutcome, holders []runLink) {
	o.Decision, o.Verdict = none, "not linked"
	if o.TargetID == e.row.TargetID {
		o.Decision, o.Origin, o.Verdict = e.row.Decision, e.row.Origin, e.row.verdict()
		return
	}
	for _, h := range holders {
		if h.TargetID == o.TargetID {
			o.Verdict = fmt.Sprintf("not linked, since it is %s to %s %s", h.verdict(), strings.ToLower(h.Object), h.RecordID)
		}
	}
}

func (e *explaining) heading(i int, o *pairOutcome) string {
	switch {
	case o.TargetID == e.row.TargetID && o.Decision == linkage.Link:
		return "Link"
	case o.TargetID == e.row.TargetID:
		return "Best candidate"
	case i == 0:
		return "Asked for"
	}
	return "Runner-up"
}

// facts says what people decided about the record, and whether the run has seen it.
func (e *explaining) facts(ctx context.Context) ([]string, error) {
	made, err := control.Decisions(ctx, e.db, e.cfg.Contract)
	if err != nil {
		return nil, err
	}
	facts := []string{}
	for _, d := range made {
		if d.RecordID != e.record.ID {
			continue
		}
		fact := "by hand: " + say(d)
		if read := e.m.Stage((&control.Stage{}).Name()); read != nil && d.At.After(read.Started) {
			fact += "; " + e.m.RunID + " had not seen it"
		}
		facts = append(facts, fact)
	}
	return facts, nil
}

func outcomeOf(x linkage.Explanation, t found) pairOutcome {
	o := pairOutcome{
		TargetID: t.ID, Target: t.Name, TargetURL: t.URL, Probability: x.Probability, Weight: x.Weight, Prior: x.Prior,
		Rules: append([]string{}, x.Rules...), Uncompared: x.Uncompared, Unlike: x.Unlike, Contradicts: x.Contradicts,
	}
	values := func(list []linkage.Value) []roleValue {
		out := make([]roleValue, len(list))
		for i, v := range list {
			out[i] = roleValue{string(v.Role), v.Text}
		}
		return out
	}
	for _, c := range x.Compared {
		o.Comparisons = append(o.Comparisons, comparison{c.Feature, c.Level, values(c.Left), values(c.Right), c.M, c.U, c.Bits, c.Surprise, c.Given})
	}
	return o
}

// evidenceOf lists the bits as the links do, the prior first.
func evidenceOf(x linkage.Explanation) []report.Evidence {
	list := []report.Evidence{{Feature: "prior", Bits: x.Prior}}
	for _, c := range x.Compared {
		if c.M > 0 {
			list = append(list, report.Evidence{Feature: c.Feature, Level: c.Level, Bits: c.Bits})
		}
	}
	return list
}
