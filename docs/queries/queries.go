// Package queries holds questions that analysts ask of the ROI tables, each with its SQL. They need the role crmsync_analyst and no
// more; docs/roi.md defines every term.
package queries

import "embed"

// Files are the questions: the first lines of each say what it answers.
//
//go:embed *.sql
var Files embed.FS
