// Package extract reads a Salesforce org into snapshots: exactly the objects and fields of R8, all of them in the first run, what
// changed in later ones.
//
// Nouns:
//   - A plan says how an object is read in this run: in full, the changes of a window, or whole (all rows, compared with those of the
//     run before, for objects whose rows vanish without a trace).
//   - A window is half-open, [previous watermark - overlap, as_of - lag), in the org's time and over SystemModstamp. Its end is the
//     next watermark, so windows meet without a gap; the newest row of an Id wins.
//   - A reading is one query on its way into parts: by REST while it is small, else as a Bulk job.
//   - A sweep compares all ids that the org has with those of the snapshot, for what no window shows.
//   - A journal holds the jobs that were made and not deleted, so that a later run can end them.
//   - A record is set aside when it lacks a field that every record should have: it is not in the snapshot, and told of in every run.
//   - A part is a scratch file of decoded rows, one for each result page. Parts become a layer of the snapshot in the end.
//
// Invariants:
//   - A page is named in a checkpoint only after its part is complete and synced, so a resumed run reads no page twice and trusts no
//     half of one. A Bulk job that no longer exists is started anew.
//   - No more than a few records are in memory at a time, whatever the size of the object.
//   - The rows decoded are as many as the org says, per page and per job, or the stage fails.
//   - A full read tells nothing of the end of its window: rows changed after as_of - lag may be in it, and are read again by the next
//     run. So incremental equals full.
//   - Fields that describe does not show are counted, logged and null. When the fields that can be read change, or their types, the
//     object is read in full, so that no column mixes values from before and after.
//   - A tombstone rests on the recycle bin, on a look at the record, or on a list of all ids in which none came twice. When most rows are
//     gone without a trace, the stage stops.
//   - Only jobs that this contract made are ever deleted.
package extract
