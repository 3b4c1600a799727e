package main

import (
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/schemas"
)

// outcome is what a run did, for people and machines.
type outcome struct {
	RunID    string          `json:"run_id"`
	Job      string          `json:"job"`
	AsOf     time.Time       `json:"as_of"`
	Resumed  int             `json:"resumed"`
	Seconds  float64         `json:"seconds"`
	APICalls int64           `json:"api_calls"`
	RowsRead int64           `json:"rows_read"`
	Objects  []objectOutcome `json:"objects"`
	// Findings are what somebody should look at, though the run went on.
	Findings []string       `json:"findings,omitempty"`
	Stages   []stageOutcome `json:"stages"`
}

type objectOutcome struct {
	Object string `json:"object"`
	// Read rows came from the org in this run; Deleted ones are gone from it; Rows are there now.
	Read    int64 `json:"read"`
	Deleted int64 `json:"deleted"`
	Rows    int64 `json:"rows"`
	// Calls are the API calls about the object; four at most when nothing changed.
	Calls int64 `json:"calls"`
}

type stageOutcome struct {
	Stage   string           `json:"stage"`
	Seconds float64          `json:"seconds"`
	Counts  map[string]int64 `json:"counts,omitempty"`
}

func newOutcome(m *pipeline.Manifest, took time.Duration, objects []*schemas.Dataset) *outcome {
	o := &outcome{RunID: m.RunID, Job: m.Job, AsOf: m.AsOf, Resumed: m.Resumed, Seconds: took.Seconds(), APICalls: m.Count("api_calls")}
	for _, ds := range objects {
		e, _ := m.Entry(ds.Name)
		read := m.Count("rows." + ds.Name)
		o.RowsRead += read
		o.Objects = append(o.Objects, objectOutcome{Object: ds.Object, Read: read, Deleted: m.Count("deleted." + ds.Name), Rows: e.Rows, Calls: m.Count("calls." + ds.Object)})
	}
	o.Findings = findings(m, objects)
	for _, s := range m.Stages {
		o.Stages = append(o.Stages, stageOutcome{Stage: s.Name, Seconds: s.Duration().Seconds(), Counts: s.Counts})
	}
	return o
}

func (o *outcome) print(w io.Writer) {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"object", "read", "deleted", "rows now", "calls"})
	for _, x := range o.Objects {
		t.AppendRow(table.Row{x.Object, humanize.Comma(x.Read), humanize.Comma(x.Deleted), humanize.Comma(x.Rows), x.Calls})
	}
	t.SetColumnConfigs([]table.ColumnConfig{
		{Number: 2, Align: text.AlignRight}, {Number: 3, Align: text.AlignRight}, {Number: 4, Align: text.AlignRight}, {Number: 5, Align: text.AlignRight},
	})
	fmt.Fprintf(w, "%s as of %s\n%s\n", o.RunID, o.AsOf.Format(time.RFC3339), t.Render())
	fmt.Fprintf(w, "%s rows read, %s API calls, %.1f s", humanize.Comma(o.RowsRead), humanize.Comma(o.APICalls), o.Seconds)
	if o.Resumed > 0 {
		fmt.Fprintf(w, ", resumed %d times", o.Resumed)
	}
	fmt.Fprintln(w)
	for _, f := range o.Findings {
		fmt.Fprintln(w, "! "+f)
	}
}
