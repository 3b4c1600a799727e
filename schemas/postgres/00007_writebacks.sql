-- +goose Up
-- The outbox of write-back. A row is there once for each marked activity and ends written, or waits with the reason.

CREATE TABLE crmsync.writebacks (
    contract         text NOT NULL,
    activity_id      text NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('InMail', 'Message', 'Call', 'PointDriveView', 'Note')),
    seat_id          text NOT NULL,
    member_id        text,
    company_id       text,
    occurred_at      timestamptz NOT NULL,
    subject          text,
    body             text,
    state            text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'written', 'unassigned', 'refused', 'failed')),
    reason           text,
    attempts         integer NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz,
    object           text CHECK (object IN ('Task', 'Note')),
    owner_id         text,
    who_id           text,
    what_id          text,
    parent_id        text,
    record_type_id   text,
    cut              text[] NOT NULL DEFAULT '{}',
    fingerprint      text,
    text_fingerprint text,
    external_id      text,
    sent_at          timestamptz,
    salesforce_id    text,
    written_at       timestamptz,
    imported_at      timestamptz NOT NULL DEFAULT now(),
    changed_at       timestamptz NOT NULL DEFAULT now(),
    sandbox          boolean NOT NULL DEFAULT false,
    run_id           text NOT NULL,
    as_of            timestamptz NOT NULL,
    PRIMARY KEY (contract, activity_id),
    UNIQUE (contract, salesforce_id),
    CONSTRAINT written_has_id CHECK ((state IN ('written', 'unassigned')) = (salesforce_id IS NOT NULL)),
    CONSTRAINT sending_can_be_found CHECK (state <> 'sending' OR (sent_at IS NOT NULL AND fingerprint IS NOT NULL AND object IS NOT NULL))
);
CREATE INDEX writebacks_waiting ON crmsync.writebacks (contract, occurred_at, activity_id) WHERE state = 'waiting';
CREATE INDEX writebacks_sending ON crmsync.writebacks (contract, sent_at) WHERE state = 'sending';
CREATE INDEX writebacks_by_seat ON crmsync.writebacks (contract, seat_id, occurred_at);
COMMENT ON TABLE crmsync.writebacks IS 'Activities that sellers marked for logging, and what became of each: the outbox of write-back.';
COMMENT ON COLUMN crmsync.writebacks.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.writebacks.activity_id IS 'Activity id.';
COMMENT ON COLUMN crmsync.writebacks.kind IS 'InMail, Message, Call, PointDriveView or Note.';
COMMENT ON COLUMN crmsync.writebacks.seat_id IS 'Seat of the seller.';
COMMENT ON COLUMN crmsync.writebacks.member_id IS 'Personal data. Profile that the activity is about.';
COMMENT ON COLUMN crmsync.writebacks.company_id IS 'Company that the activity is about.';
COMMENT ON COLUMN crmsync.writebacks.occurred_at IS 'When the activity happened.';
COMMENT ON COLUMN crmsync.writebacks.subject IS 'Personal data. Subject.';
COMMENT ON COLUMN crmsync.writebacks.body IS 'Personal data. Body.';
COMMENT ON COLUMN crmsync.writebacks.state IS 'waiting; sending (told to Salesforce, outcome not recorded yet); written; unassigned (written without a person); refused (by Salesforce or by a rule; a person may have it retried); failed (given up after many attempts).';
COMMENT ON COLUMN crmsync.writebacks.reason IS 'Personal data. Why it waits, was refused or failed; Salesforce''s own words where they are its reason.';
COMMENT ON COLUMN crmsync.writebacks.attempts IS 'How often it was sent.';
COMMENT ON COLUMN crmsync.writebacks.next_attempt_at IS 'Not before this instant of the org''s clock; none means at once.';
COMMENT ON COLUMN crmsync.writebacks.object IS 'Task or Note.';
COMMENT ON COLUMN crmsync.writebacks.owner_id IS 'CRM user who owns it: the seller''s.';
COMMENT ON COLUMN crmsync.writebacks.who_id IS 'WhoId: the Contact or Lead.';
COMMENT ON COLUMN crmsync.writebacks.what_id IS 'WhatId: the Account.';
COMMENT ON COLUMN crmsync.writebacks.parent_id IS 'ParentId of a note.';
COMMENT ON COLUMN crmsync.writebacks.record_type_id IS 'RecordTypeId of a task.';
COMMENT ON COLUMN crmsync.writebacks.cut IS 'Fields that were cut to Salesforce''s length.';
COMMENT ON COLUMN crmsync.writebacks.fingerprint IS 'Hash of the content as sent; finds the record when the answer was lost.';
COMMENT ON COLUMN crmsync.writebacks.text_fingerprint IS 'Hash of what stays when somebody reassigns the record: kind, day, subject and body.';
COMMENT ON COLUMN crmsync.writebacks.external_id IS 'Value of the unique field that was sent along; none when the org has no such field.';
COMMENT ON COLUMN crmsync.writebacks.sent_at IS 'When it was last sent, by the org''s clock; committed before the call.';
COMMENT ON COLUMN crmsync.writebacks.salesforce_id IS 'Id of the record that was made.';
COMMENT ON COLUMN crmsync.writebacks.written_at IS 'When its making was recorded, by the org''s clock.';
COMMENT ON COLUMN crmsync.writebacks.imported_at IS 'When the activity came into the outbox.';
COMMENT ON COLUMN crmsync.writebacks.changed_at IS 'When the row last changed.';
COMMENT ON COLUMN crmsync.writebacks.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.writebacks.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.writebacks.as_of IS 'Instant that this run describes, by the org''s clock.';

-- +goose StatementBegin
CREATE FUNCTION crmsync.guard_writeback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF coalesce(current_setting('crmsync.erasing', true), '') = OLD.contract THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'activity % stays in the outbox: it keeps what was written', OLD.activity_id USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.salesforce_id IS NOT NULL THEN
        RAISE EXCEPTION 'activity % was written as % and is never written again', OLD.activity_id, OLD.salesforce_id USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.changed_at := now();
    RETURN NEW;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.guard_writeback() IS 'Trigger: what was written is never written again, nor forgotten.';
CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON crmsync.writebacks FOR EACH ROW EXECUTE FUNCTION crmsync.guard_writeback();
