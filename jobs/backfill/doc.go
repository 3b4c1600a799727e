// Package backfill runs stages again over the snapshots of past syncs (R11), by today's rules or another model, beside what was
// published.
//
// Nouns:
//   - An instant is a point in time that somebody asks about. Its source is the latest sync at or before it that succeeded and whose data
//     is kept. Instants with the same source are computed once; those without one are told, not invented.
//   - A source's published data sets are what the stages read, but for those that they write: these are as they were before the sync.
//   - A backfill has a name, and a home within the contract's (pipeline.Home.Backfill), where each source is a run of its own.
//
// Invariants:
//   - Nothing of the live tables, runs or links is touched.
//   - ROI is computed only while the customer authorises it now, whatever was authorised then (R34).
//   - By unchanged rules, settings and models the stages find what was published.
//   - A killed backfill goes on where it was when it is started again; one that ended does nothing.
package backfill
