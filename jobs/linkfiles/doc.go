// Package linkfiles links the records of any two files, or finds the duplicates in one.
//
// A Spec says which column of a file has which role (given_name, company, ...), and how sure a link has to be. A Job reads the files
// by it, links their records (package linkage), and writes one row for each link and each pair to review. Its Summary says what was
// done and what it took. With duplicates, clusters are the connected components of the links.
//
// Invariants: rows are sorted by left id, then right id; the same input gives the same bytes, whatever the number of workers; a
// file is replaced when the new one is complete, or not at all.
package linkfiles
