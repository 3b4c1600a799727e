package fakeforce_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crmsync/crmsync/pipeline/salesforce/fakeforce"
)

type saveResult struct {
	ID      string
	Success bool
	Created *bool
	Errors  []struct {
		StatusCode, Message string
		Fields              []string
	}
}

// brief is a result in a word: ok, or the codes and fields of its errors.
func (r saveResult) brief() string {
	if r.Success {
		return "ok"
	}
	var codes []string
	for _, e := range r.Errors {
		codes = append(codes, strings.TrimSpace(e.StatusCode+" "+strings.Join(e.Fields, ",")))
	}
	return strings.Join(codes, "; ")
}

func (c *client) collection(method, body string) []saveResult {
	c.t.Helper()
	var results []saveResult
	c.json(200, method, "composite/sobjects", body, &results)
	return results
}

func TestCollectionsInsert(t *testing.T) {
	c := newClient(t, fakeforce.Options{
		CustomFields: map[string][]fakeforce.Field{"Task": {{Name: "LID__Activity_Id__c", Type: fakeforce.TypeString, Length: 80, Unique: true, ExternalID: true}}},
		HiddenFields: map[string][]string{"Task": {"CallType"}},
	})
	contact := c.insert("Contact", fields{"LastName": "Doe"})
	lead := c.insert("Lead", fields{"LastName": "Roe", "Company": "X"})
	account := c.insert("Account", fields{"Name": "Acme"})
	gone := c.insert("Contact", fields{"LastName": "Gone"})
	if err := c.org.Delete("Contact", gone); err != nil {
		t.Fatal(err)
	}
	seller := c.insert("User", fields{"Username": "s@example.com", "LastName": "S"})
	left := c.insert("User", fields{"Username": "l@example.com", "LastName": "L", "IsActive": false})
	types, err := c.org.Rows("SELECT Id FROM RecordType WHERE DeveloperName = 'LinkedIn_InMail'")
	if err != nil || len(types) != 1 {
		t.Fatal(types, err)
	}
	cases := []struct{ record, want string }{
		{fmt.Sprintf(`"Subject":"Hi","Status":"Completed","ActivityDate":"2026-02-28","OwnerId":%q,"WhoId":%q,"WhatId":%q,"RecordTypeId":%q,"Description":"b","LID__Activity_Id__c":"a1"`, seller, contact, account, types[0][0]), "ok"},
		{`"Subject":"unassigned"`, "ok"},
		{fmt.Sprintf(`"WhoId":%q`, lead), "ok"},
		{fmt.Sprintf(`"WhoId":%q`, contact[:15]), "ok"},
		{`"Subject":"` + strings.Repeat("é", 255) + `"`, "ok"},
		{`"Subject":"` + strings.Repeat("é", 256) + `"`, "STRING_TOO_LONG Subject"},
		{`"Description":"` + strings.Repeat("x", 32001) + `"`, "STRING_TOO_LONG Description"},
		{`"Status":null`, "REQUIRED_FIELD_MISSING Status"},
		{`"WhoId":"003Kf0000009999IAA"`, "INVALID_CROSS_REFERENCE_KEY WhoId"},
		{fmt.Sprintf(`"WhoId":%q`, gone), "INVALID_CROSS_REFERENCE_KEY WhoId"},
		{fmt.Sprintf(`"WhoId":%q`, account), "MALFORMED_ID WhoId"},
		{`"WhoId":"nonsense"`, "MALFORMED_ID WhoId"},
		{fmt.Sprintf(`"WhoId":%q,"WhatId":%q`, lead, account), "FIELD_INTEGRITY_EXCEPTION WhatId"},
		{fmt.Sprintf(`"OwnerId":%q`, left), "INACTIVE_OWNER_OR_USER"},
		{`"OwnerId":"005Kf0000009999IAA"`, "INVALID_CROSS_REFERENCE_KEY OwnerId"},
		{`"RecordTypeId":"012Kf0000009999IAA"`, "INVALID_CROSS_REFERENCE_KEY RecordTypeId"},
		{`"LID__Activity_Id__c":"A1"`, "DUPLICATE_VALUE LID__Activity_Id__c"},
		{`"Nope":1`, "INVALID_FIELD Nope"},
		{`"CallType":"Internal"`, "INVALID_FIELD CallType"},
		{`"CreatedDate":"2020-01-01T00:00:00Z"`, "INVALID_FIELD_FOR_INSERT_UPDATE CreatedDate"},
		{`"Id":"00TKf0000009999IAA"`, "INVALID_FIELD_FOR_INSERT_UPDATE Id"},
		{`"ActivityDate":"28.2.2026"`, "INVALID_TYPE_ON_FIELD_IN_RECORD ActivityDate"},
	}
	var records []string
	for _, tc := range cases {
		records = append(records, `{"attributes":{"type":"Task"},`+tc.record+`}`)
	}
	records = append(records, `{"attributes":{"type":"Note"},"Title":"T","ParentId":"`+account+`","Body":"b"}`,
		`{"attributes":{"type":"Note"},"Title":"`+strings.Repeat("t", 81)+`","ParentId":"`+account+`"}`, `{"attributes":{"type":"Note"},"Body":"b"}`,
		`{"attributes":{"type":"Nope"},"Body":"b"}`, `{"attributes":{"type":"User"},"LastName":"b"}`)
	var wants []string
	for _, tc := range cases {
		wants = append(wants, tc.want)
	}
	wants = append(wants, "ok", "STRING_TOO_LONG Title", "REQUIRED_FIELD_MISSING ParentId,Title", "INVALID_TYPE", "INVALID_TYPE_FOR_OPERATION")
	results := c.collection("POST", `{"allOrNone":false,"records":[`+strings.Join(records, ",")+`]}`)
	var got []string
	for _, r := range results {
		got = append(got, r.brief())
	}
	if d := cmp.Diff(wants, got); d != "" {
		t.Error(d)
	}
	row, err := c.org.Get("Task", results[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Id": results[0].ID, "IsDeleted": "false", "Subject": "Hi", "Status": "Completed", "ActivityDate": "2026-02-28", "OwnerId": seller, "WhoId": contact, "WhatId": account,
		"AccountId": account, "RecordTypeId": types[0][0], "Description": "b", "LID__Activity_Id__c": "a1", "Priority": "Normal", "TaskSubtype": "Task", "IsClosed": "true",
		"IsHighPriority": "false", "CreatedById": c.org.UserID(), "LastModifiedById": c.org.UserID(),
		"CreatedDate": "2026-03-01T12:00:00.000Z", "LastModifiedDate": "2026-03-01T12:00:00.000Z", "SystemModstamp": "2026-03-01T12:00:00.000Z",
	}
	if d := cmp.Diff(want, row); d != "" {
		t.Error(d)
	}
	if live, _, _ := c.org.Count("Task"); live != 5 {
		t.Errorf("tasks: %d", live)
	}
}

func TestCollectionsAllOrNone(t *testing.T) {
	c := newClient(t, fakeforce.Options{CustomFields: map[string][]fakeforce.Field{"Contact": {{Name: "Ext__c", Type: fakeforce.TypeString, Unique: true, ExternalID: true}}}})
	body := `"records":[{"attributes":{"type":"Contact"},"LastName":"A","Ext__c":"1"},{"attributes":{"type":"Contact"}},{"attributes":{"type":"Contact"},"LastName":"B"}]}`
	results := c.collection("POST", `{"allOrNone":true,`+body)
	if got := results[0].brief() + "|" + results[1].brief() + "|" + results[2].brief(); got != "ALL_OR_NONE_OPERATION_ROLLED_BACK|REQUIRED_FIELD_MISSING LastName|ALL_OR_NONE_OPERATION_ROLLED_BACK" {
		t.Error(got)
	}
	if live, _, _ := c.org.Count("Contact"); live != 0 {
		t.Fatalf("%d rows stayed", live)
	}
	// The unique value is free again.
	results = c.collection("POST", `{"allOrNone":false,`+body)
	if !results[0].Success || !results[2].Success {
		t.Fatalf("%+v", results)
	}
	before, _ := c.org.Get("Contact", results[0].ID)
	change := fmt.Sprintf(`{"allOrNone":true,"records":[{"attributes":{"type":"Contact"},"id":%q,"LastName":"Z","Ext__c":"2"},{"attributes":{"type":"Contact"},"Id":%q,"LastName":null}]}`, results[0].ID, results[2].ID)
	if got := c.collection("PATCH", change); got[0].Success || got[1].brief() != "REQUIRED_FIELD_MISSING LastName" {
		t.Errorf("%+v", got)
	}
	after, _ := c.org.Get("Contact", results[0].ID)
	if d := cmp.Diff(before, after); d != "" {
		t.Error(d)
	}
	var removed []saveResult
	c.json(200, "DELETE", "composite/sobjects?allOrNone=true&ids="+results[0].ID+",003Kf0000009999IAA", "", &removed)
	if live, _, _ := c.org.Count("Contact"); live != 2 || removed[1].brief() != "INVALID_CROSS_REFERENCE_KEY" {
		t.Errorf("%d rows, %+v", live, removed)
	}
	var upserted []saveResult
	c.json(200, "PATCH", "composite/sobjects/Contact/Ext__c", `{"records":[{"attributes":{"type":"Contact"},"Ext__c":"1","Title":"CEO"},{"attributes":{"type":"Contact"},"Ext__c":"7","LastName":"New"}]}`, &upserted)
	if upserted[0].ID != results[0].ID || *upserted[0].Created || !*upserted[1].Created {
		t.Errorf("%+v", upserted)
	}
	var read []map[string]any
	c.json(200, "POST", "composite/sobjects/Contact", fmt.Sprintf(`{"ids":[%q,"003Kf0000009999IAA"],"fields":["Title"]}`, results[0].ID), &read)
	if len(read) != 2 || read[0]["Title"] != "CEO" || read[1] != nil {
		t.Errorf("%v", read)
	}
}

func TestCollectionsBounds(t *testing.T) {
	c := newClient(t, fakeforce.Options{})
	one := `{"attributes":{"type":"Contact"},"LastName":"x"}`
	c.fails(400, "EXCEEDED_ID_LIMIT", "POST", "composite/sobjects", `{"records":[`+strings.Repeat(one+",", 200)+one+`]}`)
	c.fails(400, "INVALID_INPUT", "POST", "composite/sobjects", `{"records":[]}`)
	c.fails(400, "INVALID_INPUT", "POST", "composite/sobjects", `{"records":[{"LastName":"x"}]}`)
	c.fails(400, "JSON_PARSER_ERROR", "POST", "composite/sobjects", `{"records":[}`)
	mixed := one + `,{"attributes":{"type":"Account"},"Name":"x"}`
	c.fails(400, "LIMIT_EXCEEDED", "POST", "composite/sobjects", `{"records":[`+strings.Repeat(mixed+",", 5)+one+`]}`)
	if got := c.collection("POST", `{"records":[`+strings.Repeat(one+",", 199)+one+`]}`); len(got) != 200 {
		t.Errorf("%d results", len(got))
	}
}

func TestSingleRecords(t *testing.T) {
	clock := fakeforce.FixedClock(epoch)
	c := newClient(t, fakeforce.Options{Clock: clock, CustomFields: map[string][]fakeforce.Field{"Contact": {{Name: "Ext__c", Type: fakeforce.TypeString, Unique: true, ExternalID: true}}}})
	var made saveResult
	c.json(201, "POST", "sobjects/Contact", `{"LastName":" Doe ","Email":"d@example.com","Ext__c":"1"}`, &made)
	path := "sobjects/Contact/" + made.ID
	clock.Advance(90*time.Second + 500*time.Millisecond)
	c.text(204, "PATCH", path, `{"FirstName":"Jane"}`)
	var row map[string]any
	c.json(200, "GET", path+"?fields=Name,CreatedDate,SystemModstamp", "", &row)
	if row["Name"] != "Jane Doe" || row["CreatedDate"] != "2026-03-01T12:00:00.000+0000" || row["SystemModstamp"] != "2026-03-01T12:01:30.000+0000" {
		t.Errorf("%v", row)
	}
	c.json(200, "GET", path, "", &row)
	if row["Email"] != "d@example.com" || row["AccountId"] != nil {
		t.Errorf("%v", row)
	}
	c.fails(400, "REQUIRED_FIELD_MISSING", "POST", "sobjects/Contact", `{"FirstName":"x"}`)
	c.fails(400, "DUPLICATE_VALUE", "POST", "sobjects/Contact", `{"LastName":"x","Ext__c":"1"}`)
	c.fails(400, "INVALID_FIELD", "POST", "sobjects/Contact", `{"LastName":"x","Nope":"1"}`)
	c.fails(400, "INVALID_FIELD", "GET", path+"?fields=Nope", "")
	c.fails(404, "NOT_FOUND", "GET", "sobjects/Contact/003Kf0000009999IAA", "")
	c.fails(404, "NOT_FOUND", "GET", "sobjects/Nope/003Kf0000009999IAA", "")
	c.fails(405, "METHOD_NOT_ALLOWED", "POST", "sobjects/Organization", `{"Name":"x"}`)
	var up saveResult
	c.json(200, "PATCH", "sobjects/Contact/Ext__c/1", `{"Title":"CEO"}`, &up)
	c.json(201, "PATCH", "sobjects/Contact/Ext__c/a%20b", `{"LastName":"New"}`, &up)
	if got, _ := c.org.Get("Contact", up.ID); got["Ext__c"] != "a b" {
		t.Errorf("%v", got)
	}
	c.text(204, "DELETE", path, "")
	c.fails(404, "ENTITY_IS_DELETED", "GET", path, "")
	c.fails(404, "ENTITY_IS_DELETED", "DELETE", path, "")
}

func TestDeletesAndReplication(t *testing.T) {
	clock := fakeforce.FixedClock(epoch)
	c := newClient(t, fakeforce.Options{Clock: clock})
	account := c.insert("Account", fields{"Name": "Acme"})
	contact := c.insert("Contact", fields{"LastName": "Doe", "AccountId": account})
	deal := c.insert("Opportunity", fields{"Name": "D", "AccountId": account, "StageName": "Closed Won", "CloseDate": "2026-01-01"})
	role := c.insert("OpportunityContactRole", fields{"OpportunityId": deal, "ContactId": contact})
	other := c.insert("Contact", fields{"LastName": "Other"})
	if row, _ := c.org.Get("Opportunity", deal); row["IsWon"] != "true" || row["IsClosed"] != "true" {
		t.Errorf("won deal: %v", row)
	}
	clock.Advance(time.Hour)
	if err := c.org.Delete("Account", account); err != nil {
		t.Fatal(err)
	}
	for object, id := range map[string]string{"Account": account, "Contact": contact, "Opportunity": deal, "OpportunityContactRole": role} {
		rows, err := c.org.AllRows("SELECT IsDeleted, SystemModstamp FROM " + object + " WHERE Id = '" + id + "'")
		if err != nil || len(rows) != 1 || rows[0][0] != "true" || rows[0][1] != "2026-03-01T13:00:00.000Z" {
			t.Errorf("%s: %v, %v", object, rows, err)
		}
	}
	clock.Advance(time.Hour)
	if err := c.org.Undelete("Contact", contact); err != nil {
		t.Fatal(err)
	}
	if err := c.org.HardDelete("OpportunityContactRole", role); err != nil {
		t.Fatal(err)
	}
	if err := c.org.Delete("User", c.org.UserID()); err == nil {
		t.Error("a user was deleted")
	}
	c.login() // two hours have passed
	window := "?start=" + url.QueryEscape("2026-03-01T12:30:00+00:00") + "&end=2026-03-01T15:00:00Z"
	deleted := func(object string) string {
		var a struct {
			DeletedRecords                           []struct{ ID, DeletedDate string }
			EarliestDateAvailable, LatestDateCovered string
		}
		c.json(200, "GET", "sobjects/"+object+"/deleted/"+window, "", &a)
		earliest := "2026-02-14T14:00:00.000+0000"
		if object == "OpportunityContactRole" { // the log is complete only from the removal for good on
			earliest = "2026-03-01T14:00:00.000+0000"
		}
		if a.EarliestDateAvailable != earliest || a.LatestDateCovered != "2026-03-01T14:00:00.000+0000" {
			t.Errorf("%s: %+v", object, a)
		}
		var ids []string
		for _, r := range a.DeletedRecords {
			ids = append(ids, r.ID+"@"+r.DeletedDate)
		}
		return strings.Join(ids, " ")
	}
	for object, want := range map[string]string{
		"Account": account + "@2026-03-01T13:00:00.000+0000", "Contact": "", "Opportunity": deal + "@2026-03-01T13:00:00.000+0000", "OpportunityContactRole": "",
	} {
		if got := deleted(object); got != want {
			t.Errorf("deleted %s: %q, want %q", object, got, want)
		}
	}
	var updated struct{ IDs []string }
	c.json(200, "GET", "sobjects/Contact/updated"+window, "", &updated)
	if len(updated.IDs) != 1 || updated.IDs[0] != contact {
		t.Errorf("updated: %v, not %s", updated.IDs, other)
	}
	c.fails(400, "INVALID_REPLICATION_DATE", "GET", "sobjects/Contact/deleted?start=2026-03-01T12:00:00Z&end=2026-03-01T12:00:30Z", "")
	c.fails(400, "INVALID_REPLICATION_DATE", "GET", "sobjects/Contact/deleted?start=2026-01-01T12:00:00Z&end=2026-03-01T12:00:30Z", "")
	c.fails(400, "INVALID_REPLICATION_DATE", "GET", "sobjects/Contact/deleted", "")
}
