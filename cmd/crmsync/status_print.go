package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// states of the outbox, in the order in which they are shown.
var outboxStates = []string{"waiting", "sending", "written", "unassigned", "refused", "failed"}

func (a *app) printStatus(st *status, now time.Time) {
	last := "never"
	if st.LastSync != nil {
		last = fmt.Sprintf("%s (%s)", st.LastSync.UTC().Format(time.RFC3339), ago(*st.LastSync, now))
	}
	fmt.Fprintf(a.stdout, "contract %s, last successful sync: %s\n", st.Contract, last)
	if st.Sandbox {
		fmt.Fprintln(a.stdout, "the org is a sandbox")
	}
	a.printJobs(st.Jobs, now)
	for _, m := range st.MatchRates {
		fmt.Fprintf(a.stdout, "%-8s %d of %d linked (%.1f %%)%s\n", m.Object, m.Linked, m.Eligible, 100*m.Rate, trend(st.History, m.Object))
	}
	if st.Review > 0 {
		since := ""
		if st.ReviewSince != nil {
			since = ", the oldest since " + st.ReviewSince.UTC().Format(time.DateTime)
		}
		fmt.Fprintf(a.stdout, "%d records wait for a review%s\n", st.Review, since)
	}
	for _, state := range outboxStates {
		if n := st.Writeback[state]; n > 0 {
			since := ""
			if state == "waiting" && st.WaitingSince != nil {
				since = ", the oldest since " + ago(*st.WaitingSince, now)
			}
			fmt.Fprintf(a.stdout, "activities %s: %d%s\n", state, n, since)
		}
	}
	if x := st.Allowance; x != nil {
		low := ""
		if x.Remaining <= x.Reserve {
			low = "; that is the reserve, so jobs stop"
		}
		fmt.Fprintf(a.stdout, "API calls: %s of %s remained, %s are kept in reserve%s (%s, %s)\n",
			humanize.Comma(x.Remaining), humanize.Comma(x.Allowed), humanize.Comma(x.Reserve), low, x.RunID, ago(x.At, now))
	}
	for _, job := range st.Late {
		fmt.Fprintf(a.stdout, "LATE: %s did not succeed within its schedule\n", job)
	}
}

func (a *app) printJobs(jobs []jobStatus, now time.Time) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"job", "last run", "state", "began", "rows", "calls", "last success", "schedule", "error"})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 5, Align: text.AlignRight}, {Number: 6, Align: text.AlignRight}, {Number: 9, WidthMax: 50, WidthMaxEnforcer: text.WrapSoft},
	})
	for _, j := range jobs {
		var began, success, schedule, problem, rows, calls string
		if j.Started != nil {
			began = j.Started.UTC().Format(time.DateTime)
			rows, calls = humanize.Comma(j.RowsRead+j.Written), humanize.Comma(j.APICalls)
		}
		if j.Success != nil {
			success = ago(*j.Success, now)
		}
		if j.Interval > 0 {
			schedule = "every " + spell(time.Duration(j.Interval*float64(time.Second)))
		}
		if j.Late {
			schedule += ", LATE"
		}
		if j.Error != nil {
			problem = *j.Error
		}
		t.AppendRow(table.Row{j.Job, j.RunID, j.State, began, rows, calls, success, schedule, problem})
	}
	fmt.Fprintln(a.stdout, t.Render())
}

func ago(t, now time.Time) string { return humanize.RelTime(t, now, "ago", "from now") }

// spell writes an interval without parts that are zero: 12h, 5m, 1h30m.
func spell(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

// trend writes an object's rates of the runs before the latest, from the oldest on.
func trend(history []ratesOfRun, object string) string {
	var rates []string
	for i := len(history) - 1; i > 0; i-- {
		if r, ok := history[i].Rates[object]; ok {
			rates = append(rates, fmt.Sprintf("%.1f", 100*r))
		}
	}
	if len(rates) == 0 {
		return ""
	}
	return fmt.Sprintf(", before that %s %%", strings.Join(rates, ", "))
}
