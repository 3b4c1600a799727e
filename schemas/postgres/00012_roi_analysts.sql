-- +goose Up
-- ROI for analysts: attribution, segments, pipeline entry, sellers, currencies; views of the current rows; who may read them. What the
-- tables held is computed anew by the next run.
DELETE FROM crmsync.roi_opportunities;
DROP TABLE crmsync.roi_quarters;
DROP TABLE crmsync.roi_comparison;

ALTER TABLE crmsync.roi_opportunities
    ADD COLUMN touched_earlier boolean NOT NULL,
    ADD COLUMN currency text NOT NULL,
    ADD COLUMN size_band text NOT NULL,
    ADD COLUMN industry text NOT NULL,
    ADD COLUMN region text NOT NULL,
    ADD COLUMN business text NOT NULL,
    ADD COLUMN entered_after timestamptz,
    ADD COLUMN entered_by timestamptz,
    ADD COLUMN entry_basis text,
    ADD COLUMN known_activity_on date;
COMMENT ON COLUMN crmsync.roi_opportunities.touched_earlier IS 'Any touch from 2 N to N days before creation: the placebo window, which counts for nothing else.';
COMMENT ON COLUMN crmsync.roi_opportunities.currency IS 'ISO code of the amounts'' currency; empty in an org with one currency, whose amounts are in that one.';
COMMENT ON COLUMN crmsync.roi_opportunities.size_band IS 'Employees of the account: 1-50, 51-200, 201-1000, 1001-5000, 5001+ or unknown.';
COMMENT ON COLUMN crmsync.roi_opportunities.industry IS 'Industry of the account, or unknown.';
COMMENT ON COLUMN crmsync.roi_opportunities.region IS 'Region of the account''s billing country: Africa, Americas, Asia, Europe, Oceania, other or unknown.';
COMMENT ON COLUMN crmsync.roi_opportunities.business IS 'existing when the account had won an opportunity before this one was created, else new.';
COMMENT ON COLUMN crmsync.roi_opportunities.entered_after IS 'It entered the pipeline at this instant at the earliest; none when it has not.';
COMMENT ON COLUMN crmsync.roi_opportunities.entered_by IS 'It entered the pipeline at this instant at the latest; none when it has not.';
COMMENT ON COLUMN crmsync.roi_opportunities.entry_basis IS 'creation: both instants are that of creation; observed: two syncs saw it before and after; first_seen: it was there when first seen.';
COMMENT ON COLUMN crmsync.roi_opportunities.known_activity_on IS 'First day in the N days before creation with activity of the account in the CRM, as far as syncs saw it; a touch after it does not count as sourcing.';
COMMENT ON COLUMN crmsync.roi_opportunities.sourced IS 'First touch within N days (90) before creation, of any level, and not after the first known activity in the CRM.';
COMMENT ON COLUMN crmsync.roi_touches.touch_id IS 'Personal data. Usage or activity id, prefixed by its data set; one that was made of a touch''s content can be traced to a profile.';
COMMENT ON COLUMN crmsync.roi_touches.counts_sourced IS 'Whether the touch counts for ''sourced''.';
COMMENT ON COLUMN crmsync.roi_touches.counts_influenced IS 'Whether the touch counts for ''influenced''.';
COMMENT ON COLUMN crmsync.roi_opportunities.revenue IS 'Value of the revenue field (R36), in the opportunity''s currency.';

CREATE TABLE crmsync.roi_attribution (
    contract       text NOT NULL,
    opportunity_id text NOT NULL,
    seat_id        text NOT NULL,
    kind           text NOT NULL,
    level          text NOT NULL,
    touches        bigint NOT NULL,
    currency       text NOT NULL,
    first_parts    bigint NOT NULL,
    last_parts     bigint NOT NULL,
    linear_parts   bigint NOT NULL,
    position_parts bigint NOT NULL,
    decay_parts    bigint NOT NULL,
    w_shaped_parts bigint NOT NULL,
    first_cents    bigint,
    last_cents     bigint,
    linear_cents   bigint,
    position_cents bigint,
    decay_cents    bigint,
    w_shaped_cents bigint,
    sandbox        boolean NOT NULL DEFAULT false,
    run_id         text NOT NULL,
    as_of          timestamptz NOT NULL,
    PRIMARY KEY (contract, opportunity_id, seat_id, kind, level)
);
COMMENT ON TABLE crmsync.roi_attribution IS 'Shares of influenced opportunities that six models give to touches, added up per seat, kind and level. Over an opportunity the parts of a model add up to 1,000,000,000, and the cents to the revenue.';
COMMENT ON COLUMN crmsync.roi_attribution.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_attribution.opportunity_id IS 'Opportunity.';
COMMENT ON COLUMN crmsync.roi_attribution.seat_id IS 'Seat.';
COMMENT ON COLUMN crmsync.roi_attribution.kind IS 'Kind of usage or activity.';
COMMENT ON COLUMN crmsync.roi_attribution.level IS 'a, b or c, as in roi_touches.';
COMMENT ON COLUMN crmsync.roi_attribution.touches IS 'Touches.';
COMMENT ON COLUMN crmsync.roi_attribution.currency IS 'ISO code of the amounts'' currency; empty in an org with one currency, whose amounts are in that one.';
COMMENT ON COLUMN crmsync.roi_attribution.first_parts IS 'First touch: all to the first. Parts of 1,000,000,000.';
COMMENT ON COLUMN crmsync.roi_attribution.last_parts IS 'Last touch: all to the last. Parts of 1,000,000,000.';
COMMENT ON COLUMN crmsync.roi_attribution.linear_parts IS 'Linear: the same to each. Parts of 1,000,000,000.';
COMMENT ON COLUMN crmsync.roi_attribution.position_parts IS 'Position-based: 40 % first, 40 % last, 20 % between. Parts of 1,000,000,000.';
COMMENT ON COLUMN crmsync.roi_attribution.decay_parts IS 'Time decay: half as much for each half-life (7 days) before the last. Parts of 1,000,000,000.';
COMMENT ON COLUMN crmsync.roi_attribution.w_shaped_parts IS 'W-shaped: 30 % first, 30 % last before the creation, 30 % last, 10 % others. Parts of 1,000,000,000.';
COMMENT ON COLUMN crmsync.roi_attribution.first_cents IS 'Revenue by first_parts in hundredths; none without revenue.';
COMMENT ON COLUMN crmsync.roi_attribution.last_cents IS 'Revenue by last_parts in hundredths.';
COMMENT ON COLUMN crmsync.roi_attribution.linear_cents IS 'Revenue by linear_parts in hundredths.';
COMMENT ON COLUMN crmsync.roi_attribution.position_cents IS 'Revenue by position_parts in hundredths.';
COMMENT ON COLUMN crmsync.roi_attribution.decay_cents IS 'Revenue by decay_parts in hundredths.';
COMMENT ON COLUMN crmsync.roi_attribution.w_shaped_cents IS 'Revenue by w_shaped_parts in hundredths.';
COMMENT ON COLUMN crmsync.roi_attribution.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.roi_attribution.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.roi_attribution.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.roi_quarters (
    contract          text NOT NULL,
    quarter           text NOT NULL,
    currency          text NOT NULL,
    influenced        boolean NOT NULL,
    opportunities     bigint NOT NULL,
    won               bigint NOT NULL,
    lost              bigint NOT NULL,
    open              bigint NOT NULL,
    sourced           bigint NOT NULL,
    influenced_strict bigint NOT NULL,
    sourced_strict    bigint NOT NULL,
    revenue_won       double precision NOT NULL,
    revenue_open      double precision NOT NULL,
    revenue_sourced   double precision NOT NULL,
    sandbox           boolean NOT NULL DEFAULT false,
    run_id            text NOT NULL,
    as_of             timestamptz NOT NULL,
    PRIMARY KEY (contract, run_id, quarter, currency, influenced)
);
CREATE INDEX roi_quarters_as_of ON crmsync.roi_quarters (contract, as_of);
COMMENT ON TABLE crmsync.roi_quarters IS 'Opportunities in the pipeline, per quarter of their close date and currency, influenced and not.';
COMMENT ON COLUMN crmsync.roi_quarters.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_quarters.quarter IS 'Quarter, as 2026-Q3.';
COMMENT ON COLUMN crmsync.roi_quarters.currency IS 'ISO code of the amounts'' currency; empty in an org with one currency, whose amounts are in that one.';
COMMENT ON COLUMN crmsync.roi_quarters.influenced IS 'Whether Sales Navigator influenced them.';
COMMENT ON COLUMN crmsync.roi_quarters.opportunities IS 'Opportunities.';
COMMENT ON COLUMN crmsync.roi_quarters.won IS 'Won.';
COMMENT ON COLUMN crmsync.roi_quarters.lost IS 'Lost.';
COMMENT ON COLUMN crmsync.roi_quarters.open IS 'Open.';
COMMENT ON COLUMN crmsync.roi_quarters.sourced IS 'Of these, sourced.';
COMMENT ON COLUMN crmsync.roi_quarters.influenced_strict IS 'Of these, influenced by touches of level a.';
COMMENT ON COLUMN crmsync.roi_quarters.sourced_strict IS 'Of these, sourced by touches of level a.';
COMMENT ON COLUMN crmsync.roi_quarters.revenue_won IS 'Revenue of those won.';
COMMENT ON COLUMN crmsync.roi_quarters.revenue_open IS 'Revenue of those open.';
COMMENT ON COLUMN crmsync.roi_quarters.revenue_sourced IS 'Revenue of those sourced and won.';
COMMENT ON COLUMN crmsync.roi_quarters.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.roi_quarters.run_id IS 'Run that computed the row; rows of earlier runs stay for roi.keep_days days.';
COMMENT ON COLUMN crmsync.roi_quarters.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.roi_comparison (
    contract         text NOT NULL,
    comparison       text NOT NULL,
    dimension        text NOT NULL,
    segment          text NOT NULL,
    measure          text NOT NULL,
    currency         text NOT NULL,
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
    PRIMARY KEY (contract, run_id, comparison, dimension, segment, measure, currency)
);
CREATE INDEX roi_comparison_as_of ON crmsync.roi_comparison (contract, as_of);
COMMENT ON TABLE crmsync.roi_comparison IS 'Influenced opportunities against the others. A comparison, not a proof of cause: sellers look up the people of deals that they believe in, and deals that live longer have more time to be touched.';
COMMENT ON COLUMN crmsync.roi_comparison.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_comparison.comparison IS 'plain: all; matched: as many others as influenced, alike in size band, industry and owner; placebo: opportunities that were not influenced, touched earlier against not.';
COMMENT ON COLUMN crmsync.roi_comparison.dimension IS 'all, or what the segments are: quarter, size_band, industry, region, owner, business.';
COMMENT ON COLUMN crmsync.roi_comparison.segment IS 'Which quarter, size band and so on; all for all.';
COMMENT ON COLUMN crmsync.roi_comparison.measure IS 'win_rate, median_revenue or median_days_to_close.';
COMMENT ON COLUMN crmsync.roi_comparison.currency IS 'ISO code of median_revenue''s currency; empty for other measures and in an org with one currency.';
COMMENT ON COLUMN crmsync.roi_comparison.unit IS 'Unit of the values.';
COMMENT ON COLUMN crmsync.roi_comparison.influenced_n IS 'Influenced opportunities in the comparison; those touched earlier in a placebo.';
COMMENT ON COLUMN crmsync.roi_comparison.influenced_value IS 'Value for the influenced; none when too few.';
COMMENT ON COLUMN crmsync.roi_comparison.other_n IS 'Other opportunities in the comparison.';
COMMENT ON COLUMN crmsync.roi_comparison.other_value IS 'Value for the others; none when too few.';
COMMENT ON COLUMN crmsync.roi_comparison.difference IS 'influenced_value - other_value.';
COMMENT ON COLUMN crmsync.roi_comparison.difference_low IS 'Lower end of the difference''s 95 % interval.';
COMMENT ON COLUMN crmsync.roi_comparison.difference_high IS 'Upper end of the difference''s 95 % interval.';
COMMENT ON COLUMN crmsync.roi_comparison.method IS 'How the interval was computed, or why there is no number.';
COMMENT ON COLUMN crmsync.roi_comparison.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.roi_comparison.run_id IS 'Run that computed the row; rows of earlier runs stay for roi.keep_days days.';
COMMENT ON COLUMN crmsync.roi_comparison.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.roi_sellers (
    contract              text NOT NULL,
    seller_id             text NOT NULL,
    currency              text NOT NULL,
    user_id               text,
    has_seat              boolean NOT NULL,
    opportunities         bigint NOT NULL,
    influenced            bigint NOT NULL,
    sourced               bigint NOT NULL,
    won                   bigint NOT NULL,
    lost                  bigint NOT NULL,
    open                  bigint NOT NULL,
    revenue_won           double precision NOT NULL,
    revenue_open          double precision NOT NULL,
    win_rate              double precision,
    median_days_to_close  double precision,
    touches               bigint NOT NULL,
    touched_opportunities bigint NOT NULL,
    linear_won_cents      bigint NOT NULL,
    sandbox               boolean NOT NULL DEFAULT false,
    run_id                text NOT NULL,
    as_of                 timestamptz NOT NULL,
    PRIMARY KEY (contract, run_id, seller_id, currency)
);
CREATE INDEX roi_sellers_as_of ON crmsync.roi_sellers (contract, as_of);
COMMENT ON TABLE crmsync.roi_sellers IS 'Sellers: CRM users who own opportunities in the pipeline, and seats that touched some. A seat and the user that it is tied to are one seller.';
COMMENT ON COLUMN crmsync.roi_sellers.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_sellers.seller_id IS 'CRM user; seat: and the seat''s id when the seat is tied to none.';
COMMENT ON COLUMN crmsync.roi_sellers.currency IS 'ISO code of the amounts'' currency; empty in an org with one currency, whose amounts are in that one.';
COMMENT ON COLUMN crmsync.roi_sellers.user_id IS 'CRM user; none for a seat that is tied to none.';
COMMENT ON COLUMN crmsync.roi_sellers.has_seat IS 'Whether the seller holds an active seat.';
COMMENT ON COLUMN crmsync.roi_sellers.opportunities IS 'Opportunities in the pipeline that the seller owns.';
COMMENT ON COLUMN crmsync.roi_sellers.influenced IS 'Of these, influenced, whoever touched them.';
COMMENT ON COLUMN crmsync.roi_sellers.sourced IS 'Of these, sourced.';
COMMENT ON COLUMN crmsync.roi_sellers.won IS 'Won.';
COMMENT ON COLUMN crmsync.roi_sellers.lost IS 'Lost.';
COMMENT ON COLUMN crmsync.roi_sellers.open IS 'Open.';
COMMENT ON COLUMN crmsync.roi_sellers.revenue_won IS 'Revenue of those won.';
COMMENT ON COLUMN crmsync.roi_sellers.revenue_open IS 'Revenue of those open.';
COMMENT ON COLUMN crmsync.roi_sellers.win_rate IS 'Won of closed, 0 to 1; none below ten closed.';
COMMENT ON COLUMN crmsync.roi_sellers.median_days_to_close IS 'Kaplan-Meier median of the days to close; none below ten, or while more than half are open.';
COMMENT ON COLUMN crmsync.roi_sellers.touches IS 'Touches by the seller''s seats on any opportunity in the pipeline, in its window.';
COMMENT ON COLUMN crmsync.roi_sellers.touched_opportunities IS 'Opportunities in the pipeline that the seller''s seats touched in their windows, once per seat.';
COMMENT ON COLUMN crmsync.roi_sellers.linear_won_cents IS 'Revenue won that linear attribution gives to the seller''s seats, in hundredths.';
COMMENT ON COLUMN crmsync.roi_sellers.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.roi_sellers.run_id IS 'Run that computed the row; rows of earlier runs stay for roi.keep_days days.';
COMMENT ON COLUMN crmsync.roi_sellers.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE VIEW crmsync.roi_touches_current AS
SELECT r.contract, r.opportunity_id, r.touch_id, r.kind, r.level, r.seat_id, r.company_id, r.touched_at, r.days_before_created,
       r.counts_sourced, r.counts_influenced, r.sandbox
FROM crmsync.roi_touches r;
COMMENT ON VIEW crmsync.roi_touches_current IS 'Touches: use of Sales Navigator on people and companies of an opportunity. Whom a touch was on is left out. The rows of the current run.';
COMMENT ON COLUMN crmsync.roi_touches_current.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_touches_current.opportunity_id IS 'Opportunity.';
COMMENT ON COLUMN crmsync.roi_touches_current.touch_id IS 'Personal data. Usage or activity id, prefixed by its data set; one that was made of a touch''s content can be traced to a profile.';
COMMENT ON COLUMN crmsync.roi_touches_current.kind IS 'Kind of usage or activity.';
COMMENT ON COLUMN crmsync.roi_touches_current.level IS 'a: a contact with a role on the opportunity; b: a contact or lead of its account; c: the account''s company.';
COMMENT ON COLUMN crmsync.roi_touches_current.seat_id IS 'Seat.';
COMMENT ON COLUMN crmsync.roi_touches_current.company_id IS 'Company touched.';
COMMENT ON COLUMN crmsync.roi_touches_current.touched_at IS 'When.';
COMMENT ON COLUMN crmsync.roi_touches_current.days_before_created IS 'Days from the touch to the opportunity''s creation; negative after it.';
COMMENT ON COLUMN crmsync.roi_touches_current.counts_sourced IS 'Whether the touch counts for ''sourced''.';
COMMENT ON COLUMN crmsync.roi_touches_current.counts_influenced IS 'Whether the touch counts for ''influenced''.';
COMMENT ON COLUMN crmsync.roi_touches_current.sandbox IS 'Whether the contract''s org is a sandbox.';

CREATE VIEW crmsync.roi_opportunities_current AS
SELECT r.contract, r.opportunity_id, r.account_id, r.owner_id, r.owner_has_seat, r.stage, r.is_closed, r.is_won, r.revenue,
       r.created_at, r.close_date, r.in_pipeline, r.quarter, r.days_to_close, r.touches, r.first_touch_at, r.last_touch_at,
       r.sourced, r.sourced_strict, r.influenced, r.influenced_strict, r.touched_earlier, r.currency, r.size_band, r.industry,
       r.region, r.business, r.entered_after, r.entered_by, r.entry_basis, r.known_activity_on, r.sandbox
FROM crmsync.roi_opportunities r;
COMMENT ON VIEW crmsync.roi_opportunities_current IS 'Opportunities with the influence of Sales Navigator on them. The rows of the current run.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.opportunity_id IS 'Opportunity.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.account_id IS 'Account.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.owner_id IS 'Owner.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.owner_has_seat IS 'Whether the owner holds a seat.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.stage IS 'Stage.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.is_closed IS 'Whether it is closed.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.is_won IS 'Whether it is won.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.revenue IS 'Value of the revenue field (R36), in the opportunity''s currency.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.created_at IS 'When it was created.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.close_date IS 'Day it closed or is expected to.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.in_pipeline IS 'Whether it has entered the pipeline (R36).';
COMMENT ON COLUMN crmsync.roi_opportunities_current.quarter IS 'Quarter of the close date, as 2026-Q3.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.days_to_close IS 'Days from creation to close; none while open.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.touches IS 'Touches within the windows.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.first_touch_at IS 'First touch within the windows.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.last_touch_at IS 'Last touch within the windows.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.sourced IS 'First touch within N days (90) before creation, of any level, and not after the first known activity in the CRM.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.sourced_strict IS 'The same with touches of level a only.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.influenced IS 'Any touch from N days (90) before creation to the close, or to as_of while open.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.influenced_strict IS 'The same with touches of level a only.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.touched_earlier IS 'Any touch from 2 N to N days before creation: the placebo window, which counts for nothing else.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.currency IS 'ISO code of the amounts'' currency; empty in an org with one currency, whose amounts are in that one.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.size_band IS 'Employees of the account: 1-50, 51-200, 201-1000, 1001-5000, 5001+ or unknown.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.industry IS 'Industry of the account, or unknown.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.region IS 'Region of the account''s billing country: Africa, Americas, Asia, Europe, Oceania, other or unknown.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.business IS 'existing when the account had won an opportunity before this one was created, else new.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.entered_after IS 'It entered the pipeline at this instant at the earliest; none when it has not.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.entered_by IS 'It entered the pipeline at this instant at the latest; none when it has not.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.entry_basis IS 'creation: both instants are that of creation; observed: two syncs saw it before and after; first_seen: it was there when first seen.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.known_activity_on IS 'First day in the N days before creation with activity of the account in the CRM, as far as syncs saw it; a touch after it does not count as sourcing.';
COMMENT ON COLUMN crmsync.roi_opportunities_current.sandbox IS 'Whether the contract''s org is a sandbox.';

CREATE VIEW crmsync.roi_attribution_current AS
SELECT r.contract, r.opportunity_id, r.seat_id, r.kind, r.level, r.touches, r.currency,
       m.model, (m.parts / 1000000000.0)::numeric(10, 9) AS share, (m.cents / 100.0)::numeric(20, 2) AS revenue, r.sandbox
FROM crmsync.roi_attribution r
CROSS JOIN LATERAL (VALUES
    ('first', r.first_parts, r.first_cents),
    ('last', r.last_parts, r.last_cents),
    ('linear', r.linear_parts, r.linear_cents),
    ('position', r.position_parts, r.position_cents),
    ('decay', r.decay_parts, r.decay_cents),
    ('w_shaped', r.w_shaped_parts, r.w_shaped_cents)
) m (model, parts, cents)
WHERE m.parts > 0;
COMMENT ON VIEW crmsync.roi_attribution_current IS 'Who brought an opportunity about, by six models: a row for each model, seat, kind and level with a share above zero. Shares of different models are never added. The rows of the current run.';
COMMENT ON COLUMN crmsync.roi_attribution_current.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_attribution_current.opportunity_id IS 'Opportunity.';
COMMENT ON COLUMN crmsync.roi_attribution_current.seat_id IS 'Seat.';
COMMENT ON COLUMN crmsync.roi_attribution_current.kind IS 'Kind of usage or activity.';
COMMENT ON COLUMN crmsync.roi_attribution_current.level IS 'a, b or c, as in roi_touches.';
COMMENT ON COLUMN crmsync.roi_attribution_current.touches IS 'Touches.';
COMMENT ON COLUMN crmsync.roi_attribution_current.currency IS 'ISO code of the amounts'' currency; empty in an org with one currency, whose amounts are in that one.';
COMMENT ON COLUMN crmsync.roi_attribution_current.model IS 'first, last, linear, position, decay or w_shaped; see docs/roi.md.';
COMMENT ON COLUMN crmsync.roi_attribution_current.share IS 'Share of the opportunity, 0 to 1, exact; 1 in all over an opportunity and model.';
COMMENT ON COLUMN crmsync.roi_attribution_current.revenue IS 'Revenue by that share, exact to the hundredth; the opportunity''s revenue in all. None without revenue.';
COMMENT ON COLUMN crmsync.roi_attribution_current.sandbox IS 'Whether the contract''s org is a sandbox.';

CREATE VIEW crmsync.roi_quarters_current AS
SELECT r.contract, r.quarter, r.currency, r.influenced, r.opportunities, r.won, r.lost, r.open, r.sourced, r.influenced_strict,
       r.sourced_strict, r.revenue_won, r.revenue_open, r.revenue_sourced, r.sandbox
FROM crmsync.roi_quarters r
JOIN crmsync.contracts c ON c.id = r.contract AND c.current_run = r.run_id;
COMMENT ON VIEW crmsync.roi_quarters_current IS 'Opportunities in the pipeline, per quarter of their close date and currency, influenced and not. The rows of the current run.';
COMMENT ON COLUMN crmsync.roi_quarters_current.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_quarters_current.quarter IS 'Quarter, as 2026-Q3.';
COMMENT ON COLUMN crmsync.roi_quarters_current.currency IS 'ISO code of the amounts'' currency; empty in an org with one currency, whose amounts are in that one.';
COMMENT ON COLUMN crmsync.roi_quarters_current.influenced IS 'Whether Sales Navigator influenced them.';
COMMENT ON COLUMN crmsync.roi_quarters_current.opportunities IS 'Opportunities.';
COMMENT ON COLUMN crmsync.roi_quarters_current.won IS 'Won.';
COMMENT ON COLUMN crmsync.roi_quarters_current.lost IS 'Lost.';
COMMENT ON COLUMN crmsync.roi_quarters_current.open IS 'Open.';
COMMENT ON COLUMN crmsync.roi_quarters_current.sourced IS 'Of these, sourced.';
COMMENT ON COLUMN crmsync.roi_quarters_current.influenced_strict IS 'Of these, influenced by touches of level a.';
COMMENT ON COLUMN crmsync.roi_quarters_current.sourced_strict IS 'Of these, sourced by touches of level a.';
COMMENT ON COLUMN crmsync.roi_quarters_current.revenue_won IS 'Revenue of those won.';
COMMENT ON COLUMN crmsync.roi_quarters_current.revenue_open IS 'Revenue of those open.';
COMMENT ON COLUMN crmsync.roi_quarters_current.revenue_sourced IS 'Revenue of those sourced and won.';
COMMENT ON COLUMN crmsync.roi_quarters_current.sandbox IS 'Whether the contract''s org is a sandbox.';

CREATE VIEW crmsync.roi_comparison_current AS
SELECT r.contract, r.comparison, r.dimension, r.segment, r.measure, r.currency, r.unit, r.influenced_n, r.influenced_value,
       r.other_n, r.other_value, r.difference, r.difference_low, r.difference_high, r.method, r.sandbox
FROM crmsync.roi_comparison r
JOIN crmsync.contracts c ON c.id = r.contract AND c.current_run = r.run_id;
COMMENT ON VIEW crmsync.roi_comparison_current IS 'Influenced opportunities against the others. A comparison, not a proof of cause: sellers look up the people of deals that they believe in, and deals that live longer have more time to be touched. The rows of the current run.';
COMMENT ON COLUMN crmsync.roi_comparison_current.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_comparison_current.comparison IS 'plain: all; matched: as many others as influenced, alike in size band, industry and owner; placebo: opportunities that were not influenced, touched earlier against not.';
COMMENT ON COLUMN crmsync.roi_comparison_current.dimension IS 'all, or what the segments are: quarter, size_band, industry, region, owner, business.';
COMMENT ON COLUMN crmsync.roi_comparison_current.segment IS 'Which quarter, size band and so on; all for all.';
COMMENT ON COLUMN crmsync.roi_comparison_current.measure IS 'win_rate, median_revenue or median_days_to_close.';
COMMENT ON COLUMN crmsync.roi_comparison_current.currency IS 'ISO code of median_revenue''s currency; empty for other measures and in an org with one currency.';
COMMENT ON COLUMN crmsync.roi_comparison_current.unit IS 'Unit of the values.';
COMMENT ON COLUMN crmsync.roi_comparison_current.influenced_n IS 'Influenced opportunities in the comparison; those touched earlier in a placebo.';
COMMENT ON COLUMN crmsync.roi_comparison_current.influenced_value IS 'Value for the influenced; none when too few.';
COMMENT ON COLUMN crmsync.roi_comparison_current.other_n IS 'Other opportunities in the comparison.';
COMMENT ON COLUMN crmsync.roi_comparison_current.other_value IS 'Value for the others; none when too few.';
COMMENT ON COLUMN crmsync.roi_comparison_current.difference IS 'influenced_value - other_value.';
COMMENT ON COLUMN crmsync.roi_comparison_current.difference_low IS 'Lower end of the difference''s 95 % interval.';
COMMENT ON COLUMN crmsync.roi_comparison_current.difference_high IS 'Upper end of the difference''s 95 % interval.';
COMMENT ON COLUMN crmsync.roi_comparison_current.method IS 'How the interval was computed, or why there is no number.';
COMMENT ON COLUMN crmsync.roi_comparison_current.sandbox IS 'Whether the contract''s org is a sandbox.';

CREATE VIEW crmsync.roi_sellers_current AS
SELECT r.contract, r.seller_id, r.currency, r.user_id, r.has_seat, r.opportunities, r.influenced, r.sourced, r.won, r.lost,
       r.open, r.revenue_won, r.revenue_open, r.win_rate, r.median_days_to_close, r.touches, r.touched_opportunities,
       r.linear_won_cents, r.sandbox
FROM crmsync.roi_sellers r
JOIN crmsync.contracts c ON c.id = r.contract AND c.current_run = r.run_id;
COMMENT ON VIEW crmsync.roi_sellers_current IS 'Sellers: CRM users who own opportunities in the pipeline, and seats that touched some. A seat and the user that it is tied to are one seller. The rows of the current run.';
COMMENT ON COLUMN crmsync.roi_sellers_current.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.roi_sellers_current.seller_id IS 'CRM user; seat: and the seat''s id when the seat is tied to none.';
COMMENT ON COLUMN crmsync.roi_sellers_current.currency IS 'ISO code of the amounts'' currency; empty in an org with one currency, whose amounts are in that one.';
COMMENT ON COLUMN crmsync.roi_sellers_current.user_id IS 'CRM user; none for a seat that is tied to none.';
COMMENT ON COLUMN crmsync.roi_sellers_current.has_seat IS 'Whether the seller holds an active seat.';
COMMENT ON COLUMN crmsync.roi_sellers_current.opportunities IS 'Opportunities in the pipeline that the seller owns.';
COMMENT ON COLUMN crmsync.roi_sellers_current.influenced IS 'Of these, influenced, whoever touched them.';
COMMENT ON COLUMN crmsync.roi_sellers_current.sourced IS 'Of these, sourced.';
COMMENT ON COLUMN crmsync.roi_sellers_current.won IS 'Won.';
COMMENT ON COLUMN crmsync.roi_sellers_current.lost IS 'Lost.';
COMMENT ON COLUMN crmsync.roi_sellers_current.open IS 'Open.';
COMMENT ON COLUMN crmsync.roi_sellers_current.revenue_won IS 'Revenue of those won.';
COMMENT ON COLUMN crmsync.roi_sellers_current.revenue_open IS 'Revenue of those open.';
COMMENT ON COLUMN crmsync.roi_sellers_current.win_rate IS 'Won of closed, 0 to 1; none below ten closed.';
COMMENT ON COLUMN crmsync.roi_sellers_current.median_days_to_close IS 'Kaplan-Meier median of the days to close; none below ten, or while more than half are open.';
COMMENT ON COLUMN crmsync.roi_sellers_current.touches IS 'Touches by the seller''s seats on any opportunity in the pipeline, in its window.';
COMMENT ON COLUMN crmsync.roi_sellers_current.touched_opportunities IS 'Opportunities in the pipeline that the seller''s seats touched in their windows, once per seat.';
COMMENT ON COLUMN crmsync.roi_sellers_current.linear_won_cents IS 'Revenue won that linear attribution gives to the seller''s seats, in hundredths.';
COMMENT ON COLUMN crmsync.roi_sellers_current.sandbox IS 'Whether the contract''s org is a sandbox.';

-- +goose StatementBegin
CREATE FUNCTION crmsync.withdraw_roi(for_contract text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    relation text;
    n bigint;
    total bigint := 0;
BEGIN
    FOR relation IN
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'crmsync'::regnamespace AND c.relkind = 'r' AND c.relname LIKE ANY (ARRAY['roi\_%', 'backfill\_roi\_%'])
        ORDER BY c.relname
    LOOP
        EXECUTE format('DELETE FROM crmsync.%I t WHERE t.contract = $1', relation) USING for_contract;
        GET DIAGNOSTICS n = ROW_COUNT;
        total := total + n;
    END LOOP;
    -- So that these backfills are loaded again, should ROI be authorised again.
    DELETE FROM crmsync.backfill_runs b WHERE b.contract = for_contract AND 'roi' = ANY (b.stages);
    RETURN total;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.withdraw_roi(text) IS 'Removes a contract''s rows from the ROI tables, those of backfills too, when its authorisation is withdrawn (R34), and returns their number.';
REVOKE ALL ON FUNCTION crmsync.withdraw_roi(text) FROM PUBLIC;

-- +goose StatementBegin
CREATE FUNCTION crmsync.grant_analyst() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    BEGIN
        IF to_regrole('crmsync_analyst') IS NULL THEN
            CREATE ROLE crmsync_analyst NOLOGIN;
        END IF;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of this server made it just now
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'the role crmsync_analyst does not exist and may not be made by %; make it, then call crmsync.grant_analyst()', current_user;
            RETURN false;
    END;
    GRANT USAGE ON SCHEMA crmsync TO crmsync_analyst;
    FOR r IN
        SELECT c.oid::regclass AS relation, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'crmsync'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname LIKE ANY (ARRAY['roi\_%', 'backfill\_roi\_%'])
          AND coalesce(col_description(c.oid, a.attnum), 'Personal data.') NOT LIKE 'Personal data.%'
        GROUP BY c.oid
    LOOP
        EXECUTE format('GRANT SELECT (%s) ON %s TO crmsync_analyst', r.columns, r.relation);
    END LOOP;
    RETURN true;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.grant_analyst() IS 'Makes the group role crmsync_analyst, if that is permitted, and lets it read the ROI tables and views but personal data. False when there is no such role.';
REVOKE ALL ON FUNCTION crmsync.grant_analyst() FROM PUBLIC;
SELECT crmsync.grant_analyst();
