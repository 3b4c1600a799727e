package writeback

import (
	"strings"
	"testing"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

// TestRewrittenByAutomation: the answer is lost, and the org's automation changes what was made before the org is asked. What is certain
// is found, what is not waits for a person; nothing is written twice.
func TestRewrittenByAutomation(t *testing.T) {
	t.Parallel()
	const text = "Hello Ann, thank you for the talk about the new warehouse in Lyon; shall we meet on Tuesday?"
	for name, c := range map[string]struct {
		rewrite map[string]any // of the task
		state   string
	}{
		"a prefix and a footer":           {map[string]any{"Subject": "[LinkedIn] Talk", "Description": "Logged by rule 7.\n" + text + "\n-- \nInternal use only"}, "written"},
		"another record type":             {map[string]any{"RecordTypeId": nil, "Subject": "InMail: Talk"}, "written"},
		"a changed word":                  {map[string]any{"Description": strings.Replace(text, "Lyon", "[city]", 1)}, "written"},
		"owner and target, as it was":     {map[string]any{"WhoId": nil, "OwnerId": "other"}, "written"},
		"owner and a footer":              {map[string]any{"OwnerId": "other", "Description": text + "\nEnd"}, "sending"},
		"half of the text":                {map[string]any{"Description": text[:60]}, "sending"},
		"no text at all":                  {map[string]any{"Description": nil, "Subject": "Activity"}, "sending"},
		"the day, and the text shortened": {map[string]any{"ActivityDate": "2026-03-09", "Description": text[:70]}, "sending"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, fakeforce.Options{})
			a := mail("a")
			a.Subject, a.Body = "Talk", text
			b.crash(pointCalled, 1, []activity{a})
			rows, err := b.org.Rows("SELECT Id FROM Task WHERE Subject = 'Talk'")
			if err != nil || len(rows) != 1 {
				t.Fatalf("%v, %v", rows, err)
			}
			if c.rewrite["OwnerId"] == "other" {
				c.rewrite["OwnerId"] = b.insert("User", map[string]any{"LastName": "Other", "Username": "other@example.com", "Alias": "other", "IsActive": true})
			}
			if err := b.org.Update("Task", rows[0][0], c.rewrite); err != nil {
				t.Fatal(err)
			}
			b.settle(nil)
			e := b.state("a", c.state, "")
			if c.state == "written" && e.SalesforceID != rows[0][0] || c.state == "sending" && !strings.Contains(e.Reason, rows[0][0]) {
				t.Errorf("%+v does not name %s", e, rows[0][0])
			}
			if n := len(b.written()); n != 1 {
				t.Errorf("%d tasks", n)
			}
		})
	}
}

// TestOthersAreNotTaken: records that people or flows made meanwhile are nobody's.
func TestOthersAreNotTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t, fakeforce.Options{})
	a, note := mail("a"), mail("note")
	a.Body, note.Kind, note.Body = "Hello Ann, thank you for the talk about the new warehouse in Lyon", kindNote, "Met at the fair; wants an offer for two warehouses"
	b.crash(pointMarked, 1, []activity{a, note}) // neither is in the org
	// The seller wrote the same by hand; a flow made a task to follow up.
	b.insert("Task", map[string]any{"Subject": a.Subject, "Description": a.Body + "!", "OwnerId": b.ann, "WhoId": b.contact, "ActivityDate": "2026-03-01", "Status": "Completed", "CreatedById": b.ann})
	b.insert("Note", map[string]any{"Title": note.Subject, "Body": note.Body + "!", "OwnerId": b.ann, "ParentId": b.contact, "CreatedById": b.ann})
	b.insert("Task", map[string]any{"Subject": "Follow up", "OwnerId": b.ann, "WhoId": b.contact, "ActivityDate": "2026-03-08", "Status": "Not Started"})
	b.settle(nil)
	b.state("a", "written", "")
	b.state("note", "written", "")
	if n := len(b.written()); n != 5 {
		t.Errorf("%d records", n)
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		a, b      string
		low, high float64
	}{
		{"the quick brown fox", "The quick, BROWN fox!", 1, 1},
		{"the quick brown fox", "x the quick brown fox y", 1, 1},
		{"the quick brown fox", "fox brown quick the", 0.5, 0.6},
		{"the quick brown fox", "something else", 0, 0},
		{"", "anything", 0, 0},
		{"again again again", "again", 0.1, 0.3},
	} {
		if got := share(phrases(c.a), phrases(c.b)); got < c.low || got > c.high {
			t.Errorf("share(%q, %q) = %.2f", c.a, c.b, got)
		}
	}
}
