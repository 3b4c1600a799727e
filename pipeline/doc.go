// Package pipeline is the engine that runs crmsync's jobs.
//
// A run is one job for one contract at one instant (as_of, taken from the org's clock). It has an id, a manifest and an ordered
// list of stages. A stage reads published data sets and publishes data sets; nothing else crosses between stages.
//
// Invariants:
//   - The manifest is the only truth about what a run published. It is replaced by a rename, so a reader sees all of a stage's
//     data sets or none of them.
//   - A manifest is self-contained: it names the files of every data set visible to its run, those of earlier runs included.
//   - A run that was killed at any point is resumed at its first unfinished stage; inside a stage, checkpoints tell how far it got.
//   - One process at a time works for a contract and a lock name; a second gets a *LockedError that says who holds it.
package pipeline
