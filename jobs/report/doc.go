// Package report tells people what runs did: a summary for terminals and machines, and a page with charts.
//
// Nouns:
//   - Data is everything that is told. It is plain: whoever has it, from Postgres or from data sets, fills it in.
//   - Summary is the part of it that goes to the terminal (WriteText) and to summary.json (WriteJSON).
//   - The page (WriteHTML) is one file: styles and charts are inside, nothing is fetched, no script runs.
//
// Invariants: equal Data give equal bytes; nothing here reads a clock, a file or the network. Numbers that are not known are shown as a
// dash, never as zero.
package report
