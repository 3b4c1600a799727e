// Package load brings the results of a run into Postgres, where people and programs look at them.
//
// Nouns: a table shows one data set (its fields in snake case) or is joined from several; a load is one transaction over all tables
// of a contract; the marker (contracts.current_run) names the run that the tables show.
//
// Invariants:
//   - Readers see whole runs: all tables and the marker change in one transaction (R12).
//   - A row is written only when it differs, so loading a run twice changes nothing, and run_id and as_of tell which run last changed
//     a row. Rows that a run no longer has are deleted, saves excepted (R23).
//   - The tables never go back: a run older than the one that they show is refused (ErrOlder), and so is another org (ErrOtherOrg).
//   - ROI tables have rows only while the setting roi.authorised is true (R34).
//   - Only matched people's contact information is loaded (R20), not the CRM's people as such.
package load
