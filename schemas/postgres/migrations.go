// Package postgres holds the migrations of crmsync's tables.
//
// Nouns: a migration is one file NNNNN_name.sql in goose's form, applied once, in one transaction, never changed after a release.
// All objects live in the schema crmsync.
//
// Invariants:
//   - Every table, view and column has a COMMENT; that of a column with personal data begins with "Personal data." What the
//     function crmsync.grant_read gives to a role follows from these comments.
//   - Every row names its contract and, in what a contract feeds, whether its org is a sandbox. Rows of results name the run that last
//     changed them and that run's as_of.
//   - Saves, audits and what was written to Salesforce can't be changed or deleted, only erased together with the whole contract
//     (crmsync.erase_contract).
//   - A table that holds a data set has the data set's fields as columns, in snake case.
package postgres

import "embed"

// Migrations are the files at the root of a file system.
//
//go:embed *.sql
var Migrations embed.FS
