-- +goose Up
-- Write-back through Bulk jobs, texts that must be plainer, and who had what tried again.

ALTER TABLE crmsync.writebacks
    ADD COLUMN job_id       text,
    ADD COLUMN job_ended_at timestamptz,
    ADD COLUMN strict       boolean NOT NULL DEFAULT false,
    ADD COLUMN link         text;
COMMENT ON COLUMN crmsync.writebacks.job_id IS 'Bulk job that it was last sent in; none when it went with a call of its own.';
COMMENT ON COLUMN crmsync.writebacks.job_ended_at IS 'When that job was found ended without telling what became of the row, by the org''s clock; the org''s records are asked since.';
COMMENT ON COLUMN crmsync.writebacks.strict IS 'Whether Salesforce took the text for too long or did not like its characters: it is then counted in bytes and written plainly.';
COMMENT ON COLUMN crmsync.writebacks.link IS 'Personal data. Address where the whole text can be read; only for long texts.';
CREATE INDEX writebacks_by_job ON crmsync.writebacks (contract, job_id) WHERE state = 'sending' AND job_id IS NOT NULL;

CREATE TABLE crmsync.writeback_audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract    text NOT NULL,
    activity_id text NOT NULL,
    retried_by  text NOT NULL DEFAULT '',
    retried_at  timestamptz NOT NULL DEFAULT now(),
    from_state  text NOT NULL,
    from_reason text
);
CREATE INDEX writeback_audit_by_activity ON crmsync.writeback_audit (contract, activity_id, id);
COMMENT ON TABLE crmsync.writeback_audit IS 'Every activity that a person had tried again.';
COMMENT ON COLUMN crmsync.writeback_audit.id IS 'Number of the entry, counting up.';
COMMENT ON COLUMN crmsync.writeback_audit.contract IS 'Contract that the activity belongs to.';
COMMENT ON COLUMN crmsync.writeback_audit.activity_id IS 'Activity id.';
COMMENT ON COLUMN crmsync.writeback_audit.retried_by IS 'Personal data. Who had it tried again.';
COMMENT ON COLUMN crmsync.writeback_audit.retried_at IS 'When.';
COMMENT ON COLUMN crmsync.writeback_audit.from_state IS 'State before: refused, failed, or sending when its outcome was unclear.';
COMMENT ON COLUMN crmsync.writeback_audit.from_reason IS 'Personal data. Reason before.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON crmsync.writeback_audit FOR EACH STATEMENT EXECUTE FUNCTION crmsync.append_only();
