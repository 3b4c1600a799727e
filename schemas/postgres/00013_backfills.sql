-- +goose Up
-- What backfills found, beside the live tables: the same columns, and the backfill's name. A row's run is the sync whose data it was
-- computed from, and its as_of that sync's.
CREATE TABLE crmsync.backfill_runs (
    contract    text NOT NULL,
    backfill    text NOT NULL,
    run_id      text NOT NULL,
    as_of       timestamptz NOT NULL,
    stages      text[] NOT NULL,
    model       text,
    settings    text NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now(),
    sandbox     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (contract, backfill, run_id)
);
COMMENT ON TABLE crmsync.backfill_runs IS 'Past syncs that backfills re-ran stages of, and by which rules.';
COMMENT ON COLUMN crmsync.backfill_runs.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.backfill_runs.backfill IS 'Name of the backfill.';
COMMENT ON COLUMN crmsync.backfill_runs.run_id IS 'Sync whose data was used.';
COMMENT ON COLUMN crmsync.backfill_runs.as_of IS 'Instant that this sync describes, by the org''s clock.';
COMMENT ON COLUMN crmsync.backfill_runs.stages IS 'Stages that were run again.';
COMMENT ON COLUMN crmsync.backfill_runs.model IS 'Fingerprint of the model that every run was given; none when each had the model of its day.';
COMMENT ON COLUMN crmsync.backfill_runs.settings IS 'now: settings and hand-made decisions as they were when the backfill began; then: those of the day.';
COMMENT ON COLUMN crmsync.backfill_runs.computed_at IS 'When the rows were loaded, by the database''s clock.';
COMMENT ON COLUMN crmsync.backfill_runs.sandbox IS 'Whether the contract''s org is a sandbox.';

CREATE TABLE crmsync.backfill_links (LIKE crmsync.links INCLUDING COMMENTS INCLUDING DEFAULTS, backfill text NOT NULL);
ALTER TABLE crmsync.backfill_links ADD PRIMARY KEY (contract, backfill, run_id, object, record_id);
CREATE TABLE crmsync.backfill_match_rates (LIKE crmsync.match_rates INCLUDING COMMENTS INCLUDING DEFAULTS, backfill text NOT NULL);
ALTER TABLE crmsync.backfill_match_rates ADD PRIMARY KEY (contract, backfill, run_id, object);
CREATE TABLE crmsync.backfill_roi_opportunities (LIKE crmsync.roi_opportunities INCLUDING COMMENTS INCLUDING DEFAULTS, backfill text NOT NULL);
ALTER TABLE crmsync.backfill_roi_opportunities ADD PRIMARY KEY (contract, backfill, run_id, opportunity_id);
CREATE TABLE crmsync.backfill_roi_attribution (LIKE crmsync.roi_attribution INCLUDING COMMENTS INCLUDING DEFAULTS, backfill text NOT NULL);
ALTER TABLE crmsync.backfill_roi_attribution ADD PRIMARY KEY (contract, backfill, run_id, opportunity_id, seat_id, kind, level);
CREATE TABLE crmsync.backfill_roi_quarters (LIKE crmsync.roi_quarters INCLUDING COMMENTS INCLUDING DEFAULTS, backfill text NOT NULL);
ALTER TABLE crmsync.backfill_roi_quarters ADD PRIMARY KEY (contract, backfill, run_id, quarter, currency, influenced);
CREATE TABLE crmsync.backfill_roi_comparison (LIKE crmsync.roi_comparison INCLUDING COMMENTS INCLUDING DEFAULTS, backfill text NOT NULL);
ALTER TABLE crmsync.backfill_roi_comparison ADD PRIMARY KEY (contract, backfill, run_id, comparison, dimension, segment, measure, currency);
CREATE TABLE crmsync.backfill_roi_sellers (LIKE crmsync.roi_sellers INCLUDING COMMENTS INCLUDING DEFAULTS, backfill text NOT NULL);
ALTER TABLE crmsync.backfill_roi_sellers ADD PRIMARY KEY (contract, backfill, run_id, seller_id, currency);

CREATE TABLE crmsync.backfill_link_changes (
    contract           text NOT NULL,
    backfill           text NOT NULL,
    run_id             text NOT NULL,
    as_of              timestamptz NOT NULL,
    object             text NOT NULL,
    record_id          text NOT NULL,
    change             text NOT NULL,
    before_target_id   text,
    before_decision    text,
    before_probability double precision,
    before_weight      double precision,
    after_target_id    text,
    after_decision     text,
    after_probability  double precision,
    after_weight       double precision,
    sandbox            boolean NOT NULL DEFAULT false,
    PRIMARY KEY (contract, backfill, run_id, object, record_id)
);
COMMENT ON TABLE crmsync.backfill_link_changes IS 'Links that differ between what a sync published and what a backfill finds for it.';
COMMENT ON COLUMN crmsync.backfill_link_changes.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.backfill_link_changes.object IS 'Lead, Contact or Account.';
COMMENT ON COLUMN crmsync.backfill_link_changes.record_id IS 'Salesforce id of the record.';
COMMENT ON COLUMN crmsync.backfill_link_changes.change IS 'gained, lost, or changed: linked to another profile or company.';
COMMENT ON COLUMN crmsync.backfill_link_changes.before_target_id IS 'Member or company id that was published; none when the record had no row.';
COMMENT ON COLUMN crmsync.backfill_link_changes.before_decision IS 'Decision that was published.';
COMMENT ON COLUMN crmsync.backfill_link_changes.before_probability IS 'Match probability that was published, 0 to 1.';
COMMENT ON COLUMN crmsync.backfill_link_changes.before_weight IS 'Match weight that was published, in bits.';
COMMENT ON COLUMN crmsync.backfill_link_changes.after_target_id IS 'Member or company id of the backfill; none when the record has no row.';
COMMENT ON COLUMN crmsync.backfill_link_changes.after_decision IS 'Decision of the backfill.';
COMMENT ON COLUMN crmsync.backfill_link_changes.after_probability IS 'Match probability of the backfill, 0 to 1.';
COMMENT ON COLUMN crmsync.backfill_link_changes.after_weight IS 'Match weight of the backfill, in bits.';
COMMENT ON COLUMN crmsync.backfill_link_changes.sandbox IS 'Whether the contract''s org is a sandbox.';

CREATE TABLE crmsync.backfill_roi_moves (
    contract text NOT NULL,
    backfill text NOT NULL,
    run_id   text NOT NULL,
    as_of    timestamptz NOT NULL,
    subject  text NOT NULL,
    segment  text NOT NULL,
    currency text NOT NULL,
    measure  text NOT NULL,
    before   double precision,
    after    double precision,
    sandbox  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (contract, backfill, run_id, subject, segment, currency, measure)
);
COMMENT ON TABLE crmsync.backfill_roi_moves IS 'Match rates and ROI as a sync published them, and as a backfill finds them for it.';
COMMENT ON COLUMN crmsync.backfill_roi_moves.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.backfill_roi_moves.subject IS 'match, or roi.';
COMMENT ON COLUMN crmsync.backfill_roi_moves.segment IS 'Object for match, quarter for roi.';
COMMENT ON COLUMN crmsync.backfill_roi_moves.currency IS 'ISO code of an amount''s currency; empty for counts, and in an org with one currency.';
COMMENT ON COLUMN crmsync.backfill_roi_moves.measure IS 'eligible, linked, review or rate; opportunities, influenced, sourced, won, won_influenced, won_sourced, open or open_influenced, the last five in revenue.';
COMMENT ON COLUMN crmsync.backfill_roi_moves.before IS 'As published; none when the sync published nothing of the kind.';
COMMENT ON COLUMN crmsync.backfill_roi_moves.after IS 'By the backfill; none when it found nothing of the kind.';
COMMENT ON COLUMN crmsync.backfill_roi_moves.sandbox IS 'Whether the contract''s org is a sandbox.';

-- +goose StatementBegin
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'crmsync'::regnamespace AND relkind = 'r' AND relname LIKE 'backfill\_%' AND relname <> 'backfill_runs'
    LOOP
        EXECUTE format('COMMENT ON COLUMN crmsync.%I.backfill IS %L', name, 'Name of the backfill.');
        EXECUTE format('COMMENT ON COLUMN crmsync.%I.run_id IS %L', name, 'Sync whose data the row was computed from.');
        EXECUTE format('COMMENT ON COLUMN crmsync.%I.as_of IS %L', name, 'Instant that this sync describes, by the org''s clock.');
    END LOOP;
END
$$;
-- +goose StatementEnd
COMMENT ON TABLE crmsync.backfill_links IS 'Links as backfills find them; see links.';
COMMENT ON TABLE crmsync.backfill_match_rates IS 'Match rates as backfills find them; see match_rates.';
COMMENT ON TABLE crmsync.backfill_roi_opportunities IS 'Opportunities as backfills find them; see roi_opportunities.';
COMMENT ON TABLE crmsync.backfill_roi_attribution IS 'Attribution as backfills find it; see roi_attribution.';
COMMENT ON TABLE crmsync.backfill_roi_quarters IS 'Quarters as backfills find them; see roi_quarters.';
COMMENT ON TABLE crmsync.backfill_roi_comparison IS 'Comparisons as backfills find them; see roi_comparison.';
COMMENT ON TABLE crmsync.backfill_roi_sellers IS 'Sellers as backfills find them; see roi_sellers.';
SELECT crmsync.grant_analyst();
