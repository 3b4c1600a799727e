-- +goose Up
-- What people decide: settings, hand-made links, seats tied to users. Every change is audited by triggers, whoever makes it.

-- +goose StatementBegin
CREATE FUNCTION crmsync.actor() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('crmsync.actor', true), ''), session_user)
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.actor() IS 'Who makes a change: the setting crmsync.actor of the transaction, else the database user.';

CREATE TABLE crmsync.settings (
    contract   text NOT NULL,
    key        text NOT NULL,
    value      jsonb NOT NULL,
    changed_by text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (contract, key)
);
COMMENT ON TABLE crmsync.settings IS 'Settings that differ from their defaults. `crmsync settings show` lists all with their meaning.';
COMMENT ON COLUMN crmsync.settings.contract IS 'Contract that the setting is for.';
COMMENT ON COLUMN crmsync.settings.key IS 'Name of the setting.';
COMMENT ON COLUMN crmsync.settings.value IS 'Its value.';
COMMENT ON COLUMN crmsync.settings.changed_by IS 'Personal data. Who set it.';
COMMENT ON COLUMN crmsync.settings.changed_at IS 'When.';

CREATE TABLE crmsync.settings_audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract   text NOT NULL,
    key        text NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    from_value jsonb,
    to_value   jsonb
);
CREATE INDEX settings_audit_by_key ON crmsync.settings_audit (contract, key, id);
COMMENT ON TABLE crmsync.settings_audit IS 'Every change of a setting.';
COMMENT ON COLUMN crmsync.settings_audit.id IS 'Number of the change, counting up.';
COMMENT ON COLUMN crmsync.settings_audit.contract IS 'Contract that the setting is for.';
COMMENT ON COLUMN crmsync.settings_audit.key IS 'Name of the setting.';
COMMENT ON COLUMN crmsync.settings_audit.changed_by IS 'Personal data. Who changed it.';
COMMENT ON COLUMN crmsync.settings_audit.changed_at IS 'When.';
COMMENT ON COLUMN crmsync.settings_audit.from_value IS 'Value before; none when the default was in force.';
COMMENT ON COLUMN crmsync.settings_audit.to_value IS 'Value after; none when the default is in force again.';

CREATE TABLE crmsync.decisions (
    contract   text NOT NULL,
    object     text NOT NULL CHECK (object IN ('Lead', 'Contact', 'Account')),
    record_id  text NOT NULL,
    target_id  text NOT NULL,
    verdict    text NOT NULL CHECK (verdict IN ('link', 'reject')),
    decided_by text NOT NULL DEFAULT '',
    decided_at timestamptz NOT NULL DEFAULT now(),
    reason     text,
    PRIMARY KEY (contract, object, record_id, target_id)
);
CREATE UNIQUE INDEX decisions_one_per_record ON crmsync.decisions (contract, object, record_id) WHERE verdict = 'link';
CREATE UNIQUE INDEX decisions_one_per_target ON crmsync.decisions (contract, (object = 'Account'), target_id) WHERE verdict = 'link';
COMMENT ON TABLE crmsync.decisions IS 'Hand-made links and refusals; they hold for everyone and the model never overrides them.';
COMMENT ON COLUMN crmsync.decisions.contract IS 'Contract that the decision is for.';
COMMENT ON COLUMN crmsync.decisions.object IS 'Lead, Contact or Account.';
COMMENT ON COLUMN crmsync.decisions.record_id IS 'Salesforce id of the record.';
COMMENT ON COLUMN crmsync.decisions.target_id IS 'Member id, or company id for an Account.';
COMMENT ON COLUMN crmsync.decisions.verdict IS 'link or reject.';
COMMENT ON COLUMN crmsync.decisions.decided_by IS 'Personal data. Who decided.';
COMMENT ON COLUMN crmsync.decisions.decided_at IS 'When.';
COMMENT ON COLUMN crmsync.decisions.reason IS 'Why.';

CREATE TABLE crmsync.seat_mappings (
    contract   text NOT NULL,
    seat_id    text NOT NULL,
    user_id    text NOT NULL,
    decided_by text NOT NULL DEFAULT '',
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (contract, seat_id)
);
COMMENT ON TABLE crmsync.seat_mappings IS 'Seats tied to CRM users by hand.';
COMMENT ON COLUMN crmsync.seat_mappings.contract IS 'Contract that the seat belongs to.';
COMMENT ON COLUMN crmsync.seat_mappings.seat_id IS 'Seat id.';
COMMENT ON COLUMN crmsync.seat_mappings.user_id IS 'Salesforce id of the user.';
COMMENT ON COLUMN crmsync.seat_mappings.decided_by IS 'Personal data. Who decided.';
COMMENT ON COLUMN crmsync.seat_mappings.decided_at IS 'When.';

CREATE TABLE crmsync.decisions_audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract   text NOT NULL,
    kind       text NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    from_row   jsonb,
    to_row     jsonb
);
COMMENT ON TABLE crmsync.decisions_audit IS 'Every change of a hand-made decision or seat mapping.';
COMMENT ON COLUMN crmsync.decisions_audit.id IS 'Number of the change, counting up.';
COMMENT ON COLUMN crmsync.decisions_audit.contract IS 'Contract that the decision is for.';
COMMENT ON COLUMN crmsync.decisions_audit.kind IS 'decisions or seat_mappings.';
COMMENT ON COLUMN crmsync.decisions_audit.changed_by IS 'Personal data. Who changed it.';
COMMENT ON COLUMN crmsync.decisions_audit.changed_at IS 'When.';
COMMENT ON COLUMN crmsync.decisions_audit.from_row IS 'Personal data. The row before; none when it was added.';
COMMENT ON COLUMN crmsync.decisions_audit.to_row IS 'Personal data. The row after; none when it was taken back.';

-- +goose StatementBegin
CREATE FUNCTION crmsync.stamp_setting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.value = OLD.value THEN
        RETURN NULL; -- no change, nothing to audit
    END IF;
    NEW.changed_by := crmsync.actor();
    NEW.changed_at := now();
    RETURN NEW;
END
$$;
CREATE FUNCTION crmsync.audit_setting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crmsync.settings_audit (contract, key, changed_by, changed_at, from_value, to_value)
    VALUES (coalesce(NEW.contract, OLD.contract), coalesce(NEW.key, OLD.key), crmsync.actor(), now(), OLD.value, NEW.value);
    RETURN NULL;
END
$$;
CREATE FUNCTION crmsync.stamp_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.decided_by := crmsync.actor();
    NEW.decided_at := now();
    RETURN NEW;
END
$$;
CREATE FUNCTION crmsync.audit_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crmsync.decisions_audit (contract, kind, changed_by, changed_at, from_row, to_row)
    VALUES (coalesce(NEW.contract, OLD.contract), TG_TABLE_NAME, crmsync.actor(), now(), to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.stamp_setting() IS 'Trigger: notes who set a setting and when.';
COMMENT ON FUNCTION crmsync.audit_setting() IS 'Trigger: keeps every change of a setting.';
COMMENT ON FUNCTION crmsync.stamp_decision() IS 'Trigger: notes who decided and when.';
COMMENT ON FUNCTION crmsync.audit_decision() IS 'Trigger: keeps every change of a decision.';
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON crmsync.settings FOR EACH ROW EXECUTE FUNCTION crmsync.stamp_setting();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON crmsync.settings FOR EACH ROW EXECUTE FUNCTION crmsync.audit_setting();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON crmsync.decisions FOR EACH ROW EXECUTE FUNCTION crmsync.stamp_decision();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON crmsync.decisions FOR EACH ROW EXECUTE FUNCTION crmsync.audit_decision();
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON crmsync.seat_mappings FOR EACH ROW EXECUTE FUNCTION crmsync.stamp_decision();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON crmsync.seat_mappings FOR EACH ROW EXECUTE FUNCTION crmsync.audit_decision();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON crmsync.settings_audit FOR EACH STATEMENT EXECUTE FUNCTION crmsync.append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON crmsync.decisions_audit FOR EACH STATEMENT EXECUTE FUNCTION crmsync.append_only();
