// Package writeback logs the activities that sellers marked into Salesforce: each exactly once, or waiting with the reason
// (R26-R33).
//
// Nouns:
//   - The outbox is the table writebacks: a row for each marked activity, in one of the states waiting, sending, written,
//     unassigned, refused, failed.
//   - A cycle (Job.Run) imports new activities, asks about rows that were being sent, decides on waiting ones, sends them.
//   - A fingerprint is a hash of a record's content as sent. It finds the record when the answer was lost, and a row of a Bulk job
//     among its results, which come in another order.
//   - A backlog is more records of one object than the setting writeback.bulk_above; it goes out in Bulk jobs, Tasks and Notes apart.
//
// The protocol, for each batch of up to 200 records:
//
//  1. mark: the rows become sending, with content, fingerprint and the org's time; committed.
//  2. call: the records are inserted through sObject Collections.
//  3. record: each row takes its outcome; committed.
//
// And for each part of a backlog:
//
//  1. open a Bulk job, which does nothing yet.
//  2. mark: the rows become sending in that job; committed.
//  3. upload, and close: from here on the org makes the records.
//  4. collect, in this cycle or a later one: each row takes the outcome that the ended job tells; committed.
//
// Invariants:
//   - A record is inserted only for a row whose mark is committed, so a row that is not sending has no record but the one it names.
//   - A row of a Bulk job is asked about at the job first. A job found open is aborted, after which it can't be closed. Rows that a
//     failed job did not come to wait again; those that an aborted or vanished job does not tell about are looked for in the org.
//   - A row found sending (crash, lost answer) is sent again only after the org was asked and has no such record: at once when
//     the record carries a value of a unique field, which the org enforces; else not before every call that may still be at
//     work there has ended (Job.Settle, counted from the call or from the end of the job).
//   - What was written is never written again; the table's trigger sees to it. Nothing that exists in the org is changed (R18, R30).
//   - What Salesforce refuses for good is tried again only when a person says so (Retry), which is audited.
package writeback
