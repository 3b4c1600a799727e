// Package writeback logs the activities that sellers marked into Salesforce: each exactly once, or waiting with the reason
// (R26-R33).
//
// Nouns:
//   - The outbox is the table writebacks: a row for each marked activity, in one of the states waiting, sending, written,
//     unassigned, refused, failed.
//   - A cycle (Job.Run) imports new activities, asks about rows that were being sent, decides on waiting ones, sends them.
//   - A fingerprint is a hash of a record's content as sent. It finds the record when the answer was lost.
//
// The protocol, for each batch of up to 200 records:
//
//  1. mark: the rows become sending, with content, fingerprint and the org's time; committed.
//  2. call: the records are inserted through sObject Collections.
//  3. record: each row takes its outcome; committed.
//
// Invariants:
//   - A record is inserted only for a row whose mark is committed, so a row that is not sending has no record but the one it names.
//   - A row found sending (crash, lost answer) is sent again only after the org was asked and has no such record: at once when
//     the record carries a value of a unique field, which the org enforces; else not before every call that may still be at
//     work there has ended (Job.Settle).
//   - What was written is never written again; the table's trigger sees to it. Nothing that exists in the org is changed (R18, R30).
package writeback
