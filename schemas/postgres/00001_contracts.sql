-- +goose Up
COMMENT ON SCHEMA crmsync IS 'CRM Sync for Salesforce: links between CRM records and the Sales Navigator directory, and what follows from them.';

CREATE TABLE crmsync.contracts (
    id              text PRIMARY KEY,
    org_id          text,
    org_name        text,
    edition         text,
    instance_name   text,
    instance_url    text CHECK (instance_url ~ '^https?://[^/]+$'),
    sandbox         boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    current_run     text,
    current_as_of   timestamptz,
    last_sync       timestamptz,
    outbox_source   text
);
COMMENT ON TABLE crmsync.contracts IS 'Contracts: one Sales Navigator contract and its one Salesforce org.';
COMMENT ON COLUMN crmsync.contracts.id IS 'Name of the contract in the configuration.';
COMMENT ON COLUMN crmsync.contracts.org_id IS 'Organization id of the Salesforce org; none before the first load.';
COMMENT ON COLUMN crmsync.contracts.org_name IS 'Name of the organization.';
COMMENT ON COLUMN crmsync.contracts.edition IS 'Edition of the org.';
COMMENT ON COLUMN crmsync.contracts.instance_name IS 'Salesforce instance.';
COMMENT ON COLUMN crmsync.contracts.instance_url IS 'Base address of record links, without a path.';
COMMENT ON COLUMN crmsync.contracts.sandbox IS 'Whether the org is a sandbox.';
COMMENT ON COLUMN crmsync.contracts.created_at IS 'When the contract was first seen here.';
COMMENT ON COLUMN crmsync.contracts.current_run IS 'Run whose results the tables show; moved in the transaction that loads them.';
COMMENT ON COLUMN crmsync.contracts.current_as_of IS 'Instant that this run describes, by the org''s clock.';
COMMENT ON COLUMN crmsync.contracts.last_sync IS 'When its results were loaded, by the database''s clock: the last successful sync.';
COMMENT ON COLUMN crmsync.contracts.outbox_source IS 'Fingerprint of the activities that were last taken into the outbox.';

CREATE TABLE crmsync.runs (
    contract   text NOT NULL,
    run_id     text NOT NULL,
    job        text NOT NULL,
    as_of      timestamptz NOT NULL,
    base_run   text,
    state      text NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'abandoned')),
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    resumed    integer NOT NULL DEFAULT 0,
    error      text,
    sandbox    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (contract, run_id)
);
CREATE INDEX runs_by_job ON crmsync.runs (contract, job, started_at DESC);
COMMENT ON TABLE crmsync.runs IS 'Runs of jobs. A run that is running while nobody works for the contract has crashed; the next start resumes it.';
COMMENT ON COLUMN crmsync.runs.contract IS 'Contract that the run works for.';
COMMENT ON COLUMN crmsync.runs.run_id IS 'Id of the run; ids sort in the order of the runs.';
COMMENT ON COLUMN crmsync.runs.job IS 'Job: sync, writeback, backfill.';
COMMENT ON COLUMN crmsync.runs.as_of IS 'Instant that the run describes, by the org''s clock.';
COMMENT ON COLUMN crmsync.runs.base_run IS 'Run whose data sets this one builds on.';
COMMENT ON COLUMN crmsync.runs.state IS 'running, succeeded, failed or abandoned.';
COMMENT ON COLUMN crmsync.runs.started_at IS 'When the run began, by the local clock.';
COMMENT ON COLUMN crmsync.runs.ended_at IS 'When it ended; none while it is running.';
COMMENT ON COLUMN crmsync.runs.resumed IS 'How often it was resumed.';
COMMENT ON COLUMN crmsync.runs.error IS 'Why it failed.';
COMMENT ON COLUMN crmsync.runs.sandbox IS 'Whether the contract''s org is a sandbox.';

CREATE TABLE crmsync.run_stages (
    contract   text NOT NULL,
    run_id     text NOT NULL,
    stage      text NOT NULL,
    ordinal    integer NOT NULL,
    state      text NOT NULL CHECK (state IN ('running', 'succeeded', 'failed')),
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    seconds    double precision GENERATED ALWAYS AS (extract(epoch FROM ended_at - started_at)) STORED,
    rows       bigint NOT NULL DEFAULT 0,
    counts     jsonb NOT NULL DEFAULT '{}',
    error      text,
    sandbox    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (contract, run_id, stage),
    FOREIGN KEY (contract, run_id) REFERENCES crmsync.runs ON DELETE CASCADE
);
COMMENT ON TABLE crmsync.run_stages IS 'Stages of runs.';
COMMENT ON COLUMN crmsync.run_stages.contract IS 'Contract that the run works for.';
COMMENT ON COLUMN crmsync.run_stages.run_id IS 'Run.';
COMMENT ON COLUMN crmsync.run_stages.stage IS 'Name of the stage.';
COMMENT ON COLUMN crmsync.run_stages.ordinal IS 'Place of the stage in the run, from 1.';
COMMENT ON COLUMN crmsync.run_stages.state IS 'running, succeeded or failed.';
COMMENT ON COLUMN crmsync.run_stages.started_at IS 'When the stage began, by the local clock.';
COMMENT ON COLUMN crmsync.run_stages.ended_at IS 'When it ended; none while it is running.';
COMMENT ON COLUMN crmsync.run_stages.seconds IS 'How long it took, in seconds.';
COMMENT ON COLUMN crmsync.run_stages.rows IS 'Rows that it counted, all data sets together.';
COMMENT ON COLUMN crmsync.run_stages.counts IS 'Everything that it counted: {"rows.crm_lead": 17, "api_calls": 3}.';
COMMENT ON COLUMN crmsync.run_stages.error IS 'Why it failed.';
COMMENT ON COLUMN crmsync.run_stages.sandbox IS 'Whether the contract''s org is a sandbox.';

-- The table of applied migrations lies in the schema too, and is described like the others.
-- +goose StatementBegin
DO $$
BEGIN
    IF to_regclass('crmsync.schema_versions') IS NOT NULL THEN
        COMMENT ON TABLE crmsync.schema_versions IS 'Migrations that were applied to this schema.';
        COMMENT ON COLUMN crmsync.schema_versions.id IS 'Number of the entry.';
        COMMENT ON COLUMN crmsync.schema_versions.version_id IS 'Number of the migration.';
        COMMENT ON COLUMN crmsync.schema_versions.is_applied IS 'Whether it was applied.';
        COMMENT ON COLUMN crmsync.schema_versions.tstamp IS 'When it was applied.';
    END IF;
END
$$;
-- +goose StatementEnd
