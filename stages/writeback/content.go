package writeback

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmsync/crmsync/pipeline/salesforce"
)

// The kinds of activities.
const (
	kindInMail     = "InMail"
	kindMessage    = "Message"
	kindCall       = "Call"
	kindPointDrive = "PointDriveView"
	kindNote       = "Note"
)

// The objects that activities become.
const (
	objectTask = "Task"
	objectNote = "Note"
)

// The lengths that Salesforce takes, in characters.
const (
	maxSubject     = 255
	maxDescription = 32000
	maxTitle       = 80
	maxBody        = 32000
)

// activity is what a seller did and marked for logging.
type activity struct {
	ActivityID, Kind, SeatID string
	MemberID, CompanyID      string
	OccurredAt               time.Time
	Subject, Body            string
}

// content is a record to be made, before it is sent: exactly the fields of R28.
type content struct {
	Object       string
	OwnerID      string
	WhoID        string
	WhatID       string
	ParentID     string
	RecordTypeID string
	Subject      string // Title of a note
	Text         string // Description of a task, Body of a note
	Status       string
	Date         string // ActivityDate, 2006-01-02; empty when the kind has none
	// Cut names the fields that were cut to Salesforce's length.
	Cut []string
}

// subjects stand in for those that sellers left empty.
var subjects = map[string]string{
	kindInMail: "InMail", kindMessage: "LinkedIn message", kindCall: "Call", kindPointDrive: "Smart Link viewed", kindNote: "Note",
}

// build makes the record of a candidate that may be sent.
func build(c *candidate, org *orgFacts, status string) content {
	r := content{OwnerID: c.UserID, Subject: clean(c.Subject), Text: clean(c.Body)}
	count := units
	if c.Strict {
		r.Subject, r.Text, count = plain(r.Subject), plain(r.Text), strictest
	}
	if r.Subject == "" {
		r.Subject = subjects[c.Kind]
	}
	subjectField, subjectLimit, textField, textLimit := "Subject", maxSubject, "Description", maxDescription
	if c.Kind == kindNote {
		subjectField, subjectLimit, textField, textLimit = "Title", maxTitle, "Body", maxBody
	}
	var isCut bool
	if r.Subject, isCut = cut(r.Subject, subjectLimit, count); isCut {
		r.Cut = append(r.Cut, subjectField)
	}
	whole := r.Text
	if r.Text, isCut = cut(whole, textLimit, count); isCut {
		r.Cut = append(r.Cut, textField)
	}
	// The link stands in the text, also when only the subject was cut: a title has no room for it.
	if link := linkTo(c.Link); link != "" && r.Cut != nil {
		if r.Text, isCut = cut(whole, textLimit-count(link), count); isCut && !slices.Contains(r.Cut, textField) {
			r.Cut = append(r.Cut, textField)
		}
		r.Text += link
	}
	if c.Kind == kindNote {
		r.Object, r.ParentID = objectNote, c.PersonID
		if r.ParentID == "" {
			r.ParentID = c.AccountID
		}
		return r
	}
	r.Object, r.Status, r.RecordTypeID = objectTask, status, org.recordTypes[c.Kind]
	r.WhoID = c.PersonID
	// A task about a lead is about nothing else: Salesforce takes no WhatId then.
	if c.PersonObject != "Lead" {
		r.WhatID = c.AccountID
	}
	if c.Kind != kindCall { // R28: a call's date is the org's default
		r.Date = c.OccurredAt.UTC().Format(time.DateOnly)
	}
	return r
}

// record is the content as the API takes it; fields without a value are left out.
func (r content) record() salesforce.Record {
	fields := map[string]any{}
	set := func(name, value string) {
		if value != "" {
			fields[name] = value
		}
	}
	set("OwnerId", r.OwnerID)
	if r.Object == objectNote {
		set("ParentId", r.ParentID)
		set("Title", r.Subject)
		set("Body", r.Text)
		return salesforce.Record{Type: objectNote, Fields: fields}
	}
	set("WhoId", r.WhoID)
	set("WhatId", r.WhatID)
	set("RecordTypeId", r.RecordTypeID)
	set("Subject", r.Subject)
	set("Status", r.Status)
	set("ActivityDate", r.Date)
	set("Description", r.Text)
	return salesforce.Record{Type: objectTask, Fields: fields}
}

// contentOf is the content of a record as the org tells its fields.
func contentOf(object string, field func(name string) string) content {
	r := content{Object: object, OwnerID: field("OwnerId")}
	if object == objectNote {
		r.ParentID, r.Subject, r.Text = field("ParentId"), field("Title"), field("Body")
		return r
	}
	r.WhoID, r.WhatID, r.RecordTypeID = field("WhoId"), field("WhatId"), field("RecordTypeId")
	r.Subject, r.Status, r.Date, r.Text = field("Subject"), field("Status"), field("ActivityDate"), field("Description")
	return r
}

// size is about how many bytes the record takes in an upload.
func (r content) size() int { return len(r.Subject) + len(r.Text) + 200 }

// fingerprint identifies the content, whatever form ids have and however line ends come back.
func (r content) fingerprint() string {
	return digest(r.Object, shortID(r.OwnerID), shortID(r.WhoID), shortID(r.WhatID), shortID(r.ParentID), r.textprint())
}

// textprint identifies what a person who reassigns a record leaves as it was: everything but owner and targets.
func (r content) textprint() string {
	return digest(r.Object, shortID(r.RecordTypeID), r.Date, canonical(r.Subject), canonical(r.Text))
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func shortID(id string) string {
	if len(id) > 15 {
		return id[:15]
	}
	return id
}

func canonical(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.TrimSpace(s)
}

// uniqueValue is an activity's value in a unique field. It is a hash, since such fields don't tell upper from lower case.
func uniqueValue(contract, activityID string, length int) string {
	return digest(contract, activityID)[:min(64, length)]
}
