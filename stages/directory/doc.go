// Package directory reads a Sales Navigator export folder into data sets.
//
// Nouns:
//   - The export folder holds, for each data set (people, companies, seats, activities, usage), any number of files named after it:
//     people.csv, people-2.ndjson.gz, people/part-0.parquet. Formats may be mixed.
//   - A decoder yields the rows of one file as texts, whatever the format; so every format gives the same rows.
//   - A layout says which column of a file gives which field, and how its values are spelled. There is the canonical layout, with the
//     names of the registry or those of the configured mapping, and that of Sales Navigator's own Analytics export.
//   - A reject is a row that was refused, kept with file, line, field and reason.
//
// Invariants:
//   - Each run publishes every data set whole, or names the files of an earlier run again when the folder's files did not change:
//     names, sizes, SHA-256 of the contents, mapping and columns all go into a fingerprint.
//   - Of rows with the same key the last wins: files in the order of their names, rows in the order of the file.
//   - A reject never holds the refused value, since that may be personal. More rejects than the limit fail the stage.
//   - Column names are compared without case, blanks, hyphens and underscores. An empty text, or one of blanks, is missing.
//   - Times without a zone are UTC.
package directory
