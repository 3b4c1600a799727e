// Package linkage links the records of two tables: it finds candidate pairs (package block), compares them (feature), weighs them
// (weigh), and assigns them one to one (assign). It knows roles, not where the records come from.
//
// Invariants of a Result: a right record is in at most one link and a left record in at most one; a hand-made link holds and a
// refused pair is never linked; the result depends on the records, the model and the configuration, not on the order of rows or
// the number of workers.
package linkage
