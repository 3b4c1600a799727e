// Package roi measures the influence of Sales Navigator on opportunities (R34-R36). docs/roi.md states every definition; this package
// computes them.
//
// Nouns:
//   - A deal is an opportunity. Its window runs from N days before its creation to its close, or to the run's as_of while it is open.
//   - A touch is one use of Sales Navigator, a row of usage or activities, on a person or company.
//   - Reach says which deals a person or company bears on, and at which level: a person with a role on the deal (a), a person of the
//     deal's account (b), the account's company (c).
//   - A fact is a deal with what the touches in its window add up to.
//
// Invariants:
//   - Nothing is computed or kept without the customer's authorisation: the data sets are published empty.
//   - A touch counts once for a deal, at its strongest level, and only within the deal's window; never after as_of.
//   - sourced implies influenced, a strict variant implies the plain one.
//   - Equal inputs give equal rows: the bootstrap is seeded, sums are compensated.
//   - Memory grows with deals (some 150 bytes each) and with people and companies that bear on one (some 50), not with touches.
package roi
