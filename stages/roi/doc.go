// Package roi measures the influence of Sales Navigator on opportunities (R34-R36). docs/roi.md states every definition; this package
// computes them.
//
// Nouns:
//   - A deal is an opportunity. Its window runs from N days before its creation to its close, or to the run's as_of while it is open;
//     its placebo window is the N days before that.
//   - A touch is one use of Sales Navigator, a row of usage or activities, on a person or company.
//   - Reach says which deals a person or company bears on, and at which level: a person with a role on the deal (a), a person of the
//     deal's account (b), the account's company (c).
//   - A bucket holds the touches of a range of deals. Touches come by their ids and are wanted by deal, so they go through a scratch
//     file, sealed with a key that the process forgets.
//   - A lot is the touches of a deal that are alike in seat, kind and level; a model gives it a share of the deal.
//   - A fact is a deal in the pipeline with what the touches in its window add up to.
//   - The history of stages is what earlier runs saw; a deal's entry into the pipeline follows from it.
//
// Invariants:
//   - Nothing is computed or kept without the customer's authorisation: the data sets are published empty.
//   - A touch counts once for a deal, at its strongest level, and only within the deal's window; never after as_of.
//   - sourced implies influenced, a strict variant implies the plain one.
//   - The parts of a deal under a model add up to the whole, and its cents to the revenue, exactly.
//   - Amounts of different currencies are never added or compared.
//   - Equal inputs give equal rows, for any number of workers: the bootstrap is seeded, sums are compensated.
//   - Memory grows with deals (some 300 bytes each) and with people and companies that bear on one (some 50), not with touches.
package roi
