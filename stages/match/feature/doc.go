// Package feature says what is compared of two people or two companies, and how.
//
// A Set is made of two tables: every distinct value of a column is normalised once, words are numbered in one vocabulary for both
// sides, and each Comparison holds a code per row and side. Comparing a pair of rows is comparing two codes; the result is a level
// (exact, close, differs, ...), a small integer. Level 0 is missing: one side has no value, and nothing follows from it.
//
// A Set also holds the blocking rules (package block), which say what pairs are worth comparing at all.
//
// Invariants: a Set does not change once made and may be used by many goroutines; levels depend on the values alone, not on the
// order of rows or on the number of workers.
package feature
