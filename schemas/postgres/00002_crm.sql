-- +goose Up
-- What is kept of the CRM itself: what the analysts' tables refer to.
CREATE TABLE crmsync.users (
    contract           text NOT NULL,
    id                 text NOT NULL,
    name               text,
    department         text,
    email              text,
    first_name         text,
    last_name          text,
    title              text,
    phone              text,
    mobile_phone       text,
    is_active          boolean NOT NULL,
    user_role_id       text,
    created_date       timestamptz NOT NULL,
    last_modified_date timestamptz NOT NULL,
    sandbox            boolean NOT NULL DEFAULT false,
    run_id             text NOT NULL,
    as_of              timestamptz NOT NULL,
    PRIMARY KEY (contract, id)
);
COMMENT ON TABLE crmsync.users IS 'Users of the Salesforce org.';
COMMENT ON COLUMN crmsync.users.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.users.id IS 'Salesforce id, 18 characters.';
COMMENT ON COLUMN crmsync.users.name IS 'Personal data. Full name.';
COMMENT ON COLUMN crmsync.users.department IS 'Department.';
COMMENT ON COLUMN crmsync.users.email IS 'Personal data. E-mail address.';
COMMENT ON COLUMN crmsync.users.first_name IS 'Personal data. Given name.';
COMMENT ON COLUMN crmsync.users.last_name IS 'Personal data. Surname.';
COMMENT ON COLUMN crmsync.users.title IS 'Personal data. Job title.';
COMMENT ON COLUMN crmsync.users.phone IS 'Personal data. Telephone number.';
COMMENT ON COLUMN crmsync.users.mobile_phone IS 'Personal data. Mobile number.';
COMMENT ON COLUMN crmsync.users.is_active IS 'Whether the user can log in.';
COMMENT ON COLUMN crmsync.users.user_role_id IS 'Role in the role tree.';
COMMENT ON COLUMN crmsync.users.created_date IS 'When the user was created.';
COMMENT ON COLUMN crmsync.users.last_modified_date IS 'When the user was last modified.';
COMMENT ON COLUMN crmsync.users.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.users.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.users.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.user_roles (
    contract           text NOT NULL,
    id                 text NOT NULL,
    name               text NOT NULL,
    parent_role_id     text,
    last_modified_date timestamptz NOT NULL,
    sandbox            boolean NOT NULL DEFAULT false,
    run_id             text NOT NULL,
    as_of              timestamptz NOT NULL,
    PRIMARY KEY (contract, id)
);
COMMENT ON TABLE crmsync.user_roles IS 'The role tree of the Salesforce org.';
COMMENT ON COLUMN crmsync.user_roles.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.user_roles.id IS 'Salesforce id, 18 characters.';
COMMENT ON COLUMN crmsync.user_roles.name IS 'Name of the role.';
COMMENT ON COLUMN crmsync.user_roles.parent_role_id IS 'The role above; none at the top.';
COMMENT ON COLUMN crmsync.user_roles.last_modified_date IS 'When the role was last modified.';
COMMENT ON COLUMN crmsync.user_roles.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.user_roles.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.user_roles.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE TABLE crmsync.opportunities (
    contract             text NOT NULL,
    id                   text NOT NULL,
    account_id           text,
    amount               double precision,
    close_date           date NOT NULL,
    created_date         timestamptz NOT NULL,
    is_closed            boolean NOT NULL,
    is_won               boolean NOT NULL,
    last_activity_date   date,
    last_referenced_date timestamptz,
    last_viewed_date     timestamptz,
    lead_source          text,
    name                 text NOT NULL,
    owner_id             text NOT NULL,
    stage_name           text NOT NULL,
    type                 text,
    last_modified_date   timestamptz NOT NULL,
    revenue              double precision,
    sandbox              boolean NOT NULL DEFAULT false,
    run_id               text NOT NULL,
    as_of                timestamptz NOT NULL,
    PRIMARY KEY (contract, id)
);
COMMENT ON TABLE crmsync.opportunities IS 'Opportunities of the Salesforce org.';
COMMENT ON COLUMN crmsync.opportunities.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.opportunities.id IS 'Salesforce id, 18 characters.';
COMMENT ON COLUMN crmsync.opportunities.account_id IS 'Account of the deal.';
COMMENT ON COLUMN crmsync.opportunities.amount IS 'Amount, in the org''s currency.';
COMMENT ON COLUMN crmsync.opportunities.close_date IS 'Day the deal closed or is expected to.';
COMMENT ON COLUMN crmsync.opportunities.created_date IS 'When the record was created.';
COMMENT ON COLUMN crmsync.opportunities.is_closed IS 'Whether the stage is a closed one.';
COMMENT ON COLUMN crmsync.opportunities.is_won IS 'Whether the stage is a won one.';
COMMENT ON COLUMN crmsync.opportunities.last_activity_date IS 'Day of the latest activity.';
COMMENT ON COLUMN crmsync.opportunities.last_referenced_date IS 'When the integration user last referenced it.';
COMMENT ON COLUMN crmsync.opportunities.last_viewed_date IS 'When the integration user last viewed it.';
COMMENT ON COLUMN crmsync.opportunities.lead_source IS 'Where the deal came from.';
COMMENT ON COLUMN crmsync.opportunities.name IS 'Name of the opportunity.';
COMMENT ON COLUMN crmsync.opportunities.owner_id IS 'User who owns the deal.';
COMMENT ON COLUMN crmsync.opportunities.stage_name IS 'Stage.';
COMMENT ON COLUMN crmsync.opportunities.type IS 'New business, existing business.';
COMMENT ON COLUMN crmsync.opportunities.last_modified_date IS 'When the record was last modified.';
COMMENT ON COLUMN crmsync.opportunities.revenue IS 'Value of the revenue field that the administrator named (setting roi.revenue_field).';
COMMENT ON COLUMN crmsync.opportunities.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.opportunities.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.opportunities.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE INDEX opportunities_by_owner ON crmsync.opportunities (contract, owner_id);
CREATE INDEX opportunities_by_account ON crmsync.opportunities (contract, account_id);
CREATE INDEX users_by_role ON crmsync.users (contract, user_role_id);
