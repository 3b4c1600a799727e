package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crmsync/crmsync/jobs/report"
	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
	"github.com/crmsync/crmsync/stages/control"
	"github.com/crmsync/crmsync/stages/writeback"
)

// reportRun puts a run into the form of the report.
func reportRun(m *pipeline.Manifest) report.Run {
	took := time.Duration(0)
	for _, s := range m.Stages {
		took += s.Duration()
	}
	o := newOutcome(m, took, schemas.CRMObjects)
	r := report.Run{ID: o.RunID, Job: o.Job, State: string(m.State), Seconds: o.Seconds, APICalls: o.APICalls}
	if m.Count("rows."+schemas.Lead.Name) == 0 && len(m.Datasets) == 0 {
		return r
	}
	for _, x := range o.Objects {
		r.Objects = append(r.Objects, report.ObjectRows{Object: x.Object, Read: x.Read, Deleted: x.Deleted, Rows: x.Rows})
	}
	return r
}

// gather reads from the tables what the report shows; runs are told of in their order.
func (s *session) gather(ctx context.Context, runs ...*pipeline.Manifest) (*report.Data, error) {
	d := &report.Data{Summary: report.Summary{Contract: s.cfg.Contract}}
	for _, m := range runs {
		d.Runs = append(d.Runs, reportRun(m))
		if m.Job == "sync" {
			d.AsOf = m.AsOf
		}
	}
	for _, read := range []func(context.Context, *report.Data) error{
		s.gatherMatches, s.gatherExamples, s.gatherSaves, s.gatherROI, s.gatherQueue,
	} {
		if err := read(ctx, d); err != nil {
			return nil, fmt.Errorf("gather the report of %s: %w", s.cfg.Contract, err)
		}
	}
	return d, nil
}

// rows runs a query whose first parameter is the contract and collects its rows by the positions of T's fields.
func rows[T any](ctx context.Context, s *session, sql string, args ...any) ([]T, error) {
	r, err := s.db.Query(ctx, sql, append([]any{s.cfg.Contract}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(r, pgx.RowToStructByPos[T])
}

func (s *session) gatherMatches(ctx context.Context, d *report.Data) (err error) {
	d.MatchRates, err = rows[report.MatchRate](ctx, s, `
		SELECT object, records, eligible, linked, linked_by_hand, review, rate FROM crmsync.match_rates_current WHERE contract = $1 ORDER BY object`)
	if err != nil {
		return err
	}
	d.RateHistory, err = rows[report.RateAt](ctx, s, `SELECT as_of, object, rate FROM crmsync.match_rates WHERE contract = $1 ORDER BY as_of, object`)
	if err != nil {
		return err
	}
	d.Scores, err = rows[report.ScoreBin](ctx, s, `
		SELECT s.object, s.bin, s.records, s.linked, coalesce(r.n, 0)
		FROM crmsync.match_scores s
		LEFT JOIN (SELECT object, (2 * floor(weight / 2))::bigint AS bin, count(*) AS n FROM crmsync.links
		           WHERE contract = $1 AND decision = 'review' GROUP BY 1, 2) r USING (object, bin)
		WHERE s.contract = $1 ORDER BY s.object, s.bin`)
	return err
}

// linkRow is a link as the tables have it.
type linkRow struct {
	Object, RecordID, TargetID string
	Probability, Weight        float64
	Evidence                   []byte
}

// gatherExamples picks, per object, a link that rests on more than equal spelling: the one with the most kinds of evidence
// among those that are not the surest.
func (s *session) gatherExamples(ctx context.Context, d *report.Data) error {
	links, err := rows[linkRow](ctx, s, `
		SELECT DISTINCT ON (object) object, record_id, target_id, probability, weight, evidence
		FROM crmsync.links
		WHERE contract = $1 AND decision = 'link' AND origin = 'model'
		ORDER BY object, jsonb_path_exists(evidence, '$[*] ? (@.bits < 0)') DESC, jsonb_array_length(evidence) DESC, weight, record_id`)
	if err != nil {
		return err
	}
	for _, l := range links {
		e := report.Example{Object: l.Object, RecordID: l.RecordID, TargetID: l.TargetID, Probability: l.Probability, Weight: l.Weight}
		if err := json.Unmarshal(l.Evidence, &e.Evidence); err != nil {
			return fmt.Errorf("evidence of %s: %w", l.RecordID, err)
		}
		e.Reasons = report.Reasons(e.Evidence, 4)
		if e.Record, err = s.describe(ctx, l.Object, l.RecordID); err != nil {
			return err
		}
		if e.Target, err = s.describe(ctx, map[bool]string{true: "company", false: "person"}[l.Object == "Account"], l.TargetID); err != nil {
			return err
		}
		d.Examples = append(d.Examples, e)
	}
	return nil
}

func (s *session) gatherSaves(ctx context.Context, d *report.Data) error {
	all, err := rows[report.Saves](ctx, s, `
		SELECT (SELECT count(*) FROM crmsync.seats WHERE contract = $1),
		       (SELECT count(*) FROM crmsync.seat_users WHERE contract = $1 AND user_id IS NOT NULL),
		       count(*) FILTER (WHERE target_kind = 'person'), count(*) FILTER (WHERE target_kind = 'company'), count(DISTINCT seat_id),
		       count(*) FILTER (WHERE v.run_id = c.current_run)
		FROM crmsync.saves v JOIN crmsync.contracts c ON c.id = v.contract WHERE v.contract = $1`)
	if err == nil {
		d.Saves = all[0]
	}
	return err
}

func (s *session) gatherROI(ctx context.Context, d *report.Data) (err error) {
	values, err := control.Values(ctx, s.db, s.cfg.Contract)
	if err != nil {
		return err
	}
	d.Quarters, err = rows[report.Quarter](ctx, s, `
		SELECT quarter, currency, influenced, opportunities, won, lost, open, sourced, influenced_strict, sourced_strict, revenue_won, revenue_open, revenue_sourced
		FROM crmsync.roi_quarters_current WHERE contract = $1 ORDER BY quarter, currency, influenced`)
	if err != nil {
		return err
	}
	d.Comparisons, err = rows[report.Comparison](ctx, s, `
		SELECT comparison, dimension, segment, coalesce(u.name, segment), measure, currency, unit, influenced_n, other_n, influenced_value,
		       other_value, difference, difference_low, difference_high, method
		FROM crmsync.roi_comparison_current c
		LEFT JOIN crmsync.users u ON c.dimension = 'owner' AND u.contract = c.contract AND u.id = c.segment
		WHERE c.contract = $1 ORDER BY comparison, dimension, segment, measure DESC, currency`)
	if err != nil {
		return err
	}
	d.OpenDeals, err = rows[report.OpenDeal](ctx, s, `
		SELECT opportunity_id, name, stage, close_date, currency, revenue, touches, sourced
		FROM (SELECT r.opportunity_id, coalesce(o.name, r.opportunity_id) AS name, r.stage, r.close_date::text, r.currency, r.revenue, r.touches, r.sourced,
		             row_number() OVER (PARTITION BY r.currency ORDER BY r.revenue DESC, r.opportunity_id) AS place
		      FROM crmsync.roi_opportunities_current r
		      LEFT JOIN crmsync.opportunities o ON o.contract = r.contract AND o.id = r.opportunity_id
		      WHERE r.contract = $1 AND r.influenced AND r.in_pipeline AND NOT r.is_closed AND r.revenue IS NOT NULL) ranked
		WHERE place <= 10 ORDER BY currency, place`)
	if err != nil {
		return err
	}
	d.Touches, err = rows[report.TouchBin](ctx, s, `
		SELECT b.low, count(*) FILTER (WHERE is_won), count(*) FILTER (WHERE NOT is_won)
		FROM unnest($2::bigint[]) WITH ORDINALITY AS b (low, place)
		LEFT JOIN unnest($2::bigint[]) WITH ORDINALITY AS n (high, place) ON n.place = b.place + 1
		JOIN crmsync.roi_opportunities_current r ON r.contract = $1 AND r.in_pipeline AND r.is_closed AND r.touches >= b.low AND (n.high IS NULL OR r.touches < n.high)
		GROUP BY b.low ORDER BY b.low`, report.TouchBins)
	if err != nil {
		return err
	}
	d.ROI = report.ROIFrom(values.Bool("roi.authorised"), d.Quarters)
	return err
}

func (s *session) gatherQueue(ctx context.Context, d *report.Data) error {
	queue, err := writeback.Queue(ctx, s.db, s.cfg.Contract)
	for _, state := range []string{"written", "unassigned", "waiting", "sending", "refused", "failed"} {
		if n := queue[state]; n > 0 {
			d.Writeback = append(d.Writeback, report.StateRows{State: state, Rows: n})
		}
	}
	return err
}
