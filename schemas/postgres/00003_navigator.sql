-- +goose Up
-- Sales Navigator's side: seats, and what sellers did.
CREATE TABLE crmsync.seats (
    contract     text NOT NULL,
    seat_id      text NOT NULL,
    member_id    text,
    name         text,
    email        text,
    active       boolean NOT NULL,
    team         text,
    licence_type text NOT NULL,
    is_admin     boolean,
    sandbox      boolean NOT NULL DEFAULT false,
    run_id       text NOT NULL,
    as_of        timestamptz NOT NULL,
    PRIMARY KEY (contract, seat_id)
);
COMMENT ON TABLE crmsync.seats IS 'Seats (licences) of the contract.';
COMMENT ON COLUMN crmsync.seats.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.seats.seat_id IS 'Seat id.';
COMMENT ON COLUMN crmsync.seats.member_id IS 'Personal data. Member id of the seat''s holder.';
COMMENT ON COLUMN crmsync.seats.name IS 'Personal data. Name of the seat''s holder.';
COMMENT ON COLUMN crmsync.seats.email IS 'Personal data. E-mail address of the seat''s holder.';
COMMENT ON COLUMN crmsync.seats.active IS 'Whether the seat is in use.';
COMMENT ON COLUMN crmsync.seats.team IS 'Team.';
COMMENT ON COLUMN crmsync.seats.licence_type IS 'Licence type; only Team and Enterprise get the sync (R7).';
COMMENT ON COLUMN crmsync.seats.is_admin IS 'Whether the holder administers the contract.';
COMMENT ON COLUMN crmsync.seats.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.seats.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.seats.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.activities (
    contract    text NOT NULL,
    activity_id text NOT NULL,
    type        text NOT NULL,
    seat_id     text NOT NULL,
    member_id   text,
    company_id  text,
    occurred_at timestamptz NOT NULL,
    subject     text,
    body        text,
    log_to_crm  boolean NOT NULL,
    sandbox     boolean NOT NULL DEFAULT false,
    run_id      text NOT NULL,
    as_of       timestamptz NOT NULL,
    PRIMARY KEY (contract, activity_id)
);
COMMENT ON TABLE crmsync.activities IS 'Sellers'' activities: InMail, Message, Note, Call, PointDriveView.';
COMMENT ON COLUMN crmsync.activities.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.activities.activity_id IS 'Activity id.';
COMMENT ON COLUMN crmsync.activities.type IS 'InMail, Message, Note, Call or PointDriveView.';
COMMENT ON COLUMN crmsync.activities.seat_id IS 'Seat of the seller.';
COMMENT ON COLUMN crmsync.activities.member_id IS 'Personal data. Profile that the activity is about.';
COMMENT ON COLUMN crmsync.activities.company_id IS 'Company that the activity is about.';
COMMENT ON COLUMN crmsync.activities.occurred_at IS 'When it happened.';
COMMENT ON COLUMN crmsync.activities.subject IS 'Personal data. Subject.';
COMMENT ON COLUMN crmsync.activities.body IS 'Personal data. Body.';
COMMENT ON COLUMN crmsync.activities.log_to_crm IS 'Whether the seller marked it for logging.';
COMMENT ON COLUMN crmsync.activities.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.activities.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.activities.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE INDEX activities_by_seat ON crmsync.activities (contract, seat_id, occurred_at);
