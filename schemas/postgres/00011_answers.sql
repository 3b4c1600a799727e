-- +goose Up
-- Questions that people and programs ask after a run: in the CRM or not, the record's address, how old is what is shown, how it was before.

ALTER TABLE crmsync.contracts
    ADD COLUMN badge_style text NOT NULL DEFAULT 'lightning' CHECK (badge_style IN ('lightning', 'classic'));
COMMENT ON COLUMN crmsync.contracts.badge_style IS 'Style of record links (setting badge.style) when the current run began.';

CREATE OR REPLACE VIEW crmsync.badges AS
SELECT l.contract, l.target_kind, l.target_id, l.object, l.record_id,
       c.instance_url || '/lightning/r/' || l.object || '/' || l.record_id || '/view' AS lightning_url,
       c.instance_url || '/' || l.record_id AS classic_url,
       l.origin, l.sandbox, l.run_id, l.as_of,
       CASE c.badge_style WHEN 'classic' THEN c.instance_url || '/' || l.record_id
            ELSE c.instance_url || '/lightning/r/' || l.object || '/' || l.record_id || '/view' END AS url
FROM crmsync.links l
JOIN crmsync.contracts c ON c.id = l.contract
WHERE l.decision = 'link';
COMMENT ON COLUMN crmsync.badges.url IS 'Address of the record in the style that the administrator chose (setting badge.style).';

CREATE VIEW crmsync.contact_info_fields AS
SELECT i.contract, i.member_id, f.field, f.value, i.object, i.record_id, i.modified_at, c.current_as_of - i.modified_at AS age,
       b.url AS record_url, i.sandbox, i.run_id, i.as_of
FROM crmsync.contact_info i
JOIN crmsync.contracts c ON c.id = i.contract
LEFT JOIN crmsync.badges b ON b.contract = i.contract AND b.target_kind = 'person' AND b.target_id = i.member_id
CROSS JOIN LATERAL (VALUES ('phone', i.phone), ('email', i.email), ('street', i.street), ('city', i.city), ('state', i.state), ('country', i.country)) f (field, value)
WHERE f.value IS NOT NULL;
COMMENT ON VIEW crmsync.contact_info_fields IS 'Contact information of matched people, a row for each field that has a value, with the record that it comes from and its age.';
COMMENT ON COLUMN crmsync.contact_info_fields.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.contact_info_fields.member_id IS 'Personal data. Member id of the profile.';
COMMENT ON COLUMN crmsync.contact_info_fields.field IS 'phone, email, street, city, state or country.';
COMMENT ON COLUMN crmsync.contact_info_fields.value IS 'Personal data. What the record has there.';
COMMENT ON COLUMN crmsync.contact_info_fields.object IS 'Contact or Lead: where the field comes from.';
COMMENT ON COLUMN crmsync.contact_info_fields.record_id IS 'Salesforce id of that record.';
COMMENT ON COLUMN crmsync.contact_info_fields.modified_at IS 'When the record was last modified.';
COMMENT ON COLUMN crmsync.contact_info_fields.age IS 'Time from then to the current run: the field has been as it is for at least so long.';
COMMENT ON COLUMN crmsync.contact_info_fields.record_url IS 'Address of the record, in the style that the administrator chose.';
COMMENT ON COLUMN crmsync.contact_info_fields.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.contact_info_fields.run_id IS 'Run that last changed the row.';
COMMENT ON COLUMN crmsync.contact_info_fields.as_of IS 'Instant that this run describes, by the org''s clock.';

-- +goose StatementBegin
CREATE FUNCTION crmsync.only_contract() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    ids text[];
BEGIN
    SELECT array_agg(id ORDER BY id) INTO ids FROM crmsync.contracts;
    IF cardinality(ids) = 1 THEN
        RETURN ids[1];
    END IF;
    RAISE EXCEPTION 'there are % contracts here, so name one as the last argument', coalesce(cardinality(ids), 0)
        USING ERRCODE = 'invalid_parameter_value', DETAIL = coalesce(array_to_string(ids, ', '), '');
END
$$;

CREATE FUNCTION crmsync.in_crm_people(ids text[], contract text DEFAULT crmsync.only_contract())
RETURNS TABLE (id text, in_crm boolean, object text, record_id text) LANGUAGE sql STABLE AS $$
    SELECT asked.id, l.record_id IS NOT NULL, l.object, l.record_id
    FROM unnest($1) WITH ORDINALITY AS asked (id, place)
    LEFT JOIN crmsync.links l ON l.contract = $2 AND l.target_kind = 'person' AND l.target_id = asked.id AND l.decision = 'link'
    ORDER BY asked.place
$$;

CREATE FUNCTION crmsync.in_crm_companies(ids text[], contract text DEFAULT crmsync.only_contract())
RETURNS TABLE (id text, in_crm boolean, object text, record_id text) LANGUAGE sql STABLE AS $$
    SELECT asked.id, l.record_id IS NOT NULL, l.object, l.record_id
    FROM unnest($1) WITH ORDINALITY AS asked (id, place)
    LEFT JOIN crmsync.links l ON l.contract = $2 AND l.target_kind = 'company' AND l.target_id = asked.id AND l.decision = 'link'
    ORDER BY asked.place
$$;

CREATE FUNCTION crmsync.links_as_of(at timestamptz) RETURNS SETOF crmsync.links_history LANGUAGE sql STABLE AS $$
    SELECT * FROM crmsync.links_as_of(crmsync.only_contract(), $1)
$$;

CREATE FUNCTION crmsync.links_as_of_run(run_id text) RETURNS SETOF crmsync.links_history LANGUAGE sql STABLE AS $$
    SELECT h.* FROM crmsync.runs r CROSS JOIN LATERAL crmsync.links_as_of(r.contract, r.as_of) h WHERE r.run_id = $1
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.only_contract() IS 'The one contract of this database; an error when there are several, or none.';
COMMENT ON FUNCTION crmsync.in_crm_people(text[], text) IS 'Says for each member id, in the order asked, whether the person is in the CRM, and as which record.';
COMMENT ON FUNCTION crmsync.in_crm_companies(text[], text) IS 'Says for each company id, in the order asked, whether the company is in the CRM, and as which record.';
COMMENT ON FUNCTION crmsync.links_as_of(timestamptz) IS 'Links of the only contract as they stood at an instant of the org''s clock.';
COMMENT ON FUNCTION crmsync.links_as_of_run(text) IS 'Links as they stood when a run had been loaded; ids of runs are those of crmsync.runs.';
