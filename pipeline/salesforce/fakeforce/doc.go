// Package fakeforce is a Salesforce org to develop and test against: an http.Handler with data, a clock and hooks for faults.
//
// Nouns:
//   - An Org holds objects, rows, sessions and jobs, and answers the REST, Bulk API 2.0 and OAuth endpoints in Salesforce's
//     shapes, errors included.
//   - An Object describes the fields of one sObject; a table holds its rows, each one encoded string, and hands out immutable
//     rows, so that a snapshot is a list of references. A Generator serves rows that are computed when read.
//   - A Clock gives the org's time: the Date header, CreatedDate and SystemModstamp come from it and from nothing else.
//   - A Hook sees every request before the org does and may answer, delay, change or cut it.
//
// Invariants: an Org is safe for concurrent use; a query's or a job's result set is the state of one instant; SystemModstamp
// never decreases for a row while the clock does not move back; ids are never used twice.
//
// What the org does is taken from Salesforce's published guides and from what well-known clients expect; comments say where
// an answer's exact wording is a guess.
package fakeforce
