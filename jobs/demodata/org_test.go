package demodata_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/crmsync/crmsync/jobs/demodata"
	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// TestOrgLoadsAndChanges holds the demonstration's org in fakeforce and makes the changes in it, as they travel to its admin resource.
func TestOrgLoadsAndChanges(t *testing.T) {
	org, _ := generate(t, demodata.DefaultSeed)
	dir := t.TempDir()
	if err := org.WriteCSV(dir); err != nil {
		t.Fatal(err)
	}
	clock := fakeforce.RealClock()
	clock.Set(now)
	f, err := fakeforce.Open(dir, fakeforce.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	live := func(object string) int {
		n, _, err := f.Count(object)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := map[string]int{}
	for object := range prefixes {
		before[object] = live(object)
		want := org.Rows(object)
		if object == "User" {
			want++ // the integration user
		}
		if before[object] != want {
			t.Errorf("%s: %d rows loaded, want %d", object, before[object], want)
		}
	}

	changes := demodata.Changes(org)
	text, err := json.Marshal(changes)
	if err != nil {
		t.Fatal(err)
	}
	var sent []fakeforce.Change
	if err := json.Unmarshal(text, &sent); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Apply(sent); err != nil {
		t.Fatal(err)
	}
	delta, ops := map[string]int{}, map[string]int{}
	for _, c := range changes {
		ops[c.Op+" "+c.Object]++
		switch c.Op {
		case "insert":
			delta[c.Object]++
		case "delete":
			delta[c.Object]--
		}
	}
	for object, n := range delta {
		if got := live(object); got != before[object]+n && object != "OpportunityContactRole" {
			t.Errorf("%s: %d rows after the changes, want %d", object, got, before[object]+n)
		}
	}
	for _, op := range []string{"update Account", "update Opportunity", "insert Opportunity", "insert OpportunityContactRole", "insert Lead", "delete Lead", "delete Contact", "delete Opportunity"} {
		if ops[op] == 0 {
			t.Errorf("no change is a %s", op)
		}
	}
	for _, c := range changes {
		if c.Op != "delete" {
			continue
		}
		for _, tr := range append(append([]demodata.Truth{}, org.TruthAccounts...), org.TruthPeople...) {
			if tr.RecordID == c.ID && tr.Kind != "duplicate" {
				t.Errorf("the changes delete %s, which a labelled link needs", c.ID)
			}
		}
	}
	if len(org.TruthAdded) != 2 {
		t.Errorf("%d labelled people are added, want 2", len(org.TruthAdded))
	}
}

// TestPipelineHasItsShape keeps the generated figures in a range that makes sensible reports.
func TestPipelineHasItsShape(t *testing.T) {
	org, export := generate(t, demodata.DefaultSeed)
	files := orgFiles(t, org)
	closed, won, open := 0, 0, 0
	for _, o := range rows(t, files, "Opportunity.csv") {
		switch {
		case o["IsWon"] == "true":
			won, closed = won+1, closed+1
		case o["IsClosed"] == "true":
			closed++
		default:
			open++
		}
	}
	if rate := float64(won) / float64(closed); rate < 0.25 || rate > 0.40 {
		t.Errorf("%.2f of the closed deals are won", rate)
	}
	if open < 80 || open > 250 {
		t.Errorf("%d deals are open", open)
	}
	converted, inactive := 0, 0
	for _, l := range rows(t, files, "Lead.csv") {
		if l["IsConverted"] == "true" {
			converted++
			if l["ConvertedContactId"] == "" || l["ConvertedAccountId"] == "" {
				t.Errorf("converted lead %s names no contact or account", l["Id"])
			}
		}
	}
	for _, u := range rows(t, files, "User.csv") {
		if u["IsActive"] == "false" {
			inactive++
		}
	}
	if converted != 20 || inactive != 4 || len(org.Duplicates) != 27 || len(org.SeatMappings) != 1 {
		t.Errorf("%d converted leads, %d inactive users, %d duplicates, %d seats tied by hand", converted, inactive, len(org.Duplicates), len(org.SeatMappings))
	}
	licences, marked := map[string]int{}, 0
	for _, s := range rows(t, export.Files(), "seats.csv") {
		licences[s["licence_type"]]++
	}
	for _, f := range export.Files() {
		if f.Name == "activities.ndjson" {
			marked = strings.Count(string(f.Data), `"log_to_crm":true`)
		}
	}
	if licences["Enterprise"] < 15 || licences["Team"] == 0 || licences["Core"] == 0 || licences["Professional"] == 0 {
		t.Errorf("licences %v", licences)
	}
	if marked < 30 || marked > 150 {
		t.Errorf("%d activities are marked for logging", marked)
	}
	t.Logf("%d deals won of %d closed, %d open, %d activities marked, licences %v", won, closed, open, marked, licences)
}
