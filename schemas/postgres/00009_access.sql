-- +goose Up
-- Who may read what, and how everything of a contract is removed.

-- +goose StatementBegin
CREATE FUNCTION crmsync.grant_read(reader regrole) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA crmsync TO %s', reader);
    FOR r IN
        SELECT c.oid::regclass AS relation, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'crmsync'::regnamespace AND c.relkind IN ('r', 'v')
          AND coalesce(col_description(c.oid, a.attnum), 'Personal data.') NOT LIKE 'Personal data.%'
        GROUP BY c.oid
    LOOP
        EXECUTE format('GRANT SELECT (%s) ON %s TO %s', r.columns, r.relation, reader);
    END LOOP;
END
$$;

CREATE FUNCTION crmsync.rows_of_contract(contract text) RETURNS TABLE (relation text, number bigint) LANGUAGE plpgsql STABLE AS $$
BEGIN
    FOR relation IN
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'contract' AND NOT a.attisdropped
        WHERE c.relnamespace = 'crmsync'::regnamespace AND c.relkind = 'r'
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT count(*) FROM crmsync.%I t WHERE t.contract = $1', relation) INTO number USING contract;
        RETURN NEXT;
    END LOOP;
    relation := 'contracts';
    SELECT count(*) INTO number FROM crmsync.contracts c WHERE c.id = rows_of_contract.contract;
    RETURN NEXT;
END
$$;

CREATE FUNCTION crmsync.erase_contract(contract text) RETURNS TABLE (relation text, number bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('crmsync.erasing', contract, true);
    -- Tables first whose triggers write to audits, then the audits.
    FOR relation IN
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'contract' AND NOT a.attisdropped
        WHERE c.relnamespace = 'crmsync'::regnamespace AND c.relkind = 'r'
        ORDER BY c.relname LIKE '%\_audit', c.relname
    LOOP
        EXECUTE format('DELETE FROM crmsync.%I t WHERE t.contract = $1', relation) USING contract;
        GET DIAGNOSTICS number = ROW_COUNT;
        RETURN NEXT;
    END LOOP;
    relation := 'contracts';
    DELETE FROM crmsync.contracts c WHERE c.id = erase_contract.contract;
    GET DIAGNOSTICS number = ROW_COUNT;
    RETURN NEXT;
    PERFORM set_config('crmsync.erasing', '', true);
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION crmsync.grant_read(regrole) IS 'Lets a role read everything but personal data. Call it again after a migration.';
COMMENT ON FUNCTION crmsync.rows_of_contract(text) IS 'Counts the rows of a contract in every table.';
COMMENT ON FUNCTION crmsync.erase_contract(text) IS 'Deletes every row of a contract, audits and saves included; it cannot be undone.';
REVOKE ALL ON FUNCTION crmsync.erase_contract(text) FROM PUBLIC;
