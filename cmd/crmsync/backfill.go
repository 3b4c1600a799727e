package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/crmsync/crmsync/jobs/backfill"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/match"
)

// backfillPlan is what a backfill was asked for. It is kept with it, so that the same command goes on and another one does not.
type backfillPlan struct {
	Name     string    `json:"name"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Every    string    `json:"every"`
	Stages   []string  `json:"stages"`
	Settings string    `json:"settings"`
	Model    string    `json:"model,omitempty"` // fingerprint; empty for the models of the days
	// Rules is a fingerprint of the settings and decisions in force when it began, empty for those of the days, and of the thresholds.
	Rules string `json:"rules"`
}

type backfillFlags struct {
	from, to, every, model, settings, name string
	stages                                 []string
	compare                                bool
	limit                                  int
}

func (a *app) backfillCommand() *cobra.Command {
	var f backfillFlags
	c := &cobra.Command{
		Use:   "backfill",
		Short: "Run stages again over past syncs, by today's rules or another model, beside what was published",
		Long: `backfill computes what past syncs would have found by today's settings and hand-made decisions, or by another model. For each
instant from --from to --to it takes the data of the latest kept sync at or before it. Live tables are not touched: what it finds goes
into the tables backfill_*, under the backfill's name, and into its own snapshots.

--compare shows what would change before a rule or model is adopted: links gained, lost and changed, match rates, and ROI.

An instant is 2026-11-02T08:00:00Z, or a day, which means its end in UTC. A backfill that was stopped goes on when the same command is
given again; one that has ended computes nothing. Several syncs are computed at a time if run.workers and run.memory allow it (256 MiB
for each). It may go on beside syncs, one at a time for a contract.`,
		Example: `  crmsync backfill --from 2026-10-01 --to 2026-10-31 --every 1d --compare
  crmsync backfill --from 2026-10-31 --to 2026-10-31 --model new-model.json --compare
  crmsync backfill --from 2026-10-01 --to 2026-10-31 --every 12h --stages roi --settings then
  crmsync backfill compare NAME --limit 50
  crmsync backfill list`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			instants, plan, err := f.parse()
			if err != nil {
				return usageError{err}
			}
			return a.with(cmd.Context(), func(s *session) error { return a.backfill(cmd.Context(), s, f, instants, plan) })
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.from, "from", "", "first instant, or day")
	flags.StringVar(&f.to, "to", "", "last instant, or day")
	flags.StringVar(&f.every, "every", "1d", "interval between instants: 12h, 1d, 1w")
	flags.StringSliceVar(&f.stages, "stages", backfill.Stages, "stages to run again")
	flags.StringVar(&f.model, "model", "", "model file for all syncs (default: each sync's own)")
	flags.StringVar(&f.settings, "settings", "now", "now: settings and decisions in force; then: those of each sync")
	flags.StringVar(&f.name, "name", "", "name (default: made of what is asked for)")
	flags.BoolVar(&f.compare, "compare", false, "show what differs from what was published")
	flags.IntVar(&f.limit, "limit", 20, "links to list with --compare; 0 for all")
	c.AddCommand(a.backfillListCommand(), a.backfillCompareCommand(), a.backfillDropCommand())
	return c
}

// parse checks the flags.
func (f backfillFlags) parse() ([]time.Time, backfillPlan, error) {
	p := backfillPlan{Every: f.every, Settings: f.settings}
	if f.from == "" || f.to == "" {
		return nil, p, errors.New("--from and --to say which instants; see `crmsync backfill --help`")
	}
	var err error
	if p.From, err = instantOf("--from", f.from); err != nil {
		return nil, p, err
	}
	if p.To, err = instantOf("--to", f.to); err != nil {
		return nil, p, err
	}
	every, err := intervalOf(f.every)
	if err != nil {
		return nil, p, err
	}
	for _, s := range backfill.Stages { // in their order, each once
		if slices.Contains(f.stages, s) {
			p.Stages = append(p.Stages, s)
		}
	}
	for _, s := range f.stages {
		if !slices.Contains(backfill.Stages, s) {
			return nil, p, fmt.Errorf("--stages: %q can't be run again; these can: %s", s, strings.Join(backfill.Stages, ", "))
		}
	}
	if len(p.Stages) == 0 {
		return nil, p, errors.New("--stages names no stage")
	}
	if f.settings != "now" && f.settings != "then" {
		return nil, p, fmt.Errorf("--settings takes now or then, not %q", f.settings)
	}
	if f.name != "" && !backfillName.MatchString(f.name) {
		return nil, p, fmt.Errorf("--name %q: letters, digits, dots, hyphens and underscores only, 60 at most", f.name)
	}
	instants, err := backfill.Instants(p.From, p.To, every)
	return instants, p, err
}

var (
	backfillName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$`)
	interval     = regexp.MustCompile(`^([0-9]{1,5})(m|h|d|w)$`)
)

// instantOf reads an instant; a day means its end.
func instantOf(flag, text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Millisecond), nil
	}
	return time.Time{}, fmt.Errorf("%s: %q is neither an instant, as 2026-11-02T08:00:00Z, nor a day, as 2026-11-02", flag, text)
}

func intervalOf(text string) (time.Duration, error) {
	m := interval.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("--every: %q is no interval, as 12h, 1d or 1w", text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, fmt.Errorf("--every: %w", err)
	}
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[m[2]]
	return time.Duration(n) * unit, nil
}

// backfill computes, and prints what came of it, also when something failed.
func (a *app) backfill(ctx context.Context, s *session, f backfillFlags, instants []time.Time, p backfillPlan) error {
	var model *match.Model
	if f.model != "" {
		if !slices.Contains(p.Stages, backfill.Match) {
			return usageError{errors.New("--model: match is not among the stages")}
		}
		var err error
		if model, err = match.LoadModel(f.model); err != nil {
			return usageError{err}
		}
		p.Model = model.Fingerprint()
	}
	if err := s.completePlan(ctx, &p, f.name); err != nil {
		return err
	}
	plan, err := backfill.NewPlan(s.home, instants)
	if errors.Is(err, backfill.ErrNothing) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if err := s.keepPlan(p); err != nil {
		return err
	}
	progress, done := a.progress(s.log)
	b := s.backfill(p.Name, progress)
	b.Stages, b.Then, b.Matcher = p.Stages, p.Settings == "then", *s.matcher(model)
	outcomes, failed := b.Run(ctx, plan)
	done()
	if len(outcomes) == 0 {
		return failed
	}
	report, err := a.backfillReport(ctx, b, p, outcomes, plan.Missing)
	if err != nil {
		return errors.Join(failed, err)
	}
	if a.json {
		err = a.printJSON(report)
	} else {
		err = report.print(a.stdout, f.compare)
	}
	if err == nil && f.compare && !a.json {
		err = a.printChanges(ctx, b, report, report.last(), f.limit)
	}
	return errors.Join(failed, err)
}

// backfill opens a backfill of the contract.
func (s *session) backfill(name string, progress pipeline.Progress) *backfill.Backfill {
	return &backfill.Backfill{
		Name: name, Contract: s.cfg.Contract, Home: s.home, Store: s.store, DB: s.db, Log: s.log, Progress: progress,
		Budget: int64(s.cfg.Run.Memory), Workers: s.workers(),
	}
}

// completePlan adds the rules in force, and the name.
func (s *session) completePlan(ctx context.Context, p *backfillPlan, name string) error {
	h := sha256.New()
	fmt.Fprintln(h, s.cfg.Match.LinkProbability, s.cfg.Match.ReviewProbability, s.cfg.Match.MarginBits)
	values, err := control.Values(ctx, s.db, s.cfg.Contract)
	if err != nil {
		return err
	}
	if slices.Contains(p.Stages, backfill.ROI) && !values.Bool("roi.authorised") { // whatever was authorised then
		return usageError{errors.New("roi is among the stages, but the customer has not authorised it (setting roi.authorised)")}
	}
	if p.Settings == "now" {
		decisions, err := control.Decisions(ctx, s.db, s.cfg.Contract)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(h).Encode([]any{values, decisions}); err != nil {
			return fmt.Errorf("fingerprint of the rules: %w", err)
		}
	}
	p.Rules = hex.EncodeToString(h.Sum(nil)[:8])
	if p.Name = name; name == "" {
		all, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("name the backfill: %w", err)
		}
		sum := sha256.Sum256(all)
		p.Name = fmt.Sprintf("%s-%s-%s", p.From.Format("20060102"), p.To.Format("20060102"), hex.EncodeToString(sum[:4]))
	}
	return nil
}

const planFile = "backfill.json"

// keepPlan notes what the backfill was asked for, or checks that it was the same when it began.
func (s *session) keepPlan(p backfillPlan) error {
	kept, err := s.readPlan(p.Name)
	switch {
	case err == nil && fmt.Sprint(kept) != fmt.Sprint(p):
		return usageError{fmt.Errorf("backfill %s was begun with other instants, stages, rules or another model; give another --name, or `crmsync backfill drop %s`", p.Name, p.Name)}
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the plan: %w", err)
	}
	dir := s.home.Backfill(p.Name).Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("keep the plan: %w", err)
	}
	if err := renameio.WriteFile(filepath.Join(dir, planFile), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("keep the plan: %w", err)
	}
	return nil
}

func (s *session) readPlan(name string) (p backfillPlan, err error) {
	path := filepath.Join(s.home.Backfill(name).Dir, planFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return p, fmt.Errorf("backfill %s: %w", name, err)
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return p, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return p, nil
}
