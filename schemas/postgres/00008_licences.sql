-- +goose Up
-- Whom licences can be given to: users by role, with or without the roles below.

-- From every role up to the top. A role that is met again ends the way (a cycle), and so does a parent that does not exist.
CREATE VIEW crmsync.user_role_tree AS
WITH RECURSIVE up AS (
    SELECT r.contract, r.id AS role_id, r.name, r.parent_role_id AS above, ARRAY[r.id] AS path, ARRAY[r.name] AS path_names,
           r.sandbox, r.run_id, r.as_of
    FROM crmsync.user_roles r
    UNION ALL
    SELECT up.contract, up.role_id, up.name, p.parent_role_id, p.id || up.path, p.name || up.path_names, up.sandbox, up.run_id, up.as_of
    FROM up
    JOIN crmsync.user_roles p ON p.contract = up.contract AND p.id = up.above
    WHERE NOT p.id = ANY (up.path)
)
SELECT DISTINCT ON (contract, role_id)
       contract, role_id, name, cardinality(path) - 1 AS depth, path, path_names,
       CASE WHEN above IS NULL THEN NULL WHEN above = ANY (path) THEN 'cycle' ELSE 'orphan' END AS problem,
       sandbox, run_id, as_of
FROM up
ORDER BY contract, role_id, cardinality(path) DESC;
COMMENT ON VIEW crmsync.user_role_tree IS 'The role tree: each role with the roles above it.';
COMMENT ON COLUMN crmsync.user_role_tree.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.user_role_tree.role_id IS 'Salesforce id of the role.';
COMMENT ON COLUMN crmsync.user_role_tree.name IS 'Name of the role.';
COMMENT ON COLUMN crmsync.user_role_tree.depth IS 'Number of roles above it.';
COMMENT ON COLUMN crmsync.user_role_tree.path IS 'Ids of the roles from the top down to this one; whoever is under role X has X in it.';
COMMENT ON COLUMN crmsync.user_role_tree.path_names IS 'Their names.';
COMMENT ON COLUMN crmsync.user_role_tree.problem IS 'cycle or orphan when the way to the top does not end at a top role.';
COMMENT ON COLUMN crmsync.user_role_tree.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.user_role_tree.run_id IS 'Run that last changed the role.';
COMMENT ON COLUMN crmsync.user_role_tree.as_of IS 'Instant that this run describes, by the org''s clock.';

CREATE VIEW crmsync.licence_candidates AS
SELECT u.contract, u.id AS user_id, u.name, u.email, u.title, u.department,
       u.user_role_id AS role_id, t.name AS role_name, coalesce(t.path, '{}') AS role_path, coalesce(t.path_names, '{}') AS role_path_names,
       t.problem AS role_problem, s.seat_id IS NOT NULL AS has_seat, s.seat_id, s.licensed, u.sandbox, u.run_id, u.as_of
FROM crmsync.users u
LEFT JOIN crmsync.user_role_tree t ON t.contract = u.contract AND t.role_id = u.user_role_id
LEFT JOIN LATERAL (
    SELECT su.seat_id, su.licensed FROM crmsync.seat_users su
    WHERE su.contract = u.contract AND su.user_id = u.id AND su.active
    ORDER BY su.licensed DESC, su.seat_id
    LIMIT 1) s ON true
WHERE u.is_active;
COMMENT ON VIEW crmsync.licence_candidates IS 'Active CRM users with their role and seat, to assign licences to. Of a role and those below it: WHERE ''00E…'' = ANY (role_path).';
COMMENT ON COLUMN crmsync.licence_candidates.contract IS 'Contract that the row belongs to.';
COMMENT ON COLUMN crmsync.licence_candidates.user_id IS 'Salesforce id of the user.';
COMMENT ON COLUMN crmsync.licence_candidates.name IS 'Personal data. Full name.';
COMMENT ON COLUMN crmsync.licence_candidates.email IS 'Personal data. E-mail address.';
COMMENT ON COLUMN crmsync.licence_candidates.title IS 'Personal data. Job title.';
COMMENT ON COLUMN crmsync.licence_candidates.department IS 'Department.';
COMMENT ON COLUMN crmsync.licence_candidates.role_id IS 'Salesforce id of the user''s role.';
COMMENT ON COLUMN crmsync.licence_candidates.role_name IS 'Its name; none when the user has no role or it does not exist.';
COMMENT ON COLUMN crmsync.licence_candidates.role_path IS 'Ids of the roles from the top down to the user''s.';
COMMENT ON COLUMN crmsync.licence_candidates.role_path_names IS 'Their names.';
COMMENT ON COLUMN crmsync.licence_candidates.role_problem IS 'cycle or orphan when the role tree is broken above the role.';
COMMENT ON COLUMN crmsync.licence_candidates.has_seat IS 'Whether the user holds an active seat already.';
COMMENT ON COLUMN crmsync.licence_candidates.seat_id IS 'That seat.';
COMMENT ON COLUMN crmsync.licence_candidates.licensed IS 'Whether that seat''s licence includes the sync.';
COMMENT ON COLUMN crmsync.licence_candidates.sandbox IS 'Whether the contract''s org is a sandbox.';
COMMENT ON COLUMN crmsync.licence_candidates.run_id IS 'Run that last changed the user.';
COMMENT ON COLUMN crmsync.licence_candidates.as_of IS 'Instant that this run describes, by the org''s clock.';
