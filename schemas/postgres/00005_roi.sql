-- +goose Up
-- ROI reports: rows exist only while the customer's authorisation stands.
CREATE TABLE crmsync.roi_touches (
    contract            text NOT NULL,
    opportunity_id      text NOT NULL,
    touch_id            text NOT NULL,
    kind                text NOT NULL,
    level               text NOT NULL,
    seat_id             text NOT NULL,
    member_id           text,
    company_id          text,
    touched_at          timestamptz NOT NULL,
    days_before_created double precision NOT NULL,
    counts_sourced      boolean NOT NULL,
    counts_influenced   boolean NOT NULL,
    sandbox             boolean NOT NULL DEFAULT false,
    run_id              text NOT NULL,
    as_of               timestamptz NOT NULL,
    PRIMARY KEY (contract, opportunity_id, touch_id)
);
COMMENT ON TABLE crmsync.roi_touches IS 'Touches: use of Sales Navigator on people and companies of an opportunity.';
COMMENT ON COLUMN crmsync.roi_touches.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_touches.opportunity_id IS 'Opportunity.';
COMMENT ON COLUMN crmsync.roi_touches.touch_id IS 'Usage or activity id, prefixed by its data set.';
COMMENT ON COLUMN crmsync.roi_touches.kind IS 'Kind of usage or activity.';
COMMENT ON COLUMN crmsync.roi_touches.level IS 'a: a contact with a role on the opportunity; b: a contact or lead of its account; c: the account''s company.';
COMMENT ON COLUMN crmsync.roi_touches.seat_id IS 'Seat.';
COMMENT ON COLUMN crmsync.roi_touches.member_id IS 'Personal data. Profile touched.';
COMMENT ON COLUMN crmsync.roi_touches.company_id IS 'Company touched.';
COMMENT ON COLUMN crmsync.roi_touches.touched_at IS 'When.';
COMMENT ON COLUMN crmsync.roi_touches.days_before_created IS 'Days from the touch to the opportunity''s creation; negative after it.';
COMMENT ON COLUMN crmsync.roi_touches.counts_sourced IS 'Whether the touch lies in the window of ''sourced''.';
COMMENT ON COLUMN crmsync.roi_touches.counts_influenced IS 'Whether the touch lies in the window of ''influenced''.';
COMMENT ON COLUMN crmsync.roi_touches.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.roi_touches.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.roi_touches.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.roi_opportunities (
    contract          text NOT NULL,
    opportunity_id    text NOT NULL,
    account_id        text,
    owner_id          text NOT NULL,
    owner_has_seat    boolean NOT NULL,
    stage             text NOT NULL,
    is_closed         boolean NOT NULL,
    is_won            boolean NOT NULL,
    revenue           double precision,
    created_at        timestamptz NOT NULL,
    close_date        date NOT NULL,
    in_pipeline       boolean NOT NULL,
    quarter           text NOT NULL,
    days_to_close     bigint,
    touches           bigint NOT NULL,
    first_touch_at    timestamptz,
    last_touch_at     timestamptz,
    sourced           boolean NOT NULL,
    sourced_strict    boolean NOT NULL,
    influenced        boolean NOT NULL,
    influenced_strict boolean NOT NULL,
    sandbox           boolean NOT NULL DEFAULT false,
    run_id            text NOT NULL,
    as_of             timestamptz NOT NULL,
    PRIMARY KEY (contract, opportunity_id)
);
COMMENT ON TABLE crmsync.roi_opportunities IS 'Opportunities with the influence of Sales Navigator on them.';
COMMENT ON COLUMN crmsync.roi_opportunities.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_opportunities.opportunity_id IS 'Opportunity.';
COMMENT ON COLUMN crmsync.roi_opportunities.account_id IS 'Account.';
COMMENT ON COLUMN crmsync.roi_opportunities.owner_id IS 'Owner.';
COMMENT ON COLUMN crmsync.roi_opportunities.owner_has_seat IS 'Whether the owner holds a seat.';
COMMENT ON COLUMN crmsync.roi_opportunities.stage IS 'Stage.';
COMMENT ON COLUMN crmsync.roi_opportunities.is_closed IS 'Whether it is closed.';
COMMENT ON COLUMN crmsync.roi_opportunities.is_won IS 'Whether it is won.';
COMMENT ON COLUMN crmsync.roi_opportunities.revenue IS 'Value of the revenue field (R36), in the org''s currency.';
COMMENT ON COLUMN crmsync.roi_opportunities.created_at IS 'When it was created.';
COMMENT ON COLUMN crmsync.roi_opportunities.close_date IS 'Day it closed or is expected to.';
COMMENT ON COLUMN crmsync.roi_opportunities.in_pipeline IS 'Whether it has entered the pipeline (R36).';
COMMENT ON COLUMN crmsync.roi_opportunities.quarter IS 'Quarter of the close date, as 2026-Q3.';
COMMENT ON COLUMN crmsync.roi_opportunities.days_to_close IS 'Days from creation to close; none while open.';
COMMENT ON COLUMN crmsync.roi_opportunities.touches IS 'Touches within the windows.';
COMMENT ON COLUMN crmsync.roi_opportunities.first_touch_at IS 'First touch within the windows.';
COMMENT ON COLUMN crmsync.roi_opportunities.last_touch_at IS 'Last touch within the windows.';
COMMENT ON COLUMN crmsync.roi_opportunities.sourced IS 'First touch within N days (90) before creation, of any level.';
COMMENT ON COLUMN crmsync.roi_opportunities.sourced_strict IS 'The same with touches of level a only.';
COMMENT ON COLUMN crmsync.roi_opportunities.influenced IS 'Any touch from N days (90) before creation to the close, or to as_of while open.';
COMMENT ON COLUMN crmsync.roi_opportunities.influenced_strict IS 'The same with touches of level a only.';
COMMENT ON COLUMN crmsync.roi_opportunities.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.roi_opportunities.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.roi_opportunities.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.roi_quarters (
    contract        text NOT NULL,
    quarter         text NOT NULL,
    influenced      boolean NOT NULL,
    opportunities   bigint NOT NULL,
    won             bigint NOT NULL,
    lost            bigint NOT NULL,
    open            bigint NOT NULL,
    sourced         bigint NOT NULL,
    revenue_won     double precision NOT NULL,
    revenue_open    double precision NOT NULL,
    revenue_sourced double precision NOT NULL,
    sandbox         boolean NOT NULL DEFAULT false,
    run_id          text NOT NULL,
    as_of           timestamptz NOT NULL,
    PRIMARY KEY (contract, quarter, influenced)
);
COMMENT ON TABLE crmsync.roi_quarters IS 'Opportunities in the pipeline, per quarter of their close date, influenced and not.';
COMMENT ON COLUMN crmsync.roi_quarters.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_quarters.quarter IS 'Quarter, as 2026-Q3.';
COMMENT ON COLUMN crmsync.roi_quarters.influenced IS 'Whether Sales Navigator influenced them.';
COMMENT ON COLUMN crmsync.roi_quarters.opportunities IS 'Opportunities.';
COMMENT ON COLUMN crmsync.roi_quarters.won IS 'Won.';
COMMENT ON COLUMN crmsync.roi_quarters.lost IS 'Lost.';
COMMENT ON COLUMN crmsync.roi_quarters.open IS 'Open.';
COMMENT ON COLUMN crmsync.roi_quarters.sourced IS 'Of these, sourced.';
COMMENT ON COLUMN crmsync.roi_quarters.revenue_won IS 'Revenue of those won.';
COMMENT ON COLUMN crmsync.roi_quarters.revenue_open IS 'Revenue of those open.';
COMMENT ON COLUMN crmsync.roi_quarters.revenue_sourced IS 'Revenue of those sourced and won.';
COMMENT ON COLUMN crmsync.roi_quarters.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.roi_quarters.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.roi_quarters.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.roi_comparison (
    contract         text NOT NULL,
    measure          text NOT NULL,
    unit             text NOT NULL,
    influenced_n     bigint NOT NULL,
    influenced_value double precision,
    other_n          bigint NOT NULL,
    other_value      double precision,
    difference       double precision,
    difference_low   double precision,
    difference_high  double precision,
    method           text NOT NULL,
    sandbox          boolean NOT NULL DEFAULT false,
    run_id           text NOT NULL,
    as_of            timestamptz NOT NULL,
    PRIMARY KEY (contract, measure)
);
COMMENT ON TABLE crmsync.roi_comparison IS 'Influenced opportunities against the others; a comparison, not a proof of cause.';
COMMENT ON COLUMN crmsync.roi_comparison.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_comparison.measure IS 'win_rate, median_revenue or median_days_to_close.';
COMMENT ON COLUMN crmsync.roi_comparison.unit IS 'Unit of the values.';
COMMENT ON COLUMN crmsync.roi_comparison.influenced_n IS 'Influenced opportunities in the comparison.';
COMMENT ON COLUMN crmsync.roi_comparison.influenced_value IS 'Value for the influenced; none when too few.';
COMMENT ON COLUMN crmsync.roi_comparison.other_n IS 'Other opportunities in the comparison.';
COMMENT ON COLUMN crmsync.roi_comparison.other_value IS 'Value for the others; none when too few.';
COMMENT ON COLUMN crmsync.roi_comparison.difference IS 'influenced_value - other_value.';
COMMENT ON COLUMN crmsync.roi_comparison.difference_low IS 'Lower end of the difference''s 95 % interval.';
COMMENT ON COLUMN crmsync.roi_comparison.difference_high IS 'Upper end of the difference''s 95 % interval.';
COMMENT ON COLUMN crmsync.roi_comparison.method IS 'How the interval was computed.';
COMMENT ON COLUMN crmsync.roi_comparison.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.roi_comparison.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.roi_comparison.as_of IS 'Instant that this run describes, by the org''s clock.';

