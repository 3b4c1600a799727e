// Package snapshot keeps data sets on disk: immutable files, described by entries.
//
// Nouns:
//   - A Store is a folder: ROOT/<dataset>/<run>-base.parquet, <run>-delta.parquet, <run>-tombstones.parquet, further parts with a
//     number. With a key, files are encrypted (age, X25519) and end in .age.
//   - A Layer is what one run wrote: a base (all rows) or a delta (changed rows, and tombstones: the keys of deleted ones).
//   - An Entry names the layers of a data set as one run saw it. It is self-contained; whoever has it can read that state for as long
//     as the files are kept. Entries live in run manifests; the store itself keeps no list.
//   - A Writer makes the files of one layer.
//
// Invariants:
//   - A file is complete when it has its name: it is written aside, synced, closed, renamed, and its folder synced. Nothing refers to
//     it until a manifest names its entry, so a reader sees all of a data set or none.
//   - Files never change. Their size, SHA-256 and row count are in the entry and are checked.
//   - The rows of a file are sorted by the data set's key, each key once. A layer never both holds and deletes a key.
//   - Reading merges the layers: the newest wins, tombstones drop older rows; a later layer may bring a deleted key back.
//   - One process at a time writes and sweeps a store (the caller holds the contract's lock); any number may read.
package snapshot
