// Package compare says how what a backfill finds differs from what the run published at the time: links gained, lost and changed, match
// rates, and ROI.
//
// A link is a row with the decision link. A record that has one before and not after has lost it, whatever else became of it; one
// that is linked to another profile or company has changed. Both sides are read in the order of their keys, so that memory does not
// grow with the links.
package compare
