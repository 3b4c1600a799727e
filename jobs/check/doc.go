// Package check looks at an org before anything is read from it or written to it, and says what is right, what is doubtful, and what
// has to be done.
//
// Nouns:
//   - A Finding is one thing that was looked at: what it is, and what to do if it is not right.
//   - A Level is green (right), yellow (works, with a loss that the finding names) or red (a sync, or a write-back that is switched on,
//     would not work).
//   - A Report holds the findings in the order in which they were looked for.
//
// Invariants:
//   - Nothing is changed in the org or here. A check makes about a dozen API calls.
//   - What stops one finding does not stop the next, unless the org answers nothing any more: then the last finding says so.
package check
