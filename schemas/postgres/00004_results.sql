-- +goose Up
-- What stages compute, and what follows from a link.
CREATE TABLE crmsync.links (
    contract         text NOT NULL,
    object           text NOT NULL,
    record_id        text NOT NULL,
    target_kind      text NOT NULL,
    target_id        text NOT NULL,
    decision         text NOT NULL,
    origin           text NOT NULL,
    probability      double precision NOT NULL,
    weight           double precision NOT NULL,
    runner_up_id     text,
    runner_up_weight double precision,
    duplicate_of     text,
    model            text NOT NULL,
    evidence         jsonb NOT NULL,
    sandbox          boolean NOT NULL DEFAULT false,
    run_id           text NOT NULL,
    as_of            timestamptz NOT NULL,
    PRIMARY KEY (contract, object, record_id)
);
COMMENT ON TABLE crmsync.links IS 'Links between CRM records and the directory.';
COMMENT ON COLUMN crmsync.links.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.links.object IS 'Lead, Contact or Account.';
COMMENT ON COLUMN crmsync.links.record_id IS 'Salesforce id of the record.';
COMMENT ON COLUMN crmsync.links.target_kind IS 'person or company.';
COMMENT ON COLUMN crmsync.links.target_id IS 'Member or company id.';
COMMENT ON COLUMN crmsync.links.decision IS 'link, review, duplicate (another record of the CRM holds the link) or converted (the contact it became holds it).';
COMMENT ON COLUMN crmsync.links.origin IS 'model or manual.';
COMMENT ON COLUMN crmsync.links.probability IS 'Match probability, 0 to 1.';
COMMENT ON COLUMN crmsync.links.weight IS 'Match weight in bits: the prior''s and every feature''s.';
COMMENT ON COLUMN crmsync.links.runner_up_id IS 'Next best member or company id for the record.';
COMMENT ON COLUMN crmsync.links.runner_up_weight IS 'Match weight of the runner-up, in bits.';
COMMENT ON COLUMN crmsync.links.duplicate_of IS 'Record that holds the link, for duplicate and converted.';
COMMENT ON COLUMN crmsync.links.model IS 'Fingerprint of the model''s parameters.';
COMMENT ON COLUMN crmsync.links.evidence IS 'Why: an array of {feature, level, bits}, the prior first.';
COMMENT ON COLUMN crmsync.links.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.links.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.links.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.match_rates (
    contract         text NOT NULL,
    object           text NOT NULL,
    records          bigint NOT NULL,
    eligible         bigint NOT NULL,
    linked           bigint NOT NULL,
    linked_by_hand   bigint NOT NULL,
    review           bigint NOT NULL,
    duplicates       bigint NOT NULL,
    converted        bigint NOT NULL,
    pairs_compared   bigint NOT NULL,
    pairs_uncompared bigint NOT NULL,
    rate             double precision NOT NULL,
    sandbox          boolean NOT NULL DEFAULT false,
    run_id           text NOT NULL,
    as_of            timestamptz NOT NULL,
    PRIMARY KEY (contract, run_id, object)
);
COMMENT ON TABLE crmsync.match_rates IS 'Match rates of every run, per object; a history.';
COMMENT ON COLUMN crmsync.match_rates.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.match_rates.object IS 'Lead, Contact or Account.';
COMMENT ON COLUMN crmsync.match_rates.records IS 'Records in the snapshot.';
COMMENT ON COLUMN crmsync.match_rates.eligible IS 'Records that could be linked: not duplicates, not converted leads.';
COMMENT ON COLUMN crmsync.match_rates.linked IS 'Records with a link.';
COMMENT ON COLUMN crmsync.match_rates.linked_by_hand IS 'Of these, made by hand.';
COMMENT ON COLUMN crmsync.match_rates.review IS 'Records waiting for a review.';
COMMENT ON COLUMN crmsync.match_rates.duplicates IS 'Records that gave way to a duplicate.';
COMMENT ON COLUMN crmsync.match_rates.converted IS 'Leads that gave way to their contact.';
COMMENT ON COLUMN crmsync.match_rates.pairs_compared IS 'Candidate pairs compared.';
COMMENT ON COLUMN crmsync.match_rates.pairs_uncompared IS 'Candidate pairs left out because no refinement made their block small enough.';
COMMENT ON COLUMN crmsync.match_rates.rate IS 'linked / eligible, 0 to 1; 0 when nothing is eligible.';
COMMENT ON COLUMN crmsync.match_rates.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.match_rates.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.match_rates.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.match_scores (
    contract text NOT NULL,
    object   text NOT NULL,
    bin      bigint NOT NULL,
    records  bigint NOT NULL,
    linked   bigint NOT NULL,
    sandbox  boolean NOT NULL DEFAULT false,
    run_id   text NOT NULL,
    as_of    timestamptz NOT NULL,
    PRIMARY KEY (contract, object, bin)
);
COMMENT ON TABLE crmsync.match_scores IS 'Histogram of each record''s best match weight.';
COMMENT ON COLUMN crmsync.match_scores.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.match_scores.object IS 'Lead, Contact or Account.';
COMMENT ON COLUMN crmsync.match_scores.bin IS 'Lower edge of the bin in bits; bins are 2 bits wide.';
COMMENT ON COLUMN crmsync.match_scores.records IS 'Records whose best candidate falls into the bin.';
COMMENT ON COLUMN crmsync.match_scores.linked IS 'Of these, linked.';
COMMENT ON COLUMN crmsync.match_scores.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.match_scores.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.match_scores.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.seat_users (
    contract text NOT NULL,
    seat_id  text NOT NULL,
    user_id  text,
    method   text NOT NULL,
    licensed boolean NOT NULL,
    active   boolean NOT NULL,
    note     text,
    sandbox  boolean NOT NULL DEFAULT false,
    run_id   text NOT NULL,
    as_of    timestamptz NOT NULL,
    PRIMARY KEY (contract, seat_id)
);
COMMENT ON TABLE crmsync.seat_users IS 'Seats and the CRM users that hold them.';
COMMENT ON COLUMN crmsync.seat_users.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.seat_users.seat_id IS 'Seat id.';
COMMENT ON COLUMN crmsync.seat_users.user_id IS 'Salesforce id of the user; none when no user fits.';
COMMENT ON COLUMN crmsync.seat_users.method IS 'email, manual or none.';
COMMENT ON COLUMN crmsync.seat_users.licensed IS 'Whether the seat''s licence includes the sync (R7).';
COMMENT ON COLUMN crmsync.seat_users.active IS 'Whether the seat is active.';
COMMENT ON COLUMN crmsync.seat_users.note IS 'Why no user fits, or why the seat is skipped.';
COMMENT ON COLUMN crmsync.seat_users.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.seat_users.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.seat_users.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.saves (
    contract       text NOT NULL,
    seat_id        text NOT NULL,
    target_kind    text NOT NULL,
    target_id      text NOT NULL,
    user_id        text NOT NULL,
    object         text NOT NULL,
    record_id      text NOT NULL,
    opportunity_id text NOT NULL,
    saved_at       timestamptz NOT NULL,
    sandbox        boolean NOT NULL DEFAULT false,
    run_id         text NOT NULL,
    as_of          timestamptz NOT NULL,
    PRIMARY KEY (contract, seat_id, target_kind, target_id)
);
COMMENT ON TABLE crmsync.saves IS 'Auto-saves: profiles and companies saved for the owners of open opportunities.';
COMMENT ON COLUMN crmsync.saves.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.saves.seat_id IS 'Seat that the save is for.';
COMMENT ON COLUMN crmsync.saves.target_kind IS 'person or company.';
COMMENT ON COLUMN crmsync.saves.target_id IS 'Member or company id.';
COMMENT ON COLUMN crmsync.saves.user_id IS 'CRM user who owned the opportunity.';
COMMENT ON COLUMN crmsync.saves.object IS 'Contact, Account, or Lead when a lead holds the contact''s link.';
COMMENT ON COLUMN crmsync.saves.record_id IS 'CRM record whose link led to the save.';
COMMENT ON COLUMN crmsync.saves.opportunity_id IS 'Opportunity that is the reason.';
COMMENT ON COLUMN crmsync.saves.saved_at IS 'Instant (as_of) of the run that made the save.';
COMMENT ON COLUMN crmsync.saves.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.saves.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.saves.as_of IS 'Instant that this run describes, by the org''s clock.';

-- At most one record is linked to a profile or company. The check waits for the end of the transaction, since a load may move a link
-- from one record to another.
ALTER TABLE crmsync.links ADD CONSTRAINT links_one_per_target
    EXCLUDE USING btree (contract WITH =, target_kind WITH =, target_id WITH =) WHERE (decision = 'link') DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE crmsync.links_history (
    contract    text NOT NULL,
    object      text NOT NULL,
    record_id   text NOT NULL,
    target_kind text NOT NULL,
    target_id   text NOT NULL,
    decision    text NOT NULL,
    origin      text NOT NULL,
    probability double precision NOT NULL,
    weight      double precision NOT NULL,
    model       text NOT NULL,
    since       timestamptz NOT NULL,
    since_run   text NOT NULL,
    until       timestamptz CHECK (until > since),
    until_run   text,
    sandbox     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (contract, object, record_id, since)
);
CREATE INDEX links_history_by_target ON crmsync.links_history (contract, target_kind, target_id);
CREATE UNIQUE INDEX links_history_open ON crmsync.links_history (contract, object, record_id) WHERE until IS NULL;
COMMENT ON TABLE crmsync.links_history IS 'History of links: a row for every time in which a record had the same target, decision and origin.';
COMMENT ON COLUMN crmsync.links_history.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.links_history.object IS 'Lead, Contact or Account.';
COMMENT ON COLUMN crmsync.links_history.record_id IS 'Salesforce id of the record.';
COMMENT ON COLUMN crmsync.links_history.target_kind IS 'person or company.';
COMMENT ON COLUMN crmsync.links_history.target_id IS 'Member or company id.';
COMMENT ON COLUMN crmsync.links_history.decision IS 'link, review, duplicate or converted.';
COMMENT ON COLUMN crmsync.links_history.origin IS 'model or manual.';
COMMENT ON COLUMN crmsync.links_history.probability IS 'Match probability when the time began, 0 to 1.';
COMMENT ON COLUMN crmsync.links_history.weight IS 'Match weight when the time began, in bits.';
COMMENT ON COLUMN crmsync.links_history.model IS 'Fingerprint of the model that decided when the time began.';
COMMENT ON COLUMN crmsync.links_history.since IS 'as_of of the first run that said so.';
COMMENT ON COLUMN crmsync.links_history.since_run IS 'That run.';
COMMENT ON COLUMN crmsync.links_history.until IS 'as_of of the first run that said otherwise; none while it holds.';
COMMENT ON COLUMN crmsync.links_history.until_run IS 'That run.';
COMMENT ON COLUMN crmsync.links_history.sandbox IS 'Whether the contract''s org is a sandbox.';

-- +goose StatementBegin
CREATE FUNCTION crmsync.links_as_of(contract text, at timestamptz) RETURNS SETOF crmsync.links_history
LANGUAGE sql STABLE AS $$
    SELECT * FROM crmsync.links_history h
    WHERE h.contract = $1 AND h.since <= $2 AND (h.until IS NULL OR h.until > $2)
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.links_as_of(text, timestamptz) IS 'Links of a contract as they stood at an instant of the org''s clock.';

CREATE TABLE crmsync.contact_info (
    contract    text NOT NULL,
    member_id   text NOT NULL,
    object      text NOT NULL,
    record_id   text NOT NULL,
    phone       text,
    email       text,
    street      text,
    city        text,
    state       text,
    country     text,
    modified_at timestamptz NOT NULL,
    sandbox     boolean NOT NULL DEFAULT false,
    run_id      text NOT NULL,
    as_of       timestamptz NOT NULL,
    PRIMARY KEY (contract, member_id)
);
COMMENT ON TABLE crmsync.contact_info IS 'Phone, e-mail and address of matched people, as their one linked CRM record has them.';
COMMENT ON COLUMN crmsync.contact_info.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.contact_info.member_id IS 'Personal data. Member id of the profile.';
COMMENT ON COLUMN crmsync.contact_info.object IS 'Contact or Lead: where the information comes from.';
COMMENT ON COLUMN crmsync.contact_info.record_id IS 'Salesforce id of that record.';
COMMENT ON COLUMN crmsync.contact_info.phone IS 'Personal data. Telephone number as typed.';
COMMENT ON COLUMN crmsync.contact_info.email IS 'Personal data. E-mail address.';
COMMENT ON COLUMN crmsync.contact_info.street IS 'Personal data. Street.';
COMMENT ON COLUMN crmsync.contact_info.city IS 'City.';
COMMENT ON COLUMN crmsync.contact_info.state IS 'State or region.';
COMMENT ON COLUMN crmsync.contact_info.country IS 'Country.';
COMMENT ON COLUMN crmsync.contact_info.modified_at IS 'When the record was last modified: the age of the information.';
COMMENT ON COLUMN crmsync.contact_info.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.contact_info.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.contact_info.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE VIEW crmsync.badges AS
SELECT l.contract, l.target_kind, l.target_id, l.object, l.record_id,
       c.instance_url || '/lightning/r/' || l.object || '/' || l.record_id || '/view' AS lightning_url,
       c.instance_url || '/' || l.record_id AS classic_url,
       l.origin, l.sandbox, l.run_id, l.as_of
FROM crmsync.links l
JOIN crmsync.contracts c ON c.id = l.contract
WHERE l.decision = 'link';
COMMENT ON VIEW crmsync.badges IS 'Badges: the address that opens the record which a profile or company is linked to.';
COMMENT ON COLUMN crmsync.badges.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.badges.target_kind IS 'person or company.';
COMMENT ON COLUMN crmsync.badges.target_id IS 'Member or company id.';
COMMENT ON COLUMN crmsync.badges.object IS 'Lead, Contact or Account.';
COMMENT ON COLUMN crmsync.badges.record_id IS 'Salesforce id of the record.';
COMMENT ON COLUMN crmsync.badges.lightning_url IS 'Address of the record in Lightning.';
COMMENT ON COLUMN crmsync.badges.classic_url IS 'Address of the record in Classic.';
COMMENT ON COLUMN crmsync.badges.origin IS 'model or manual: who made the link.';
COMMENT ON COLUMN crmsync.badges.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.badges.run_id IS 'Run that last changed the link.';
COMMENT ON COLUMN crmsync.badges.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE VIEW crmsync.in_crm AS
SELECT l.contract, l.target_kind AS kind, l.target_id, true AS in_crm, l.object, l.record_id, l.sandbox, l.run_id, l.as_of
FROM crmsync.links l
WHERE l.decision = 'link';
COMMENT ON VIEW crmsync.in_crm IS 'People and companies of the directory that are in the CRM. The function crmsync.in_crm answers for any ids.';
COMMENT ON COLUMN crmsync.in_crm.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.in_crm.kind IS 'person or company.';
COMMENT ON COLUMN crmsync.in_crm.target_id IS 'Member or company id.';
COMMENT ON COLUMN crmsync.in_crm.in_crm IS 'Always true: whoever is not here is not in the CRM.';
COMMENT ON COLUMN crmsync.in_crm.object IS 'Lead, Contact or Account.';
COMMENT ON COLUMN crmsync.in_crm.record_id IS 'Salesforce id of the record.';
COMMENT ON COLUMN crmsync.in_crm.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.in_crm.run_id IS 'Run that last changed the link.';
COMMENT ON COLUMN crmsync.in_crm.as_of IS 'Instant that this run describes, by the org''s clock.';

-- +goose StatementBegin
CREATE FUNCTION crmsync.in_crm(contract text, kind text, ids text[]) RETURNS TABLE (target_id text, in_crm boolean)
LANGUAGE sql STABLE AS $$
    SELECT asked.id, EXISTS (
        SELECT FROM crmsync.links l
        WHERE l.contract = $1 AND l.target_kind = $2 AND l.target_id = asked.id AND l.decision = 'link')
    FROM unnest($3) WITH ORDINALITY AS asked (id, place)
    ORDER BY asked.place
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.in_crm(text, text, text[]) IS 'Says for each member id (kind person) or company id (kind company) whether it is in the CRM, in the order asked.';

CREATE VIEW crmsync.match_rates_current AS
SELECT m.*
FROM crmsync.match_rates m
JOIN crmsync.contracts c ON c.id = m.contract AND c.current_run = m.run_id;
COMMENT ON VIEW crmsync.match_rates_current IS 'Match rates of the run whose results the tables show.';

-- Saves are never undone, by nobody.
-- +goose StatementBegin
CREATE FUNCTION crmsync.append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('crmsync.erasing', true), '') <> '' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'rows of %.% are never changed or deleted', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'crmsync.erase_contract(contract) removes everything of a contract.';
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.append_only() IS 'Trigger of tables that only grow.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON crmsync.saves FOR EACH STATEMENT EXECUTE FUNCTION crmsync.append_only();
COMMENT ON COLUMN crmsync.match_rates_current.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.match_rates_current.object IS 'Lead, Contact or Account.';
COMMENT ON COLUMN crmsync.match_rates_current.records IS 'Records in the snapshot.';
COMMENT ON COLUMN crmsync.match_rates_current.eligible IS 'Records that could be linked: not duplicates, not converted leads.';
COMMENT ON COLUMN crmsync.match_rates_current.linked IS 'Records with a link.';
COMMENT ON COLUMN crmsync.match_rates_current.linked_by_hand IS 'Of these, made by hand.';
COMMENT ON COLUMN crmsync.match_rates_current.review IS 'Records waiting for a review.';
COMMENT ON COLUMN crmsync.match_rates_current.duplicates IS 'Records that gave way to a duplicate.';
COMMENT ON COLUMN crmsync.match_rates_current.converted IS 'Leads that gave way to their contact.';
COMMENT ON COLUMN crmsync.match_rates_current.pairs_compared IS 'Candidate pairs compared.';
COMMENT ON COLUMN crmsync.match_rates_current.pairs_uncompared IS 'Candidate pairs left out because no refinement made their block small enough.';
COMMENT ON COLUMN crmsync.match_rates_current.rate IS 'linked / eligible, 0 to 1; 0 when nothing is eligible.';
COMMENT ON COLUMN crmsync.match_rates_current.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.match_rates_current.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.match_rates_current.as_of IS 'Instant that this run describes, by the org''s clock.';
