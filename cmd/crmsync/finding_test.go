package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmsync/crmsync/pipeline"
	"github.com/crmsync/crmsync/pipeline/snapshot"
	"github.com/crmsync/crmsync/schemas"
)

func TestFindingsAreToldInOrder(t *testing.T) {
	m := &pipeline.Manifest{
		RunID: "r000001", Stages: []pipeline.StageRecord{{Name: "extract", Counts: map[string]int64{
			"hidden.Contact.Title": 1, "hidden.Contact.Email": 1, "drift.Contact.Email.hidden": 1, "drift.Account.Phone.shown": 1,
			"drift.Account.Fax.retyped": 1, "calls.Contact": 4, "api_calls": 9,
		}}, {Name: "roi", Counts: map[string]int64{"roi.unseen_stage.Propsal": 1, "roi.authorised": 1}}},
		Datasets: map[string]snapshot.Entry{
			schemas.Contact.Name: {Rows: 7, SetAside: []string{"a", "b", "c", "d", "e", "f"}},
			schemas.Account.Name: {Rows: 3},
		},
	}
	o := newOutcome(m, time.Second, []*schemas.Dataset{schemas.Account, schemas.Contact})
	var begins []string
	for _, f := range o.Findings {
		begins = append(begins, strings.Join(strings.Fields(f)[:4], " "))
	}
	want := []string{
		"roi.pipeline_stages names \"Propsal\", a", "Account.Fax has another type", "Account.Phone was not read", "Contact.Email is hidden from", "Contact.Title is hidden from", "6 records of Contact",
	}
	if !slices.Equal(begins, want) {
		t.Errorf("%q, want %q", begins, want)
	}
	if o.Objects[1].Calls != 4 || o.APICalls != 9 {
		t.Errorf("outcome %+v", o)
	}
	var out bytes.Buffer
	o.print(&out)
	if text := out.String(); strings.Count(text, "\n! ") != len(want) || !strings.Contains(text, "a, b, c, d, e, …") || !strings.Contains(text, "│     4 │") {
		t.Errorf("printed:\n%s", text)
	}
}
