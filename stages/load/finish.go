package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

var (
	// ErrOlder says that the tables show a newer run.
	ErrOlder = errors.New("the tables show a newer run, and never go back")
	// ErrOtherOrg says that a contract's name was used for another org.
	ErrOtherOrg = errors.New("the contract's tables hold another Salesforce org; use another contract name, or erase the contract first")
)

// finish runs at the end of the load's transaction: the history of links, and the marker.
func (j *job) finish(ctx context.Context, tx pgx.Tx) error {
	if err := j.check(ctx, tx, "FOR UPDATE"); err != nil {
		return err
	}
	for _, step := range []struct {
		what, sql string
		args      []any
	}{
		{"forget what this run said of links before", sqlForgetLinks, []any{j.run.Contract, j.run.AsOf}},
		{"end the history of links", sqlEndLinks, []any{j.run.Contract, j.run.AsOf, j.run.ID}},
		{"begin the history of links", sqlBeginLinks, []any{j.run.Contract, j.run.AsOf, j.run.ID, j.org.sandbox}},
		{"describe the contract", sqlContract, []any{
			j.run.Contract, j.org.id, j.org.name, j.org.edition, j.org.instance, j.org.url, j.org.sandbox, j.run.ID, j.run.AsOf,
			j.settings.Text("badge.style"),
		}},
		{"drop old quarters", sqlDropQuarters, []any{j.run.Contract, j.oldest()}},
		{"drop old comparisons", sqlDropComparisons, []any{j.run.Contract, j.oldest()}},
		{"drop old sellers", sqlDropSellers, []any{j.run.Contract, j.oldest()}},
		{"remove ROI that is not authorised any more", sqlWithdrawn, []any{j.run.Contract}},
		{"mark runs", `UPDATE crmsync.runs SET sandbox = $2 WHERE contract = $1 AND sandbox <> $2`, []any{j.run.Contract, j.org.sandbox}},
		{"mark stages", `UPDATE crmsync.run_stages SET sandbox = $2 WHERE contract = $1 AND sandbox <> $2`, []any{j.run.Contract, j.org.sandbox}},
		{"mark write-backs", `UPDATE crmsync.writebacks SET sandbox = $2 WHERE contract = $1 AND sandbox <> $2 AND salesforce_id IS NULL`, []any{j.run.Contract, j.org.sandbox}},
	} {
		if _, err := tx.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// sqlWithdrawn removes what a run has loaded that began with the authorisation, when that was withdrawn since.
const sqlWithdrawn = `SELECT crmsync.withdraw_roi($1)
	FROM (SELECT to_value FROM crmsync.settings_audit WHERE contract = $1 AND key = 'roi.authorised' ORDER BY id DESC LIMIT 1) latest
	WHERE to_value IS DISTINCT FROM 'true'::jsonb`

// oldest is the as_of of the oldest runs whose ROI rows stay.
func (j *job) oldest() time.Time {
	return j.run.AsOf.AddDate(0, 0, -int(j.settings.Int("roi.keep_days")))
}

const (
	sqlDropQuarters    = `DELETE FROM crmsync.roi_quarters WHERE contract = $1 AND as_of < $2`
	sqlDropComparisons = `DELETE FROM crmsync.roi_comparison WHERE contract = $1 AND as_of < $2`
	sqlDropSellers     = `DELETE FROM crmsync.roi_sellers WHERE contract = $1 AND as_of < $2`
)

// rowQuerier is a pool or a transaction.
type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// check refuses a run that the tables are ahead of, and another org.
func (j *job) check(ctx context.Context, q rowQuerier, lock string) error {
	var orgID, run *string
	var asOf *time.Time
	err := q.QueryRow(ctx, `SELECT org_id, current_run, current_as_of FROM crmsync.contracts WHERE id = $1 `+lock, j.run.Contract).Scan(&orgID, &run, &asOf)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look at the contract: %w", err)
	case orgID != nil && *orgID != j.org.id:
		return fmt.Errorf("contract %s is org %s, this run read org %s: %w", j.run.Contract, *orgID, j.org.id, ErrOtherOrg)
	case asOf != nil && asOf.After(j.run.AsOf):
		return fmt.Errorf("run %s is as of %s, run %s as of %s is loaded: %w",
			j.run.ID, j.run.AsOf.Format(time.RFC3339), *run, asOf.UTC().Format(time.RFC3339), ErrOlder)
	}
	return nil
}

const sameLink = `l.contract = h.contract AND l.object = h.object AND l.record_id = h.record_id AND l.target_kind = h.target_kind
	AND l.target_id = h.target_id AND l.decision = h.decision AND l.origin = h.origin`

// A history that began at this very instant and is no longer so never was: the run was loaded with other results before.
const sqlForgetLinks = `DELETE FROM crmsync.links_history h
	WHERE h.contract = $1 AND h.until IS NULL AND h.since >= $2 AND NOT EXISTS (SELECT FROM crmsync.links l WHERE ` + sameLink + `)`

const sqlEndLinks = `UPDATE crmsync.links_history h SET until = $2, until_run = $3
	WHERE h.contract = $1 AND h.until IS NULL AND NOT EXISTS (SELECT FROM crmsync.links l WHERE ` + sameLink + `)`

const sqlBeginLinks = `INSERT INTO crmsync.links_history
		(contract, object, record_id, target_kind, target_id, decision, origin, probability, weight, model, since, since_run, sandbox)
	SELECT l.contract, l.object, l.record_id, l.target_kind, l.target_id, l.decision, l.origin, l.probability, l.weight, l.model, $2, $3, $4
	FROM crmsync.links l
	WHERE l.contract = $1 AND NOT EXISTS (
		SELECT FROM crmsync.links_history h
		WHERE h.contract = l.contract AND h.object = l.object AND h.record_id = l.record_id AND h.until IS NULL)`

// The marker moves when the run is another one, and only then.
const sqlContract = `INSERT INTO crmsync.contracts AS c
		(id, org_id, org_name, edition, instance_name, instance_url, sandbox, current_run, current_as_of, last_sync, badge_style)
	VALUES ($1, $2, $3, $4, $5, rtrim($6, '/'), $7, $8, $9, now(), $10)
	ON CONFLICT (id) DO UPDATE SET org_id = excluded.org_id, org_name = excluded.org_name, edition = excluded.edition,
		instance_name = excluded.instance_name, instance_url = excluded.instance_url, sandbox = excluded.sandbox,
		current_run = excluded.current_run, current_as_of = excluded.current_as_of, last_sync = excluded.last_sync, badge_style = excluded.badge_style
	WHERE (c.org_id, c.org_name, c.edition, c.instance_name, c.instance_url, c.sandbox, c.current_run, c.current_as_of, c.badge_style) IS DISTINCT FROM
		(excluded.org_id, excluded.org_name, excluded.edition, excluded.instance_name, excluded.instance_url, excluded.sandbox,
		 excluded.current_run, excluded.current_as_of, excluded.badge_style)`
